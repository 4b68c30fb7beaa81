import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inflateSync } from 'node:zlib';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { interFonts } from '../../../lib/adapters/report-fonts/inter.ts';
import type { UsageReport } from '../../../lib/domain/reporting/report.ts';
import { legible } from '../../../lib/domain/words/numbers.ts';
import { composeReport } from '../../../lib/portal/report/compose.ts';
import { renderPdf } from '../../../lib/portal/report/pdf/render-pdf.ts';
import { renderCsv } from '../../../lib/portal/report/render-csv.ts';
import { renderHtml } from '../../../lib/portal/report/render-html.tsx';
import { renderJson } from '../../../lib/portal/report/render-json.ts';
import { UGLY, uglyReport } from './reports.ts';

const reports = new Map<string, UsageReport>();
const reportOf = (name: string): UsageReport => {
  const known = reports.get(name) ?? uglyReport(name);
  reports.set(name, known);
  return known;
};
const NAMES = Object.keys(UGLY);
const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, strictRequired: false });
(addFormats as unknown as (ajv: Ajv2020) => void)(ajv);
const schema = join(import.meta.dirname, '../../../docs/schema/usage-report.schema.json');
const fits = ajv.compile(JSON.parse(readFileSync(schema, 'utf8')));

describe('JSON', () => {
  test.each(NAMES)('%s fits its schema', (name) => {
    expect(fits(JSON.parse(renderJson(reportOf(name)))) ? [] : fits.errors).toEqual([]);
  });
});

