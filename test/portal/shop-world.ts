import { compiledRulesets } from '../../lib/app/evaluate-customers/compiled-rulesets.ts';
import { evaluateCustomers } from '../../lib/app/evaluate-customers/evaluate-customers.ts';
import { knownFacts } from '../../lib/app/evaluate-customers/known-facts.ts';
import { updateProfile } from '../../lib/app/provision-access/profiles.ts';
import { hashRuleset } from '../../lib/domain/rules/hash-ruleset.ts';
import type { RulesFiles } from '../../lib/domain/rules/ruleset.ts';
import { addHours, type Hour, hourOf, parseHour, parseMonth } from '../../lib/domain/time/time.ts';
import { marker } from '../app/invoice-customer/fixtures.ts';
import { shippedRules } from '../domain/rules/shipped-rules.ts';
import { type PortalWorld, portalWorld } from './portal-world.ts';

export type ShopWorld = Awaited<ReturnType<typeof shopWorld>>;

/** A portal whose rules are published, over months that are closed up to now. */
export async function shopWorld(rules: RulesFiles = shippedRules(), since = '2026-09-01T00:00:00Z') {
  const world = portalWorld();
  const hash = await publishIn(world, rules, since);
  const first = hourOf(parseMonth('2026-09').start);
  const closedUntil = addHours(hourOf(world.time.now), -30);
  for (let hour = first; hour < closedUntil; hour = addHours(hour, 1)) {
    await world.usage.putMarker({ ...marker(hour), ruleset: hash });
  }
  const evaluate = evaluateCustomers({
    ...{ directory: world.directory, decisions: world.decisions, rulesets: world.rulesets, clock: world.clock },
    ...{ access: world.queue, evaluations: world.evaluations, compile: compiledRulesets() },
    facts: knownFacts(world.usage),
    log: { info() {}, warn() {}, error() {} },
    metrics: { count() {} },
  });
  return {
    ...world,
    hash,
    /** Does what was asked for on the queue, as the function would. */
    async work() {
      for (const { command } of world.evaluations.sent.splice(0)) {
        if (command.task === 'evaluate') await evaluate(command);
      }
    },
    nightly: () => evaluate({ task: 'evaluate' }),
    hourly: () => evaluate({ task: 'changes' }),
    /** So many calls in each hour of a closed stretch. */
    async call(customer: string, from: string, hours: number, calls: number, group: string | null = null) {
      const start = parseHour(from);
      const rows = Array.from({ length: hours }, (_, index) => ({
        ...{ customer, hour: addHours(start, index), adjustment: 0, ruleset: hash, digest: 'd' },
        usage: [{ meter: 'api-calls', group, quantity: String(calls) }],
      }));
      await world.usage.putClosedHours(rows);
    },
    publish: (files: RulesFiles, from: string) => publishIn(world, files, from),
    history: async (customer: string) =>
      (await world.decisions.during(customer, 0 as Hour, 9_999_999 as Hour)).map(
        ({ effectiveFrom, rateCard, tierRule }) =>
          `${new Date(effectiveFrom * 3_600_000).toISOString().slice(0, 13)} ${rateCard} ${tierRule}`,
      ),
    /** Facts that its file would give. */
    state: (customer: string, facts: Record<string, string | number | boolean>) =>
      updateProfile(world.directory, customer, (profile) => ({ ...profile, customer: { ...profile.customer, facts } })),
  };
}

async function publishIn(world: PortalWorld, files: RulesFiles, from: string): Promise<string> {
  const hash = hashRuleset(files);
  await world.rulesets.publish({ hash, commit: 'c0ffee', effectiveFrom: parseHour(from), files });
  return hash;
}
