import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { MARKER, renderMarkdown } from '../../lib/cli/plan/render-markdown.ts';
import type { PlanReport } from '../../lib/domain/impact/report.ts';
import { COMPANIES, COMPANIES_USAGE, calls, PlanWorld, smallerProgramme } from './plan-world.ts';

/** Written anew with UPDATE_GOLDEN=1; a reviewer reads the difference. */
const GOLDEN = resolve(import.meta.dirname, '../golden/plan');

let world: PlanWorld;
beforeAll(() => {
  world = new PlanWorld();
  world.rules('rules');
  world.rules('proposed', smallerProgramme());
  world.lines('usage.ndjson', [...COMPANIES_USAGE, calls('stranger', 310)]);
  world.json('customers.json', COMPANIES);
});
afterAll(() => world.remove());

const usage = ['--usage', 'usage.ndjson', '--customers', 'customers.json'];

test.each([
  { format: 'text', file: 'startups.txt' },
  { format: 'markdown', file: 'startups.md' },
  { format: 'json', file: 'startups.json' },
  { format: 'html', file: 'startups.html' },
])('$format reads as in $file', async ({ format, file }) => {
  const { out, err, exitCode } = await world.plan([
    '--base',
    'rules',
    '--head',
    'proposed',
    ...usage,
    '--format',
    format,
  ]);
  expect({ err, exitCode }).toEqual({ err: '', exitCode: 2 });
  const path = join(GOLDEN, file);
  if (process.env.UPDATE_GOLDEN) writeFileSync(path, out);
  expect(existsSync(path)).toBe(true);
  expect(out).toBe(readFileSync(path, 'utf8'));
});

describe('names that are not what they seem', () => {
  const NASTY = [
    '<script>alert(1)</script>',
    '| a | b |',
    '@everyone #1',
    'x\u202egnp.exe',
    '`code` [link](http://x)',
    '"quoted"',
  ];
  beforeAll(() => {
    const customers = NASTY.map((id) => ({ id, createdAt: '2026-01-01', facts: { industry: 'fintech' } }));
    world.json('nasty.json', { customers });
    world.lines(
      'nasty.ndjson',
      NASTY.map((id) => calls(id, 20_000)),
    );
  });
  const args = ['--base', 'rules', '--head', 'proposed', '--usage', 'nasty.ndjson', '--customers', 'nasty.json'];

  test('do nothing in a comment', async () => {
    const { out } = await world.plan([...args, '--format', 'markdown']);
    expect(out.startsWith(`${MARKER}\n`)).toBe(true);
    expect(out).not.toMatch(/<script|@everyone|#1\b|\u202e|\]\(http/);
    const rows = out.split('\n').filter((line) => line.startsWith('| <code>') && line.includes('growth'));
    expect(rows.length).toBeGreaterThanOrEqual(NASTY.length);
    for (const row of rows.slice(0, NASTY.length)) expect(row.split('|')).toHaveLength(7);
  });
  test('do nothing in a page', async () => {
    const { out } = await world.plan([...args, '--format', 'html']);
    expect(out).not.toMatch(/<script|\u202e/);
    expect(out).toContain('&lt;script&gt;');
    expect(out).not.toMatch(/(src|href)=/);
  });
  test('do nothing in a terminal', async () => {
    const { out } = await world.plan(args);
    for (const hidden of ['\u202e', '\u001b']) expect(out).not.toContain(hidden);
    expect(out).toContain('x\\u202egnp.exe');
  });
});

test('a comment never exceeds what GitHub takes, and says what it leaves out', async () => {
  const { exitCode, customers: _, ...report } = await world.report(['--base', 'rules', '--head', 'proposed', ...usage]);
  const group = { customers: 1, before: '1.00', after: '2.00' };
  const long = 'why | `this` <b> '.repeat(200);
  const many: PlanReport = {
    ...report,
    exitCode,
    rises: report.rises ?? [],
    falls: [],
    protectedCustomers: { ...report.protectedCustomers, largest: [] },
    segments: Array.from({ length: 400 }, (_, i) => ({ id: `segment-${i}-${'€'.repeat(90)}`, ...group })),
    notices: Array.from({ length: 400 }, () => ({ code: 'x', severity: 'warning', file: null, message: long })),
    customers: () => [],
  };
  const text = renderMarkdown(many);
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(65_536);
  expect(text).toMatch(/… and \d+ more segments, in the JSON report/);
  expect(text).toMatch(/… and \d+ more notices, in the JSON report/);
});
