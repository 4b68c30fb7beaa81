import { memoryDecisions } from '../../../lib/adapters/memory/decisions.ts';
import { memoryDirectory } from '../../../lib/adapters/memory/directory.ts';
import { memoryAccessQueue, memoryEvaluationQueue } from '../../../lib/adapters/memory/queues.ts';
import { memoryRulesets } from '../../../lib/adapters/memory/rulesets.ts';
import { compiledRulesets } from '../../../lib/app/evaluate-customers/compiled-rulesets.ts';
import { evaluateCustomers, parseEvaluationCommand } from '../../../lib/app/evaluate-customers/evaluate-customers.ts';
import { knownFacts } from '../../../lib/app/evaluate-customers/known-facts.ts';
import type { EvaluationPorts } from '../../../lib/app/evaluate-customers/ports.ts';
import { importCustomers } from '../../../lib/app/import-customers/import-customers.ts';
import { updateProfile } from '../../../lib/app/provision-access/profiles.ts';
import type { ClosedHour } from '../../../lib/domain/metering/meters.ts';
import { hashRuleset } from '../../../lib/domain/rules/hash-ruleset.ts';
import type { RulesFiles } from '../../../lib/domain/rules/ruleset.ts';
import {
  addHours,
  formatHour,
  HOUR_MS,
  type Hour,
  hourOf,
  hourStart,
  parseHour,
  parseTimestamp,
} from '../../../lib/domain/time/time.ts';
import { rateCard, smallRules } from '../publish-rules/small-rules.ts';

const record = (files: RulesFiles, from: string) => ({
  hash: hashRuleset(files),
  commit: 'c0ffee',
  effectiveFrom: parseHour(from),
  files,
});
const RULES = record(smallRules(), '2026-03-01T00:00:00Z');

/** Customers by company size; null for one who does not say it. */
async function scene(sizes: Record<string, number | null>, start = '2026-03-11T12:30:00Z') {
  const state = { now: parseTimestamp(start), closed: [] as ClosedHour[] };
  const [directory, decisions, rulesets] = [memoryDirectory(), memoryDecisions(), memoryRulesets([RULES])];
  const [access, evaluations] = [memoryAccessQueue(), memoryEvaluationQueue()];
  const logged: { message: string; fields: unknown }[] = [];
  const counts: Record<string, number> = {};
  const note = (message: string, fields?: unknown) => void logged.push({ message, fields });
  const usage = {
    closedHours: async (customer: string, { start: from, end }: { start: number; end: number }) =>
      state.closed.filter(
        (row) => row.customer === customer && hourStart(row.hour) >= from && hourStart(row.hour) < end,
      ),
    firstOpenHour: async ({ start: from }: { start: number }) => {
      const last = state.closed.at(-1)?.hour;
      return last === undefined ? hourOf(from) : addHours(last, 1);
    },
  };
  const ports: EvaluationPorts = {
    ...{ directory, decisions, rulesets, access, evaluations },
    clock: { now: () => state.now },
    log: { info: note, warn: note, error: note },
    metrics: {
      count(name, value) {
        counts[name] = (counts[name] ?? 0) + value;
      },
    },
    compile: compiledRulesets(),
    facts: knownFacts(usage),
  };
  const listed = (id: string, size: number | null) => ({
    ...{ id, name: id, createdAt: '2025-01-01', keys: [], overrides: {} },
    facts: size === null ? {} : { companySize: size },
  });
  const importAll = (list: Record<string, number | null>) =>
    importCustomers(
      { directory, evaluations, clock: ports.clock },
      Object.entries(list).map(([id, size]) => listed(id, size)),
    );
  await importAll(sizes);
  evaluations.sent.length = 0;
  const evaluate = evaluateCustomers(ports);
  const history = async (customer: string) =>
    (await decisions.during(customer, 0 as Hour, 9_999_999 as Hour)).map(
      ({ effectiveFrom, rateCard }) => `${formatHour(effectiveFrom)} ${rateCard}`,
    );
  const at = (time: string) => {
    state.now = parseTimestamp(time);
  };
  return {
    state,
    directory,
    decisions,
    rulesets,
    access,
    evaluations,
    logged,
    counts,
    ports,
    evaluate,
    history,
    importAll,
    at,
  };
}

