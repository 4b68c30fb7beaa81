import { memoryDecisions } from '../../../lib/adapters/memory/decisions.ts';
import { memoryDirectory } from '../../../lib/adapters/memory/directory.ts';
import { memoryAccessQueue, memoryEvaluationQueue } from '../../../lib/adapters/memory/queues.ts';
import { memoryRulesets } from '../../../lib/adapters/memory/rulesets.ts';
import { compiledRulesets } from '../../../lib/app/evaluate-customers/compiled-rulesets.ts';
import { evaluateCustomers } from '../../../lib/app/evaluate-customers/evaluate-customers.ts';
import type { EvaluationPorts } from '../../../lib/app/evaluate-customers/ports.ts';
import { updateProfile } from '../../../lib/app/provision-access/profiles.ts';
import { type CardChoice, withChoice, withoutPending } from '../../../lib/domain/entitlement/choices.ts';
import { newProfile } from '../../../lib/domain/entitlement/profile.ts';
import { hashRuleset } from '../../../lib/domain/rules/hash-ruleset.ts';
import type { RulesFiles } from '../../../lib/domain/rules/ruleset.ts';
import { formatHour, HOUR_MS, type Hour, parseHour, parseTimestamp } from '../../../lib/domain/time/time.ts';
import { edited, shippedRules } from '../../domain/rules/shipped-rules.ts';

const RULES = shippedRules();
const published = (files: RulesFiles, from: string) => ({
  ...{ hash: hashRuleset(files), commit: 'c0ffee', files },
  effectiveFrom: parseHour(from),
});

/** One customer that nobody chose anything for, in the middle of November; the clock moves by hand. */
async function scene() {
  const state = { now: parseTimestamp('2026-11-10T08:30:00Z'), calls: 0 };
  const [directory, decisions] = [memoryDirectory(), memoryDecisions()];
  const rulesets = memoryRulesets([published(RULES, '2026-10-01T00:00:00Z')]);
  const [access, evaluations] = [memoryAccessQueue(), memoryEvaluationQueue()];
  const ports: EvaluationPorts = {
    ...{ directory, decisions, rulesets, access, evaluations, compile: compiledRulesets() },
    clock: { now: () => state.now },
    log: { info() {}, warn() {}, error() {} },
    metrics: { count() {} },
    facts: async () => ({ createdAt: '2026-10-05', callsLast30Days: state.calls }),
  };
  const customer = { id: 'acme', name: 'Acme', createdAt: '2026-10-05', keys: [], facts: {}, overrides: {} };
  await directory.register(newProfile(customer, parseTimestamp('2026-10-05T08:00:00Z')));
  const evaluate = evaluateCustomers(ports);
  await evaluate({ task: 'evaluate' });
  return {
    ...{ state, ports, directory, decisions, rulesets, access },
    at(time: string) {
      state.now = parseTimestamp(time);
    },
    nightly: () => evaluate({ task: 'evaluate' }),
    hourly: () => evaluate({ task: 'changes' }),
    async choose(card: string, from: string) {
      const choice: CardChoice = { card, from: parseHour(from), chosenAt: state.now, by: 'Ann' };
      await directory.noteChange('acme', choice.from);
      const change = (choices: readonly CardChoice[] | undefined) => withChoice(choices, choice);
      await updateProfile(directory, 'acme', (profile) => ({ ...profile, choices: change(profile.choices) }));
    },
    async undo() {
      let undone = false;
      await updateProfile(directory, 'acme', (profile) => {
        const choices = withoutPending(profile.choices, state.now);
        undone = choices !== undefined;
        return choices && { ...profile, choices };
      });
      return undone;
    },
    history: async () =>
      (await decisions.during('acme', 0 as Hour, 9_999_999 as Hour)).map(
        ({ effectiveFrom, rateCard, tierRule }) => `${formatHour(effectiveFrom)} ${rateCard} ${tierRule}`,
      ),
  };
}

const FIRST = '2026-10-05T08:00:00Z free@2025-01-01 otherwise';
const GROWTH = '2026-12-01T00:00:00Z growth@2026-01-01 growth-chosen';

describe('a choice for the next hours', () => {
  test('is decided for exactly its hour, whoever evaluates, and once', async () => {
    const { choose, nightly, history, at } = await scene();
    await choose('growth', '2026-11-10T10:00:00Z');
    await nightly();
    at('2026-11-10T08:31:00Z');
    await nightly();
    expect(await history()).toEqual([FIRST, '2026-11-10T10:00:00Z growth@2026-01-01 growth-chosen']);
  });

  test('that an evaluation of a moment before took the hour of holds one hour later, and is not lost', async () => {
    const { choose, nightly, history, state } = await scene();
    state.calls = 6_000;
    await nightly();
    await choose('business', '2026-11-10T09:00:00Z');
    await nightly();
    expect((await history()).slice(1)).toEqual([
      '2026-11-10T09:00:00Z growth@2026-01-01 growth-for-growing',
      '2026-11-10T10:00:00Z business@2025-01-01 business-chosen',
    ]);
  });
});

