// biome-ignore-all lint/suspicious/noAssignInExpressions: one edit a case reads best on one line
import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { RulesFiles } from '../../../lib/domain/rules/ruleset.ts';
import { RULES_FILES } from '../../../lib/domain/rules/schema/schemas.ts';
import { validateRuleset } from '../../../lib/domain/rules/validate-ruleset.ts';
import { parseDate } from '../../../lib/domain/time/time.ts';
import { MEANINGS, SHAPES } from './fault-cases.ts';
import { type AnyJson, edited, shippedRules, without } from './shipped-rules.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
const FILES = shippedRules();
const fintech = (json: AnyJson) => json.rules[0].conditions.all[0];
const GROWTH = 'rate-cards/growth/2026-01-01.json';

/** A message that needs no hint beside it. */
const SAYS_WHAT_TO_DO = /\b(?:must be|has either|is not one of|is missing)\b/;

describe.each([
  ['shape', SHAPES],
  ['meaning', MEANINGS],
])('a ruleset with a fault of %s', (_, cases) => {
  test.each(cases)('$why: $code', (one) => {
    const files = edited(FILES, one.file, one.edit);
    const validation = validateRuleset(files);
    const found = validation[one.severity ?? 'errors'];
    const fault = found.find(({ pointer, code }) => pointer === one.pointer && code === one.code);
    expect({ at: fault?.pointer, all: fault ? [] : found }).toEqual({ at: one.pointer, all: [] });
    const line = files[fault?.file ?? '']?.split('\n')[(fault?.line ?? 0) - 1];
    expect(line?.trimStart().startsWith(one.line)).toBe(true);
    if (one.hint) expect(fault?.hint).toMatch(one.hint);
    else expect(fault?.hint ?? fault?.message).toMatch(fault?.hint ? /./ : SAYS_WHAT_TO_DO);
    if (one.severity !== 'warnings') expect(validation.ok).toBe(false);
  });
});

/** Codes as the sources write them, `code: 'x'` and `.fault('x'`. */
function codesOf(folder: string): string[] {
  return filesIn(folder).flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(/(?:code: |\bfault\(\s*)'([a-z0-9-]+)'/g)].map(
      ([, code]) => code as string,
    ),
  );
}

