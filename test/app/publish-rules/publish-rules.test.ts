import { resolve } from 'node:path';
import { memoryEvaluationQueue } from '../../../lib/adapters/memory/queues.ts';
import { memoryRulesets } from '../../../lib/adapters/memory/rulesets.ts';
import { readRulesFolder } from '../../../lib/adapters/rules-folder/read-rules-folder.ts';
import { publishFile } from '../../../lib/app/publish-rules/publish-file.ts';
import { publishRules } from '../../../lib/app/publish-rules/publish-rules.ts';
import { hashRuleset } from '../../../lib/domain/rules/hash-ruleset.ts';
import type { RulesFiles } from '../../../lib/domain/rules/ruleset.ts';
import { formatHour, parseTimestamp } from '../../../lib/domain/time/time.ts';
import { rateCard, smallRules, without } from './small-rules.ts';

function publisher(start = '2026-03-11T12:30:00Z') {
  const rulesets = memoryRulesets();
  const evaluations = memoryEvaluationQueue();
  const state = { now: parseTimestamp(start) };
  const log = { info() {}, warn() {}, error() {} };
  const publish = publishRules({ rulesets, evaluations, clock: { now: () => state.now }, log });
  const at = async (time: string, files: RulesFiles) => {
    state.now = parseTimestamp(time);
    const { outcome, effectiveFrom } = await publish({ files, commit: 'c0ffee' });
    return `${outcome} ${formatHour(effectiveFrom)}`;
  };
  return { rulesets, evaluations, publish, at, log };
}
const V1 = smallRules();
const V2 = smallRules(50);
const V3 = smallRules(20);

describe('when published rules begin', () => {
  test('the first at the start of the month, since nothing was metered under others', async () => {
    expect(await publisher().at('2026-03-11T12:30:00Z', V1)).toBe('published 2026-03-01T00:00:00Z');
  });

  test.each([
    ['2026-03-11T12:30:00Z', '2026-03-11T13:00:00Z', 'the next whole hour'],
    ['2026-03-11T12:40:00Z', '2026-03-11T13:00:00Z', 'just far enough ahead'],
    ['2026-03-11T12:40:01Z', '2026-03-11T14:00:00Z', 'the writer could live past the next one'],
  ])('later ones, written at %s, at %s: %s', async (now, hour) => {
    const { at } = publisher();
    await at('2026-03-11T12:00:00Z', V1);
    expect(await at(now, V2)).toBe(`published ${hour}`);
  });

  test('two within one hour take turns', async () => {
    const { at, rulesets } = publisher();
    await at('2026-03-11T12:00:00Z', V1);
    expect(await at('2026-03-11T12:01:00Z', V2)).toBe('published 2026-03-11T13:00:00Z');
    expect(await at('2026-03-11T12:02:00Z', V3)).toBe('published 2026-03-11T14:00:00Z');
    expect((await rulesets.latest())?.hash).toBe(hashRuleset(V3));
  });

  test('two at once: both are in force, one after the other', async () => {
    const { at, publish, rulesets } = publisher();
    await at('2026-03-11T12:00:00Z', V1);
    const outcomes = await Promise.all([V2, V3].map((files) => publish({ files, commit: 'c' })));
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(['published', 'published']);
    expect(new Set(outcomes.map(({ effectiveFrom }) => effectiveFrom)).size).toBe(2);
    expect([hashRuleset(V2), hashRuleset(V3)]).toContain((await rulesets.latest())?.hash);
  });

  test('the same rules again change nothing, and ask for an evaluation all the same: the first try may have died before', async () => {
    const { at, evaluations } = publisher();
    await at('2026-03-11T12:00:00Z', V1);
    expect(await at('2026-03-12T12:00:00Z', V1)).toBe('unchanged 2026-03-01T00:00:00Z');
    expect(evaluations.sent).toEqual([
      { command: { task: 'evaluate' }, delaySeconds: 0 },
      { command: { task: 'evaluate' }, delaySeconds: 0 },
    ]);
  });
});