describe('a choice for the end of the period', () => {
  test('is neither lost nor moved by the evaluations before it, and in force from its first hour', async () => {
    const { choose, nightly, hourly, history, at, state } = await scene();
    await choose('growth', '2026-12-01T00:00:00Z');
    for (let day = 11; day <= 30; day++) {
      at(`2026-11-${day}T03:00:00Z`);
      await nightly();
    }
    expect(await history()).toEqual([FIRST]);
    at('2026-11-30T20:50:00Z');
    expect(await hourly()).toMatchObject({ customers: 0, decided: 0 });
    for (let hour = 21; hour < 24; hour++) {
      at(`2026-11-30T${hour}:10:00Z`);
      await hourly();
    }
    state.calls = 6_000;
    at('2026-12-01T03:00:00Z');
    await nightly();
    expect(await history()).toEqual([FIRST, GROWTH]);
  });

  test('comes with the nightly evaluation too when the schedule that looks for it has failed', async () => {
    const { choose, nightly, history, at } = await scene();
    await choose('growth', '2026-12-01T00:00:00Z');
    at('2026-12-01T03:00:00Z');
    await nightly();
    expect(await history()).toEqual([FIRST, '2026-12-01T04:00:00Z growth@2026-01-01 growth-chosen']);
  });

  test('leaves what changes before it to its own hour', async () => {
    const { choose, nightly, hourly, history, at, state } = await scene();
    await choose('business', '2026-12-01T00:00:00Z');
    at('2026-11-30T21:30:00Z');
    state.calls = 6_000;
    await nightly();
    await hourly();
    expect((await history()).slice(1)).toEqual([
      '2026-11-30T22:00:00Z growth@2026-01-01 growth-for-growing',
      '2026-12-01T00:00:00Z business@2025-01-01 business-chosen',
    ]);
  });

  test('is decided by the rules of its own hour, where others are published for an hour before it', async () => {
    const { choose, hourly, history, at, rulesets, decisions } = await scene();
    const renamed = edited(RULES, 'tiers.json', (j) => {
      j.rules.find((rule: { name: string }) => rule.name === 'growth-chosen').name = 'growth-wanted';
    });
    await choose('growth', '2026-12-01T00:00:00Z');
    at('2026-11-30T21:30:00Z');
    await rulesets.publish(published(renamed, '2026-11-30T23:00:00Z'));
    await hourly();
    expect((await history()).slice(1)).toEqual([
      '2026-11-30T23:00:00Z free@2025-01-01 otherwise',
      '2026-12-01T00:00:00Z growth@2026-01-01 growth-wanted',
    ]);
    expect((await decisions.latest('acme'))?.ruleset.hash).toBe(hashRuleset(renamed));
  });

  test('can be taken back until three hours before, and no evaluation brings it back', async () => {
    const { choose, undo, nightly, hourly, history, at } = await scene();
    await choose('growth', '2026-12-01T00:00:00Z');
    at('2026-11-30T20:54:00Z');
    expect(await undo()).toBe(true);
    at('2026-11-30T22:10:00Z');
    await hourly();
    at('2026-12-01T03:00:00Z');
    await nightly();
    expect(await history()).toEqual([FIRST]);
  });

  test('cannot be taken back once somebody may have decided it; another choice comes after it', async () => {
    const { choose, undo, hourly, history, at } = await scene();
    await choose('growth', '2026-12-01T00:00:00Z');
    at('2026-11-30T20:55:00Z');
    expect(await undo()).toBe(false);
    at('2026-11-30T21:00:00Z');
    await hourly();
    await choose('free', '2026-12-01T01:00:00Z');
    await hourly();
    expect((await history()).slice(1)).toEqual([GROWTH, '2026-12-01T01:00:00Z free@2025-01-01 free-chosen']);
  });

  test('gives way to another choice that is made while it waits', async () => {
    const { choose, nightly, hourly, history, at } = await scene();
    await choose('growth', '2026-12-01T00:00:00Z');
    await choose('business', '2026-11-10T10:00:00Z');
    await nightly();
    at('2026-11-30T22:10:00Z');
    await hourly();
    expect((await history()).slice(1)).toEqual(['2026-11-10T10:00:00Z business@2025-01-01 business-chosen']);
  });
});

test('a first decision is made with what was chosen when the customer came', async () => {
  const { directory, history, nightly, decisions, state } = await scene();
  const customer = { id: 'new', name: 'New', createdAt: '2026-11-10', keys: [], facts: {}, overrides: {} };
  const choice = { card: 'growth', from: parseHour('2026-11-10T08:00:00Z'), chosenAt: state.now, by: 'Ann' };
  await directory.register({ ...newProfile(customer, state.now), choices: [choice] });
  await nightly();
  expect(await decisions.latest('new')).toMatchObject({ tierRule: 'growth-chosen', effectiveFrom: choice.from });
  expect(await history()).toEqual([FIRST]);
});

describe('an account whose customer cancelled', () => {
  const leave = ({ directory }: Awaited<ReturnType<typeof scene>>) =>
    updateProfile(directory, 'acme', (profile) => ({ ...profile, leavesAt: parseTimestamp('2026-12-01T00:00:00Z') }));

  test('is closed by the first look after its last period, and decided no more', async () => {
    const world = await scene();
    const { at, hourly, nightly, access, directory } = world;
    await directory.noteChange('acme', parseHour('2026-12-01T00:00:00Z'));
    await leave(world);
    access.sent.length = 0;
    at('2026-11-30T23:59:00Z');
    await hourly();
    expect(access.sent.filter(({ do: what }) => what === 'close')).toEqual([]);
    at('2026-12-01T00:20:00Z');
    await hourly();
    await nightly();
    const closing = { do: 'close', customer: 'acme' };
    expect(access.sent.filter(({ do: what }) => what === 'close')).toEqual([closing, closing]);
  });
});

test('an hour is looked at for six hours about it', async () => {
  const { directory, hourly, at, state } = await scene();
  await directory.noteChange('acme', parseHour('2026-12-01T00:00:00Z'));
  at('2026-11-30T20:59:00Z');
  const looked: number[] = [];
  for (let n = 0; n < 9; n++, state.now += HOUR_MS) looked.push(((await hourly()) as { customers: number }).customers);
  expect(looked).toEqual([0, 1, 1, 1, 1, 1, 1, 1, 0]);
});
