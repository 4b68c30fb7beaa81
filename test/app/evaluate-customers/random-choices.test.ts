import fc from 'fast-check';
import { memoryDecisions } from '../../../lib/adapters/memory/decisions.ts';
import { memoryDirectory } from '../../../lib/adapters/memory/directory.ts';
import { memoryAccessQueue, memoryEvaluationQueue } from '../../../lib/adapters/memory/queues.ts';
import { memoryRulesets } from '../../../lib/adapters/memory/rulesets.ts';
import { compiledRulesets } from '../../../lib/app/evaluate-customers/compiled-rulesets.ts';
import { evaluateCustomers } from '../../../lib/app/evaluate-customers/evaluate-customers.ts';
import { updateProfile } from '../../../lib/app/provision-access/profiles.ts';
import { WRITER_LEAD_MS } from '../../../lib/app/publish-rules/publish-rules.ts';
import { chosenAt, withChoice, withoutPending } from '../../../lib/domain/entitlement/choices.ts';
import { newProfile } from '../../../lib/domain/entitlement/profile.ts';
import { periodAt } from '../../../lib/domain/invoicing/periods.ts';
import { hashRuleset } from '../../../lib/domain/rules/hash-ruleset.ts';
import { choiceFrom } from '../../../lib/domain/shop/taking-effect.ts';
import {
  addHours,
  formatHour,
  HOUR_MS,
  type Hour,
  hourOf,
  MINUTE_MS,
  parseHour,
  parseTimestamp,
} from '../../../lib/domain/time/time.ts';
import { shippedRules } from '../../domain/rules/shipped-rules.ts';

const FILES = shippedRules();
const record = {
  hash: hashRuleset(FILES),
  commit: 'c',
  files: FILES,
  effectiveFrom: parseHour('2026-10-01T00:00:00Z'),
};
const compile = compiledRulesets();
/** Five days about the end of a period. */
const START = parseTimestamp('2026-11-28T12:00:00Z');
const HOURS = 120;

type Act = { readonly minute: number } & (
  | { readonly do: 'choose'; readonly card: string; readonly when: 'now' | 'periodEnd' }
  | { readonly do: 'undo' | 'nightly' }
  | { readonly do: 'calls'; readonly calls: number }
);
/** At any time, and often about the period's end, where the hours are tight. */
const END_MINUTE = 60 * 60;
const minute = fc.oneof(fc.nat(HOURS * 60), fc.integer({ min: END_MINUTE - 300, max: END_MINUTE + 60 }));
const act: fc.Arbitrary<Act> = fc.oneof(
  fc.record({
    ...{ minute, do: fc.constant('choose' as const), card: fc.constantFrom('free', 'growth', 'business') },
    when: fc.constantFrom('now' as const, 'periodEnd' as const),
  }),
  fc.record({ minute, do: fc.constantFrom('undo' as const, 'nightly' as const) }),
  fc.record({ minute, do: fc.constant('calls' as const), calls: fc.constantFrom(0, 6_000, 60_000) }),
);

/** Lives through it minute by minute; every second run of the schedule is lost, messages arrive within four minutes. */
async function live(acts: readonly Act[]) {
  const state = { now: START, calls: 0 };
  const [directory, decisions] = [memoryDirectory(), memoryDecisions()];
  const evaluate = evaluateCustomers({
    ...{ directory, decisions, rulesets: memoryRulesets([record]), compile },
    ...{ access: memoryAccessQueue(), evaluations: memoryEvaluationQueue(), clock: { now: () => state.now } },
    log: { info() {}, warn() {}, error() {} },
    metrics: { count() {} },
    facts: async () => ({ createdAt: '2026-10-05', callsLast30Days: state.calls }),
  });
  const customer = { id: 'acme', name: 'Acme', createdAt: '2026-10-05', keys: [], facts: {}, overrides: {} };
  await directory.register(newProfile(customer, parseTimestamp('2026-10-05T08:00:00Z')));
  await evaluate({ task: 'evaluate' });
  const queued: number[] = [];
  const work: Record<Act['do'], (one: Act) => Promise<unknown>> = {
    async choose(one) {
      if (one.do !== 'choose') return;
      const { card, when } = one;
      const latest = (await decisions.latest('acme'))?.effectiveFrom ?? null;
      const now = state.now;
      const from = choiceFrom(when, { now, period: periodAt(1, now), latest, writerLead: WRITER_LEAD_MS });
      await directory.noteChange('acme', from);
      const choice = { card, from, chosenAt: now, by: 'Ann' };
      await updateProfile(directory, 'acme', (p) => ({ ...p, choices: withChoice(p.choices, choice) }));
      queued.push(now + ((one.minute * 7) % 5) * MINUTE_MS);
    },
    undo: () =>
      updateProfile(directory, 'acme', (p) => {
        const choices = withoutPending(p.choices, state.now);
        return choices && { ...p, choices };
      }),
    nightly: () => evaluate({ task: 'evaluate' }),
    async calls(one) {
      if (one.do === 'calls') state.calls = one.calls;
    },
  };
  for (let passed = 0; passed <= HOURS * 60; passed++, state.now += MINUTE_MS) {
    for (const one of acts) if (one.minute === passed) await work[one.do](one);
    while ((queued[0] ?? Number.POSITIVE_INFINITY) <= state.now) {
      queued.shift();
      await evaluate({ task: 'evaluate', customers: ['acme'] });
    }
    if (passed % 120 === 10) await evaluate({ task: 'changes' });
  }
  return { profile: await directory.profile('acme'), decisions };
}

test('whatever is chosen, taken back and evaluated when, each hour is decided by the choice that stands for it', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(act, { minLength: 1, maxLength: 8 }), async (acts) => {
      const { profile, decisions } = await live(acts);
      for (let hour = hourOf(START); hour < hourOf(START + HOURS * HOUR_MS); hour = addHours(hour, 1)) {
        const chosen = chosenAt(profile?.choices, hour);
        const decided = await decisions.inForceAt('acme', hour);
        const found = chosen === null ? chosen : decided?.reasons.find(({ kind }) => kind === 'tier')?.facts.chosenCard;
        expect([formatHour(hour as Hour), found]).toEqual([formatHour(hour as Hour), chosen]);
        if (chosen === null) expect(decided?.tierRule).not.toContain('chosen');
      }
    }),
    { seed: 15, numRuns: 80 },
  );
}, 120_000);