describe('the first decision of a customer', () => {
  test('is in force from the hour in which the customer was registered, so that no usage is undecided', async () => {
    const { evaluate, history, at, access } = await scene({ acme: 150, tiny: 3 });
    at('2026-03-12T03:00:00Z');
    expect(await evaluate({ task: 'evaluate' })).toEqual({ customers: 2, decided: 2, undecided: [], placed: 2 });
    expect(await history('acme')).toEqual(['2026-03-11T12:00:00Z growth@2026-01-01']);
    expect(await history('tiny')).toEqual(['2026-03-11T12:00:00Z free@2026-01-01']);
    expect(access.sent).toEqual([
      { do: 'place', customer: 'acme', rateCard: 'growth@2026-01-01', denied: [], quota: null },
      {
        ...{ do: 'place', customer: 'tiny', rateCard: 'free@2026-01-01', denied: ['*/bulk', '*/bulk/*'] },
        quota: { calls: 1000, per: 'month' },
      },
    ]);
  });

  test('begins with the first ruleset when the customer is older', async () => {
    const { evaluate, history, at } = await scene({ acme: 150 }, '2026-02-20T10:00:00Z');
    at('2026-03-02T10:00:00Z');
    await evaluate({ task: 'evaluate' });
    expect(await history('acme')).toEqual(['2026-03-01T00:00:00Z growth@2026-01-01']);
  });

  test('waits for rules', async () => {
    const { ports, history } = await scene({ acme: 150 });
    const evaluate = evaluateCustomers({ ...ports, rulesets: memoryRulesets() });
    expect(await evaluate({ task: 'evaluate' })).toMatchObject({ decided: 0, placed: 0 });
    expect(await history('acme')).toEqual([]);
  });
});

describe('a later decision', () => {
  test('is dated ahead, and access follows when its hour has come', async () => {
    const { evaluate, history, at, importAll, access, evaluations } = await scene({ acme: 3 });
    await evaluate({ task: 'evaluate' });
    at('2026-03-12T12:45:00Z');
    await importAll({ acme: 500 });
    access.sent.length = evaluations.sent.length = 0;
    await evaluate({ task: 'evaluate', customers: ['acme'] });
    expect((await history('acme'))[1]).toBe('2026-03-12T14:00:00Z growth@2026-01-01');
    expect(access.sent.map((command) => 'rateCard' in command && command.rateCard)).toEqual(['free@2026-01-01']);

    const notBefore = parseTimestamp('2026-03-12T14:00:00Z');
    const apply = { task: 'apply', notBefore, customers: ['acme'] } as const;
    expect(evaluations.sent).toEqual([{ command: apply, delaySeconds: 900 }]);
    at('2026-03-12T13:50:00Z');
    expect(await evaluate(apply)).toBe('too-early');
    expect(evaluations.sent[1]).toEqual({ command: apply, delaySeconds: 600 });
    at('2026-03-12T14:00:00Z');
    expect(await evaluate(apply)).toMatchObject({ placed: 1 });
    expect(access.sent.at(-1)).toMatchObject({ do: 'place', customer: 'acme', rateCard: 'growth@2026-01-01' });
  });

  test('is made only when the terms differ: facts move every day', async () => {
    const { evaluate, history, at, importAll } = await scene({ acme: 150 });
    await evaluate({ task: 'evaluate' });
    at('2026-03-12T12:00:00Z');
    await importAll({ acme: 151 });
    expect(await evaluate({ task: 'evaluate' })).toMatchObject({ decided: 0 });
    expect(await history('acme')).toHaveLength(1);
  });

  test('is made when new rules come, from the hour that they are in force', async () => {
    const { evaluate, decisions, rulesets, at, evaluations } = await scene({ acme: 60 });
    await evaluate({ task: 'evaluate' });
    const next = record(smallRules(50), '2026-03-12T14:00:00Z');
    await rulesets.publish(next);
    at('2026-03-12T12:30:00Z');
    expect(await evaluate({ task: 'evaluate' })).toMatchObject({ decided: 1 });
    expect(await decisions.latest('acme')).toMatchObject({
      effectiveFrom: next.effectiveFrom,
      rateCard: 'growth@2026-01-01',
      ruleset: { hash: next.hash, commit: 'c0ffee' },
    });
    expect(evaluations.sent.at(-1)?.command).toEqual({ task: 'apply', notBefore: hourStart(next.effectiveFrom) });
    expect(await evaluate({ task: 'evaluate' })).toMatchObject({ decided: 0 });
  });

  test('both: a change of the customer soon, and the new rules in their hour', async () => {
    const { evaluate, history, rulesets, at, importAll } = await scene({ acme: 60 });
    await evaluate({ task: 'evaluate' });
    await rulesets.publish(record(smallRules(5000), '2026-03-12T14:00:00Z'));
    at('2026-03-12T12:30:00Z');
    await importAll({ acme: 150 });
    await evaluate({ task: 'evaluate' });
    expect(await history('acme')).toEqual([
      '2026-03-11T12:00:00Z free@2026-01-01',
      '2026-03-12T13:00:00Z growth@2026-01-01',
      '2026-03-12T14:00:00Z free@2026-01-01',
    ]);
  });

  test('two evaluations at once make one', async () => {
    const { evaluate, history, importAll, at } = await scene({ a: 1, b: 2, c: 3 });
    await Promise.all([evaluate({ task: 'evaluate' }), evaluate({ task: 'evaluate' })]);
    at('2026-03-13T00:00:00Z');
    await importAll({ a: 500, b: 500, c: 500 });
    await Promise.all([evaluate({ task: 'evaluate' }), evaluate({ task: 'evaluate' }), evaluate({ task: 'evaluate' })]);
    for (const customer of ['a', 'b', 'c']) expect(await history(customer)).toHaveLength(2);
  });
});