describe('what is refused', () => {
  const FUTURE = { ...V1, ...rateCard('growth', '2026-06-01') };
  test.each([
    { name: 'a card that vanished', before: V1, after: without(V1, 'rate-cards/growth/2026-01-01.json'), code: /./ },
    {
      name: 'one byte of a card in force',
      before: V1,
      after: { ...V1, 'rate-cards/free/2026-01-01.json': `${V1['rate-cards/free/2026-01-01.json']} ` },
      code: /^rate-card-changed$/,
    },
    {
      name: 'the old version of a card, taken away',
      before: { ...V1, ...rateCard('free', '2026-02-01') },
      after: without({ ...V1, ...rateCard('free', '2026-02-01') }, 'rate-cards/free/2026-01-01.json'),
      code: /^rate-card-removed$/,
    },
    { name: 'rules that are not valid', before: V1, after: { ...V1, 'tiers.json': '{' }, code: /./ },
    {
      name: 'features that a policy cannot tell apart',
      before: V1,
      after: {
        ...V1,
        'meters.json': (V1['meters.json'] as string).replace(
          '"routeGroups": [',
          '"routeGroups": [ { "id": "preview", "routes": ["/bulk/preview"] },',
        ),
      },
      code: /^feature-overlap$/,
    },
  ])('$name', async ({ before, after, code }) => {
    const { publish, rulesets } = publisher();
    await publish({ files: before, commit: 'a' });
    await expect(publish({ files: after, commit: 'b' })).rejects.toMatchObject({ code: expect.stringMatching(code) });
    expect((await rulesets.latest())?.hash).toBe(hashRuleset(before));
  });

  test.each([
    {
      name: 'a card that is not in force yet, changed',
      after: { ...V1, ...rateCard('growth', '2026-06-01', { name: 'G' }) },
    },
    { name: 'a version that is not in force yet, taken back', after: V1 },
    { name: 'a new version of a card', after: { ...FUTURE, ...rateCard('growth', '2026-07-01') } },
  ])('not: $name', async ({ after }) => {
    const { publish, rulesets } = publisher();
    await publish({ files: FUTURE, commit: 'a' });
    expect(await publish({ files: after, commit: 'b' })).toMatchObject({ outcome: 'published' });
    expect((await rulesets.latest())?.hash).toBe(hashRuleset(after));
  });

  test('a deployment that rolls back does not fail on the rules that it brings along', async () => {
    const { publish, rulesets } = publisher();
    const withCard = { ...V1, ...rateCard('business', '2026-03-01') };
    await publish({ files: V1, commit: 'a' });
    await publish({ files: withCard, commit: 'b' });
    expect(await publish({ files: V1, commit: 'a' })).toMatchObject({ outcome: 'kept', hash: hashRuleset(withCard) });
    expect((await rulesets.latest())?.hash).toBe(hashRuleset(withCard));
  });
});

describe('the answer to a deployment', () => {
  test('names hash, hour and outcome', async () => {
    const { publish, log } = publisher();
    expect(await publishFile(publish, JSON.stringify({ hash: 'x', commit: 'c', files: V1 }), log)).toEqual({
      status: 'SUCCESS',
      data: { Hash: hashRuleset(V1), EffectiveFrom: '2026-03-01T00:00:00Z', Outcome: 'published' },
    });
  });

  test('or the reason, with the file', async () => {
    const { publish, log } = publisher();
    const files = { ...V1, 'tiers.json': '{ "rules": [] }' };
    expect(await publishFile(publish, JSON.stringify({ commit: 'c', files }), log)).toEqual({
      status: 'FAILED',
      reason: expect.stringContaining('rules/tiers.json'),
    });
    expect(await publishFile(publish, 'nonsense', log)).toMatchObject({ status: 'FAILED' });
  });
});

test("the project's own rules can be published", async () => {
  const files = await readRulesFolder(resolve(import.meta.dirname, '../../../rules'));
  expect(await publisher().publish({ files, commit: 'c' })).toMatchObject({ outcome: 'published' });
});
