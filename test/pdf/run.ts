import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { interFonts } from '../../lib/adapters/report-fonts/inter.ts';
import { renderPdf } from '../../lib/portal/report/pdf/render-pdf.ts';
import { UGLY, uglyReport } from '../portal/report/reports.ts';

/**
 * Holds PDF reports against PDF/UA-1 (ISO 14289-1) with veraPDF. It comes from Maven Central, or from VERAPDF_JAR;
 * without Java, or without a way to get it, the suite is skipped by name.
 */
const VERAPDF = 'org.verapdf.apps:greenfield-apps:1.28.1';
const run = promisify(execFile);

async function works(command: string, args: readonly string[]): Promise<boolean> {
  return run(command, [...args]).then(
    () => true,
    () => false,
  );
}

/** @returns the jar, or why there is none */
async function veraPdf(folder: string): Promise<{ jar: string } | { missing: string }> {
  if (!(await works('java', ['-version']))) return { missing: 'Java' };
  const given = process.env.VERAPDF_JAR;
  if (given) return { jar: given };
  if (!(await works('mvn', ['--version']))) return { missing: 'Maven (or VERAPDF_JAR)' };
  const [, name, version] = VERAPDF.split(':');
  const copied = await works('mvn', [
    '-q',
    '-B',
    'dependency:copy',
    `-Dartifact=${VERAPDF}`,
    `-DoutputDirectory=${folder}`,
  ]);
  return copied
    ? { jar: join(folder, `${name}-${version}.jar`) }
    : { missing: `${VERAPDF}, which Maven could not fetch` };
}

/** @returns what veraPDF says of each file, by its name */
async function check(jar: string, files: readonly string[]): Promise<string> {
  const args = [
    '-cp',
    jar,
    'org.verapdf.apps.GreenfieldCliWrapper',
    '--flavour',
    'ua1',
    '--format',
    'text',
    '-v',
    ...files,
  ];
  // It exits with 1 where a file fails, and says which.
  return run('java', args, { maxBuffer: 2 ** 24 }).then(
    ({ stdout }) => stdout,
    ({ stdout }: { stdout?: string }) => stdout ?? '',
  );
}

async function main(folder: string): Promise<void> {
  const names = Object.keys(UGLY);
  const tool = await veraPdf(folder);
  if ('missing' in tool) {
    for (const name of names) console.log(`skipped: PDF/UA-1, ${name}: no ${tool.missing} here`);
    console.log(`0 passed, 0 failed, ${names.length} skipped`);
    return;
  }
  const files = names.map((_, index) => join(folder, `${index}.pdf`));
  for (const [index, name] of names.entries()) {
    const size = index % 2 === 0 ? 'A4' : 'LETTER';
    writeFileSync(files[index] ?? '', await renderPdf(uglyReport(name), { fonts: interFonts(), size }));
  }
  // A file that is no PDF/UA: a checker that passes it has looked at nothing.
  const broken = join(folder, 'broken.pdf');
  const { default: PDFDocument } = await import('pdfkit');
  const chunks: Uint8Array[] = [];
  const untagged = new PDFDocument();
  untagged.on('data', (chunk: Uint8Array) => void chunks.push(chunk));
  const ended = new Promise((done) => untagged.on('end', done));
  untagged.text('no tags').end();
  await ended;
  writeFileSync(broken, Buffer.concat(chunks));
  const output = await check(tool.jar, [...files, broken]);
  const passed = (file: string) => output.split('\n').some((line) => line.startsWith('PASS ') && line.includes(file));
  const results = [
    ...names.map((name, index) => [name, passed(files[index] ?? '')] as const),
    ['a file without tags is refused', output.includes(`FAIL ${broken}`)] as const,
  ];
  for (const [name, ok] of results) console.log(`${ok ? 'passed' : 'FAILED'}: PDF/UA-1, ${name}`);
  const failed = results.filter(([, ok]) => !ok).length;
  if (failed > 0) console.log(output);
  console.log(`${results.length - failed} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
}

const folder = mkdtempSync(join(tmpdir(), 'tollgate-pdf-'));
try {
  await main(folder);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