describe('usage', () => {
  test('of the last closed hours counts; what is open or was not of this customer does not', async () => {
    const { evaluate, state, decisions } = await scene({ acme: 150, other: 150 });
    const now = hourOf(state.now);
    const row = (customer: string, hour: Hour, calls: number): ClosedHour => ({
      ...{ customer, hour, adjustment: 0, usage: [], ruleset: RULES.hash, digest: 'd' },
      tallies: { calls, errors: 0, byGroup: { '': calls }, byClient: { python: calls } },
    });
    state.closed = [row('acme', addHours(now, -100), 900), row('acme', addHours(now, -30), 200)];
    await evaluate({ task: 'evaluate' });
    expect((await decisions.latest('acme'))?.segments).toEqual(['busy', 'large']);
    expect((await decisions.latest('other'))?.segments).toEqual(['large']);
  });
});

describe('who cannot be decided', () => {
  test('is reported by name with the missing fact, and keeps the last decision', async () => {
    const { evaluate, history, importAll, at, logged, counts } = await scene({ acme: 150, mute: null });
    const missing = { customer: 'mute', reason: expect.stringContaining('companySize') };
    expect(await evaluate({ task: 'evaluate' })).toMatchObject({ decided: 1, undecided: [missing] });
    expect(logged).toContainEqual({ message: 'customers without a decision', fields: { undecided: [missing] } });
    expect(counts.UndecidedCustomers).toBe(1);
    at('2026-03-13T00:00:00Z');
    await importAll({ acme: null });
    expect(await evaluate({ task: 'evaluate' })).toMatchObject({
      decided: 0,
      undecided: [{ customer: 'acme' }, missing],
    });
    expect(await history('acme')).toEqual(['2026-03-11T12:00:00Z growth@2026-01-01']);
  });
});

describe('access', () => {
  test('is asked for until it is in place, and then no more', async () => {
    const { evaluate, access, directory } = await scene({ acme: 150 });
    await evaluate({ task: 'evaluate' });
    await evaluate({ task: 'evaluate' });
    expect(access.sent).toHaveLength(2);
    await updateProfile(directory, 'acme', (profile) => ({
      ...profile,
      access: {
        ...profile.access,
        ...{ rateCard: 'growth@2026-01-01', denied: [] },
        current: { value: 'v', apiKeyId: 'k', usagePlan: 'p', earlierUse: {} },
      },
    }));
    await evaluate({ task: 'evaluate' });
    expect(access.sent).toHaveLength(2);
  });

  test('after a trial that ends, everything is closed until another card is decided', async () => {
    const { evaluate, access, rulesets, importAll, at } = await scene({ acme: 150 });
    // Customers of this scene came on 1 January 2025.
    const phases = [{ id: 'trial', months: 15, after: 'end' }];
    const growth = rateCard('growth', '2026-01-01', { features: ['bulk'], phases });
    await rulesets.publish(record({ ...smallRules(), ...growth }, '2026-03-12T00:00:00Z'));
    const placed = async (time: string) => {
      at(time);
      await evaluate({ task: 'evaluate' });
      return access.sent.flatMap((one) => (one.do === 'place' ? [[one.rateCard, one.denied]] : [])).at(-1);
    };
    expect(await placed('2026-03-31T23:00:00Z')).toEqual(['growth@2026-01-01', []]);
    expect(await placed('2026-04-01T00:00:00Z')).toEqual(['growth@2026-01-01', ['*/*']]);
    await importAll({ acme: 3 });
    await placed('2026-04-01T01:00:00Z');
    expect(await placed('2026-04-01T03:00:00Z')).toEqual(['free@2026-01-01', ['*/bulk', '*/bulk/*']]);
  });

  test('replaced keys that are due are deleted by the daily run', async () => {
    const { evaluate, access, directory, state } = await scene({ acme: 150 });
    const key = { value: 'v', apiKeyId: 'k', usagePlan: 'p', earlierUse: {} };
    await updateProfile(directory, 'acme', (profile) => ({
      ...profile,
      status: 'closed',
      access: { ...profile.access, retired: [{ ...key, deleteAfter: state.now + HOUR_MS }] },
    }));
    await evaluate({ task: 'evaluate' });
    expect(access.sent).toEqual([]);
    state.now += HOUR_MS;
    await evaluate({ task: 'evaluate' });
    expect(access.sent).toEqual([{ do: 'retire', customer: 'acme' }]);
  });
});

