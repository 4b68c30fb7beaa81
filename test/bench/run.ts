import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { BenchResult } from './result.ts';

/** In the order they run; one whose file is not there is left out. */
const MODULES = [
  'metering',
  'rating',
  'rules',
  'validate',
  'authorizer',
  'bundles',
  'plan',
  'invoicing',
  'verify',
  'reports',
  'portal',
  'watching',
] as const;

const USAGE = `npm run bench -- [NAME ...] [--json FILE] [--strict]
  NAME         ${MODULES.join(', ')}; all of them when none is named
  --json FILE  writes the results there too
  --strict     exits with 1 when a goal is missed
`;

interface Options {
  readonly names: readonly string[];
  readonly json: string | undefined;
  readonly strict: boolean;
}

const fileOf = (name: string): string => join(import.meta.dirname, `${name}.ts`);

/** @throws TypeError for a name or an option that nobody knows */
function optionsOf(args: readonly string[]): Options {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { json: { type: 'string' }, strict: { type: 'boolean', default: false } },
  });
  const present = MODULES.filter((name) => existsSync(fileOf(name)));
  const unknown = positionals.filter((name) => !present.some((known) => known === name));
  if (unknown.length > 0) {
    throw new TypeError(`no benchmark called ${unknown.join(', ')}; there are ${present.join(', ')}`);
  }
  const names = positionals.length > 0 ? present.filter((name) => positionals.includes(name)) : present;
  return { names, json: values.json, strict: values.strict };
}

async function measure(name: string): Promise<readonly BenchResult[]> {
  const started = performance.now();
  process.stderr.write(`bench: ${name} …\n`);
  const { run } = (await import(fileOf(name))) as { run(): Promise<readonly BenchResult[]> };
  const results = await run();
  process.stderr.write(`bench: ${name}, ${((performance.now() - started) / 1000).toFixed(1)} s\n`);
  return results;
}

const HEAD = ['name', 'value', 'unit', 'ratio', 'goal', 'met'];
/** Columns of numbers, which stand at the right. */
const NUMERIC: ReadonlySet<number> = new Set([1, 3]);

function table(results: readonly BenchResult[]): string {
  const cells = results.map(({ name, value, unit, ratio, goal, met }) => [
    name,
    value.toLocaleString('en-US'),
    unit,
    ratio === undefined ? '' : ratio.toFixed(2),
    goal ?? '',
    met === undefined ? '' : met ? 'yes' : 'NO',
  ]);
  const rows = [HEAD, ...cells];
  const widths = HEAD.map((_, column) => Math.max(...rows.map((row) => (row[column] as string).length)));
  const line = (row: readonly string[]) =>
    row.map((cell, i) => (NUMERIC.has(i) ? cell.padStart(widths[i] as number) : cell.padEnd(widths[i] as number)));
  return rows.map((row) => `${line(row).join('  ').trimEnd()}\n`).join('');
}

async function main({ names, json, strict }: Options): Promise<void> {
  const results: BenchResult[] = [];
  for (const name of names) results.push(...(await measure(name)));
  process.stdout.write(table(results));
  if (json !== undefined) writeFileSync(json, `${JSON.stringify({ node: process.version, results }, null, 2)}\n`);
  const missed = results.filter(({ met }) => met === false);
  if (missed.length === 0) return;
  process.stderr.write(
    `bench: ${missed.length} of ${results.filter(({ met }) => met !== undefined).length} goals missed\n`,
  );
  if (strict) process.exitCode = 1;
}

/** Only the options, so that a fault inside a benchmark keeps its stack. */
function optionsOrUsage(args: readonly string[]): Options | null {
  try {
    return optionsOf(args);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    process.stderr.write(`bench: ${error.message}\n\n${USAGE}`);
    return null;
  }
}

const options = optionsOrUsage(process.argv.slice(2));
if (options) await main(options);
else process.exitCode = 2;
