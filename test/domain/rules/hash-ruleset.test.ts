import fc from 'fast-check';
import {
  hashOfParts,
  hashRuleset,
  hashWhole,
  partDigest,
  type RulesetPart,
  rulesetParts,
} from '../../../lib/domain/rules/hash-ruleset.ts';

const rule = (name: string) => ({ name, conditions: { condition: 'small' }, event: { type: 'tier', params: {} } });
const FILES = {
  'rate-cards/free/2026-01-01.json': '{ "id": "free" }\n',
  'rate-cards/growth/2026-01-01.json': '{ "id": "growth" }\n',
  'meters.json': '{"meters":[]}',
  'tiers.json': JSON.stringify(
    {
      otherwise: { rateCard: 'free' },
      conditions: { small: { all: [] }, huge: { any: [] } },
      rules: [rule('a'), rule('b')],
    },
    null,
    2,
  ),
};

const named = (parts: readonly RulesetPart[]) => parts.map(({ file, part }) => `${file} ${part}`);

test('a file is a part; of a file of rules each rule and each named condition is one, and what stands around them', () => {
  expect(named(rulesetParts(FILES))).toEqual([
    'meters.json file',
    'rate-cards/free/2026-01-01.json file',
    'rate-cards/growth/2026-01-01.json file',
    ...['rest', 'conditions', 'rules/0', 'rules/1', 'conditions/0', 'conditions/1'].map((part) => `tiers.json ${part}`),
  ]);
});

test('what is left of a file of rules is JSON without any rule or condition in it', () => {
  const [rest] = rulesetParts(FILES).filter(({ part }) => part === 'rest');
  expect(JSON.parse(rest?.text ?? '')).toEqual({
    otherwise: { rateCard: 'free' },
    conditions: null,
    rules: [null, null],
  });
});

test('a part and the digests of the rest make the hash', () => {
  const parts = rulesetParts(FILES);
  for (const part of parts) {
    const rest = parts.filter((other) => other !== part).map(partDigest);
    expect(hashOfParts([...rest.reverse(), partDigest(part)])).toBe(hashRuleset(FILES));
  }
});

test.each([
  { why: 'the same text in another file', change: { file: 'meters2.json' } },
  { why: 'the same text in another place', change: { part: 'rules/7' } },
  { why: 'another byte', change: { text: '{"meters":[] }' } },
])('$why is another part', ({ change }) => {
  const part = { file: 'meters.json', part: 'file', text: '{"meters":[]}' };
  expect(partDigest({ ...part, ...change })).not.toBe(partDigest(part));
});

test('every byte counts, the order in which files were read does not', () => {
  const names = Object.keys(FILES) as (keyof typeof FILES)[];
  const backward = Object.fromEntries(names.reverse().map((name) => [name, FILES[name]]));
  expect(hashRuleset(backward)).toBe(hashRuleset(FILES));
  fc.assert(
    fc.property(fc.constantFrom(...names), fc.nat(), (name, at) => {
      const text = FILES[name];
      const i = at % text.length;
      const changed = `${text.slice(0, i)}${text[i] === 'x' ? 'y' : 'x'}${text.slice(i + 1)}`;
      expect(hashRuleset({ ...FILES, [name]: changed })).not.toBe(hashRuleset(FILES));
    }),
    { seed: 5, numRuns: 300 },
  );
});

test('two rules that change places are another ruleset', () => {
  const swapped = JSON.stringify({ ...JSON.parse(FILES['tiers.json']), rules: [rule('b'), rule('a')] }, null, 2);
  expect(hashRuleset({ ...FILES, 'tiers.json': swapped })).not.toBe(hashRuleset(FILES));
});

test('a file that is not JSON is hashed whole', () => {
  expect(named(rulesetParts({ 'tiers.json': '{"rules": [1,' }))).toEqual(['tiers.json file']);
});

test('the hash of the whole is another one, so that the two can be told apart', () => {
  expect(hashWhole(FILES)).not.toBe(hashRuleset(FILES));
});