const filesIn = (folder: string): string[] =>
  readdirSync(resolve(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => resolve(ROOT, folder, path));

describe('every code that validate can give', () => {
  const folders = ['rules', 'pricing', 'metering'];
  const texts = folders.flatMap((folder) => filesIn(`test/domain/${folder}`)).map((file) => readFileSync(file, 'utf8'));
  const codes = [...new Set(['lib/domain/rules', 'lib/domain/pricing/check'].flatMap(codesOf))].sort();

  test('there are some', () => expect(codes.length).toBeGreaterThan(50));

  // What would be said of a schema keyword that no schema of ours has.
  const impossible = ['invalid'];

  test.each(codes.filter((code) => !impossible.includes(code)))('%s is named by a test', (code) => {
    expect(texts.some((text) => new RegExp(`(?<![a-z0-9-])${code}(?![a-z0-9-])`).test(text))).toBe(true);
  });
});

test('outcomes in one currency do not stand on a card in another', () => {
  const outcomes = { id: 'saved', unit: 'EUR', source: 'event', aggregation: 'outcomes' };
  const charge = { id: 'saved', meter: 'saved', price: { model: 'outcome', percent: '10' } };
  let files = edited(FILES, 'meters.json', (j) => void j.meters.push(outcomes));
  files = edited(files, GROWTH, (j) => void j.charges.push(charge));
  const { errors } = validateRuleset(files);
  expect(errors.map(({ code, hint }) => ({ code, hint }))).toContainEqual({
    code: 'currency-meter',
    hint: expect.stringMatching(/freeMeters.*a meter in USD/),
  });
});

describe('validateRuleset', () => {
  test('the shipped rules are valid, without a warning', () => {
    expect(validateRuleset(FILES)).toEqual({ ok: true, errors: [], warnings: [] });
  });

  test('tells everything at once, by file and line', () => {
    let files = edited(
      FILES,
      'tiers.json',
      (j) => void Object.assign(j.rules[0], { priority: 80, extra: 1, rationale: '' }),
    );
    files = edited(files, 'segments.json', (j) => void (fintech(j).operator = 'equals'));
    files = { ...without(files, 'meters.json'), 'rate-cards/free/2025-01-01.json': '{' };
    const found = validateRuleset(files).errors.map(({ file, code }) => `${file} ${code}`);
    expect(found).toEqual(
      expect.arrayContaining([
        'meters.json missing-file',
        'rate-cards/free/2025-01-01.json not-json',
        'segments.json unknown-operator',
        'tiers.json missing-rationale',
        'tiers.json unknown-key',
      ]),
    );
    expect(found).toEqual(
      [...found].sort((a, b) => (a.split(' ')[0] as string).localeCompare(b.split(' ')[0] as string)),
    );
  });

  test.each([
    { text: '', code: 'not-json' },
    { text: '{ "rules": [], } ', code: 'not-json' },
    { text: '{ "rules": [] // none\n}', code: 'not-json' },
    { text: '{ "rules": [],\n "rules": [] }', code: 'duplicate-key', line: 2 },
  ])('a file that is no strict JSON: $text', ({ text, code, line = 1 }) => {
    const { errors } = validateRuleset({ ...FILES, 'segments.json': text });
    expect(errors).toContainEqual(expect.objectContaining({ file: 'segments.json', code, line }));
  });

  test('capacity is reserved only where what exceeds it has a price', () => {
    const files = edited(FILES, 'rate-cards/enterprise/2025-01-01.json', (j) => {
      const price = { model: 'perUnit', unitPrice: '0.01' };
      j.charges[1] = { id: 'calls', meter: 'api-calls', price: { model: 'matrix', groups: [], otherwise: price } };
    });
    const fault = {
      file: 'tiers.json',
      code: 'not-reservable',
      pointer: '/rules/0/event/params/reservedCapacity/charge',
    };
    expect(validateRuleset(files).errors).toEqual([expect.objectContaining(fault)]);
  });

  test('no capacity takes the place of what a bundle brings', () => {
    const files = edited(FILES, 'rate-cards/enterprise/2025-01-01.json', (j) => {
      const includes = [{ meter: 'api-calls', quantity: '5' }];
      j.bundles = [{ id: 'suite', price: { model: 'flat', amount: '1' }, includes }];
    });
    expect(validateRuleset(files).errors).toEqual([
      expect.objectContaining({ code: 'not-reservable', message: expect.stringContaining('"suite"') }),
    ]);
  });

  test('a discount may name a bundle', () => {
    let files = edited(
      FILES,
      'rate-cards/business/2025-01-01.json',
      (j) => void (j.bundles = [{ id: 'suite', price: { model: 'flat', amount: '1' }, includes: [] }]),
    );
    expect(validateRuleset(files).ok).toBe(true);
    files = edited(files, 'tiers.json', (j) => void (j.rules[2].event.params.discounts[0].appliesTo = 'suite'));
    expect(validateRuleset(files)).toEqual({ ok: true, errors: [], warnings: [] });
  });

  test('features of which one cannot be closed without closing another are told', () => {
    let files = edited(
      FILES,
      'meters.json',
      (j) => void j.routeGroups.unshift({ id: 'refunds', routes: ['/payments/refunds/**'] }),
    );
    files = edited(files, 'rate-cards/free/2025-01-01.json', (j) => void (j.features = ['search', 'refunds']));
    const codes = validateRuleset(files).errors.map(({ code }) => code);
    expect(codes).toContain('feature-overlap');
  });

  test('a file that nothing reads is a slip', () => {
    const { errors } = validateRuleset({ ...FILES, 'segmnets.json': '{}' });
    expect(errors).toEqual([
      expect.objectContaining({ file: 'segmnets.json', code: 'unknown-file', hint: 'did you mean "segments.json"?' }),
    ]);
  });

  test('segments, facts and the rest may be missing while nothing refers to them', () => {
    const small = edited(FILES, 'tiers.json', (j) => void (j.rules = []));
    const few = ['segments.json', 'protection.json', 'facts.json', 'guardrails.json', 'experiments.json'].reduce(
      without,
      small,
    );
    expect(validateRuleset(few)).toEqual({ ok: true, errors: [], warnings: [] });
  });

  test('a proxy may be used with a justification', () => {
    let files = edited(
      FILES,
      'segments.json',
      (j) => void j.rules[0].conditions.all.push({ fact: 'country', operator: 'in', value: ['DE'] }),
    );
    files = edited(files, 'facts.json', (j) => void (j.facts[12].justification = 'the licence is per country'));
    expect(validateRuleset(files)).toEqual({ ok: true, errors: [], warnings: [] });
  });

  test('a meter that came later leaves old cards alone, but for a warning', () => {
    const meter = { id: 'reports', unit: 'report', source: 'event', aggregation: 'count' };
    const { errors, warnings } = validateRuleset(edited(FILES, 'meters.json', (j) => void j.meters.push(meter)));
    expect(errors.map(({ file }) => file)).not.toContain('rate-cards/growth/2025-01-01.json');
    expect(errors.map(({ code }) => code)).toEqual([
      'unpriced-meter',
      'unpriced-meter',
      'unpriced-meter',
      'unpriced-meter',
    ]);
    expect(warnings.map(({ file, code }) => [file, code])).toEqual([
      ['rate-cards/business/2025-01-01.json', 'unpriced-meter'],
      ['rate-cards/growth/2025-01-01.json', 'unpriced-meter'],
    ]);
  });
});

describe('against the rules that are in force', () => {
  const now = parseDate('2026-02-10') + 1;
  const codes = (files: RulesFiles) =>
    validateRuleset(files, { published: FILES, now }).errors.map(({ file, code }) => [file, code]);
  const later = 'rate-cards/growth/2026-03-01.json';
  const dated = (date: string) =>
    edited({ ...FILES, [later]: FILES[GROWTH] as string }, later, (j) => void (j.effectiveFrom = date))[
      later
    ] as string;

  test('nothing changed is fine', () => {
    expect(codes(FILES)).toEqual([]);
  });
  test('a card in force does not change, not by a byte', () => {
    expect(codes({ ...FILES, [GROWTH]: `${FILES[GROWTH]}\n` })).toEqual([[GROWTH, 'rate-card-changed']]);
  });
  test('nor vanish', () => {
    expect(codes(without(FILES, GROWTH))).toEqual([[GROWTH, 'rate-card-removed']]);
  });
  test('a new one begins later', () => {
    expect(codes({ ...FILES, [later]: dated('2026-03-01') })).toEqual([]);
  });
  test('not before the next whole hour', () => {
    const today = 'rate-cards/growth/2026-02-10.json';
    expect(codes({ ...FILES, [today]: dated('2026-02-10') })).toEqual([[today, 'effective-date-past']]);
  });
  test('one that has not begun may change', () => {
    const published = { ...FILES, [later]: dated('2026-03-01') };
    const files = { ...published, [later]: `${published[later]}\n` };
    expect(validateRuleset(files, { published, now }).ok).toBe(true);
  });
});

test('the schemas in rules/schema are those that validate uses', () => {
  for (const [file, { schema }] of Object.entries(RULES_FILES)) {
    const path = resolve(import.meta.dirname, '../../../rules/schema', file.replace('.json', '.schema.json'));
    // When this fails: npx tsx test/domain/rules/write-schemas.ts && npm run format
    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual(JSON.parse(JSON.stringify(schema)));
  }
});