describe('HTML', () => {
  test.each(NAMES)(
    '%s: one page without script, style attributes or anything from elsewhere, its tags closed',
    (name) => {
      const page = renderHtml(reportOf(name));
      expect(page).toMatch(/^<!doctype html><html lang="en">/);
      expect(page).not.toMatch(/<script|<link|<img|@import|url\(|\sstyle="|\son[a-z]+="/);
      expect(page.replaceAll('http://www.w3.org/2000/svg', '')).not.toMatch(/https?:/);
      for (const tag of ['table', 'section', 'figure', 'svg', 'tr', 'dl', 'ul']) {
        expect(page.split(`</${tag}>`).length).toBe(page.split(new RegExp(`<${tag}[ >]`)).length);
      }
      expect(page).not.toMatch(/undefined|NaN|\[object|Infinity/);
    },
  );
  test('every line, its why and the total are on the page', () => {
    const report = reportOf('ordinary');
    const page = renderHtml(report);
    for (const { title, explanation } of report.bill.lines) {
      expect(page).toContain(title);
      expect(page).toContain(legible(explanation));
    }
    expect(page).toContain(`USD ${report.bill.total}`);
  });
  test('a name is never markup, and shows in its own script', () => {
    expect(renderHtml(reportOf('a name that is markup'))).toContain(
      '&lt;script&gt;alert(1)&lt;/script&gt; &amp; &quot;Söhne&quot;',
    );
    expect(renderHtml(reportOf('a name in Arabic'))).toContain('<h1 dir="auto">شركة الاختبار للتقنية</h1>');
  });
  test('charts say in words what they show, and their numbers stand in tables', () => {
    const page = renderHtml(reportOf('ordinary'));
    const pictures = [...page.matchAll(/role="img" aria-label="([^"]*)"/g)].map(([, label]) => label);
    expect(pictures.length).toBe(8);
    expect(pictures.every((label) => (label ?? '').length > 20)).toBe(true);
    expect(page).toContain('<th scope="row">2026-10-01</th>');
  });
  test('an open month shows its forecast and what is provisional', () => {
    const page = renderHtml(reportOf('an open month'));
    expect(page).toContain('Where this period is going');
    expect(page).toContain('Dashed outlines are expected.');
    expect(page).toContain('stroke-dasharray');
  });
  test('40 groups are five series in the picture, and 40 rows in the table', () => {
    const { sections } = composeReport(reportOf('40 groups'));
    const blocks = sections.find(({ id }) => id === 'usage')?.blocks ?? [];
    expect(blocks.find((block) => block.kind === 'chart')).toMatchObject({
      legend: expect.arrayContaining(['36 others']),
    });
    expect(blocks.find((block) => block.kind === 'table')).toMatchObject({ rows: { length: 40 } });
  });
});

describe('CSV', () => {
  const rows = (text: string) => text.split('\r\n').slice(0, -1);
  test.each(NAMES)('%s: a header and one row per rated line', (name) => {
    const report = reportOf(name);
    expect(rows(renderCsv(report))).toHaveLength(report.bill.lines.length + 1);
  });
  test('cells are quoted where needed, and formulas become text; numbers below zero stay numbers', () => {
    const report = reportOf('ordinary');
    const [line, ...rest] = report.bill.lines.slice(-1);
    if (!line) throw new Error('a bill has lines');
    const hostile = {
      ...line,
      title: '=HYPERLINK("http://x";"y")',
      explanation: 'a,b\n"c"',
      rule: '@SUM(1)',
      charge: '-1+2',
      meter: '\tx',
    };
    const text = renderCsv({ ...report, bill: { ...report.bill, lines: [hostile, ...rest] } });
    expect(text).toContain(`,"'=HYPERLINK(""http://x"";""y"")",`);
    expect(text).toContain(',"a,b\n""c""",');
    expect(text).toContain(",'@SUM(1),");
    expect(text).toContain(",'-1+2,");
    expect(text).toContain(",'\tx,");
    expect(text).toContain(`,${line.amount},`);
    expect(line.amount.startsWith('-')).toBe(true);
  });
});

/** Streams of a PDF that can be read, decompressed. */
function streams(pdf: Uint8Array): string {
  const bytes = Buffer.from(pdf);
  const text = bytes.toString('latin1');
  return [...text.matchAll(/stream\r?\n/g)]
    .map(({ index, 0: mark }) => {
      const [start, end] = [index + mark.length, text.indexOf('endstream', index)];
      try {
        return inflateSync(bytes.subarray(start, end)).toString('latin1');
      } catch {
        return '';
      }
    })
    .join('\n');
}
const ESCAPES: Readonly<Record<string, string>> = { '\t': 't', '\n': 'n', '\r': 'r', '\b': 'b', '\f': 'f' };
const utf16 = (text: string): string =>
  Buffer.from(`\ufeff${text}`, 'utf16le')
    .swap16()
    .toString('latin1')
    .replace(/[\\()\t\n\r\b\f]/g, (c) => `\\${ESCAPES[c] ?? c}`);

describe('PDF', () => {
  const fonts = interFonts();
  const made = new Map<string, Uint8Array>();
  const pdfOf = async (name: string): Promise<Uint8Array> => {
    const known = made.get(name) ?? (await renderPdf(reportOf(name), { fonts }));
    made.set(name, known);
    return known;
  };
  const textOf = async (name: string) => Buffer.from(await pdfOf(name)).toString('latin1');
  test.each(NAMES)('%s: tagged, in English, with a title, bookmarks and an embedded font', async (name) => {
    const pdf = await textOf(name);
    expect(pdf).toMatch(/^%PDF-1\.7/);
    for (const part of [
      '/MarkInfo',
      '/StructTreeRoot',
      '/Lang (en)',
      '/DisplayDocTitle true',
      '/Outlines',
      '/FontFile2',
      '/S /H1',
      '/S /Table',
      '/Scope /Column',
      'pdfuaid:part',
    ]) {
      expect(pdf).toContain(part);
    }
    expect(pdf).not.toMatch(/\/Subtype \/Type1\b/);
    expect(pdf).not.toContain('/S /JavaScript');
  });
  test('a name that is markup stays text in the metadata', async () => {
    const pdf = await textOf('a name that is markup');
    expect(pdf).toContain('&lt;script&gt;alert(1)&lt;/script&gt; &amp; ');
    expect(pdf).not.toContain('x-default">Usage report, October 2026: <script>');
  });
  test('the same report is the same bytes', async () => {
    const [a, b] = [await pdfOf('ordinary'), await renderPdf(reportOf('ordinary'), { fonts })];
    expect(Buffer.from(a).equals(Buffer.from(b))).toBe(true);
  });
  test('pages are A4, or Letter where asked', async () => {
    expect(await textOf('no usage')).toContain('/MediaBox [0 0 595.28 841.89]');
    expect(Buffer.from(await renderPdf(reportOf('no usage'), { fonts, size: 'LETTER' })).toString('latin1')).toContain(
      '/MediaBox [0 0 612 792]',
    );
  });
  test.each(['a name of 200 characters in Chinese', 'a name in Arabic'])(
    '%s: no empty box is drawn; the name is in the title and behind the heading, and a sentence says so',
    async (name) => {
      const report = reportOf(name);
      const pdf = await pdfOf(name);
      const text = Buffer.from(pdf).toString('latin1');
      expect(text).toContain(utf16(`Usage report, October 2026: ${report.customer.name}`));
      expect(text).toMatch(/\/ActualText \(/);
      // Glyph 0 is the empty box; pdfkit writes two bytes a glyph, its subset's first entry is glyph 0.
      const drawn = streams(pdf).match(/^\[.*\] TJ$/gm) ?? [];
      expect(drawn.length).toBeGreaterThan(20);
      expect(drawn.filter((text) => /<(?:[0-9a-f]{4})*?0000(?:[0-9a-f]{4})*>/.test(text))).toEqual([]);
    },
  );
  test('Greek and Cyrillic are drawn as they are', async () => {
    const pdf = await textOf('a name in Greek and Cyrillic');
    expect(pdf).not.toContain('/ActualText');
  });
  test('250 lines run over pages, each with the heading, and none is lost', async () => {
    const pages = (pdf: string) => pdf.match(/\/Type \/Page\b/g)?.length ?? 0;
    const rows = (pdf: string) => pdf.match(/\/S \/TR\b/g)?.length ?? 0;
    const [many, few] = [await textOf('an invoice of 250 lines'), await textOf('no usage')];
    expect(pages(many)).toBeGreaterThan(10);
    expect(rows(many)).toBeGreaterThan(rows(few) + 500);
  });
});