test('one customer that fails does not stop the others, and is named', async () => {
  const { ports, history } = await scene({ a: 1, bad: 2, c: 3 });
  const evaluate = evaluateCustomers({
    ...ports,
    facts: async (profile, now, rules) => {
      if (profile.customer.id === 'bad') throw new Error('throttled');
      return ports.facts(profile, now, rules);
    },
  });
  await expect(evaluate({ task: 'evaluate' })).rejects.toThrow('could not evaluate bad');
  expect(await history('a')).toHaveLength(1);
  expect(await history('c')).toHaveLength(1);
});

describe('importing customers', () => {
  test('a customer without createdAt is new today, and stays so', async () => {
    const { directory, evaluations, ports, at } = await scene({});
    const list = [{ id: 'new', name: 'new', keys: [], facts: {}, overrides: {} }];
    const needs = { directory, evaluations, clock: ports.clock };
    expect(await importCustomers(needs, list)).toMatchObject({ created: 1 });
    at('2026-05-01T00:00:00Z');
    expect(await importCustomers(needs, list)).toMatchObject({ created: 0, updated: 0, unchanged: 1 });
    expect((await directory.profile('new'))?.customer.createdAt).toBe('2026-03-11');
  });

  test('keys come along; one that another customer has is reported and stays there', async () => {
    const { directory, evaluations, ports } = await scene({});
    const customer = (id: string, ...hashes: string[]) => ({
      ...{ id, name: id, createdAt: '2026-01-01', facts: {}, overrides: {} },
      keys: hashes.map((hash) => `sha256:${hash.repeat(64)}`),
    });
    const needs = { directory, evaluations, clock: ports.clock };
    const list = [customer('a', '1', '2'), customer('b', '2', '3')];
    expect(await importCustomers(needs, list)).toEqual({
      ...{ created: 2, updated: 0, unchanged: 0, keysImported: 3 },
      keysTaken: [{ customer: 'b', hash: '2'.repeat(64) }],
      erased: [],
    });
    expect(await importCustomers(needs, list)).toMatchObject({ unchanged: 2, keysImported: 0 });
    expect((await directory.snapshot('2'.repeat(64)))?.customer).toBe('a');
    expect(evaluations.sent).toContainEqual({ command: { task: 'evaluate', customers: ['a', 'b'] }, delaySeconds: 0 });
  });

  test.each(['a b', 'a"', '', 'x'.repeat(129), 'a/b'])(
    'an id that could break a log line is refused before anything is written: %j',
    async (id) => {
      const { importAll, directory } = await scene({});
      await expect(importAll({ fine: 1, [id]: 1 })).rejects.toMatchObject({
        code: 'unsafe-customer-id',
        path: expect.stringMatching(/^\/customers\/\d+\/id$/),
      });
      expect(await directory.profile('fine')).toBeUndefined();
    },
  );
});

test.each([{}, null, 'evaluate', { task: 'invoice' }, { task: 'apply' }, { task: 'evaluate', customers: 'all' }])(
  'not a command: %j',
  (value) => {
    expect(() => parseEvaluationCommand(value)).toThrow(expect.objectContaining({ code: 'not-a-command' }));
  },
);
