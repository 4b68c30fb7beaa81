import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { CollectedUsage } from '../../../lib/domain/impact/collected-usage.ts';
import type { Impact } from '../../../lib/domain/impact/customer-impact.ts';
import { evaluate, noNotes, planOf } from '../../../lib/domain/impact/evaluate.ts';
import { NO_AGREEMENTS, ratePeriod } from '../../../lib/domain/invoicing/rate-period.ts';
import { cardRater } from '../../../lib/domain/invoicing/rater.ts';
import { formatFixed } from '../../../lib/domain/money/exact.ts';
import { parseRuleset } from '../../../lib/domain/rules/parse-ruleset.ts';
import type { RulesFiles } from '../../../lib/domain/rules/ruleset.ts';
import { compileRules, decide } from '../../../lib/domain/segmentation/decide.ts';
import { addHours, type Hour, hourOf, hoursOf, parseMonth } from '../../../lib/domain/time/time.ts';
import { edited, shippedRules } from '../rules/shipped-rules.ts';

/** Linear congruential, so that every run makes the same companies. */
function seeded(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % below;
  };
}

const PERIOD = parseMonth('2026-10');
const HOURS = [...hoursOf(PERIOD)];
const AT = addHours(hourOf(PERIOD.end), -1);

/** Every kind of protection, with and without an end, and limits that bind. */
function protective(): RulesFiles {
  const files = edited(shippedRules(), 'protection.json', (json) => {
    const [lock, cap] = json.rules;
    json.rules.push({
      ...lock,
      name: 'first-half-year-match',
      conditions: { all: [{ fact: 'rateCard', operator: 'equal', value: 'growth' }] },
      event: { type: 'protection', params: { kind: 'match', rateCard: 'growth@2025-01-01', months: 6 } },
    });
    cap.event.params.rateCard = 'business@2025-01-01';
  });
  return edited(files, 'rate-cards/growth/2025-01-01.json', (json) => {
    json.minimum = { amount: '35.00', order: 'afterDiscounts' };
    json.maximum = { amount: '90.00' };
  });
}

test.each([
  { name: 'the shipped rules', files: shippedRules() },
  { name: 'rules with every kind of protection, minimum and maximum', files: protective() },
])('plan prices every customer as the invoice would: $name', ({ files }) => {
  const random = seeded(20_261_115);
  const rules = parseRuleset(files);
  const customers = Array.from({ length: 150 }, (_, n) => ({
    id: `c${n}`,
    name: `c${n}`,
    // The first of a month: protection that ends within the month is split by the invoice, and not by plan.
    createdAt: `202${3 + random(4)}-0${1 + random(9)}-01`,
    keys: [],
    overrides: {},
    facts: {
      industry: ['fintech', 'healthcare', 'media'][random(3)] as string,
      companySize: [5, 60, 300, 900][random(4)] as number,
      startupProgramme: random(3) === 0,
    },
  }));
  const collected = new CollectedUsage();
  const rows = new Map(customers.map(({ id }) => [id, usageOf(id, random, collected)] as const));
  const found = [...evaluate(planOf(rules, rules, PERIOD), { base: collected, head: collected }, customers, noNotes())];
  expect(found).toHaveLength(customers.length);
  const version = { hash: 'h', commit: 'c' };
  const published = { ...version, rules };
  const compiled = compileRules(rules);
  const kinds = new Set<string>();
  for (const [n, one] of (found as Impact[]).entries()) {
    const customer = customers[n] as (typeof customers)[number];
    const facts = { ...factsOf(one.id, collected), createdAt: customer.createdAt, ...customer.facts };
    const decision = decide(compiled, facts, { customer: one.id, at: AT, ruleset: version });
    const bill = ratePeriod(
      {
        period: PERIOD,
        active: PERIOD,
        rows: rows.get(one.id) ?? [],
        pinned: new Map(HOURS.map((hour) => [hour, 'h'])),
      },
      {
        ...NO_AGREEMENTS,
        customer: one.id,
        customerSince: customer.createdAt,
        // In force all month, as plan lives it.
        decisions: [{ ...decision, effectiveFrom: hourOf(PERIOD.start) }],
        rulesets: new Map([['h', published]]),
        rater: cardRater(),
      },
    );
    expect([one.id, formatFixed(one.is, 2)]).toEqual([one.id, formatFixed(Number(bill.units), 2)]);
    expect(one.was).toBe(one.is);
    for (const { kind } of bill.lines) kinds.add(kind);
  }
  expect([...kinds]).toEqual(expect.arrayContaining(['flat', 'usage', 'discount', 'minimum', 'protection']));
});

function usageOf(customer: string, random: (below: number) => number, collected: CollectedUsage) {
  const scale = [3, 40, 400, 4_000][random(4)] as number;
  return Array.from({ length: 12 }, () => HOURS[random(HOURS.length)] as Hour)
    .filter((hour, i, all) => all.indexOf(hour) === i)
    .map((hour) => {
      const usage = [null, 'payments', 'bulk'].map((group) => {
        const quantity = random(group === null ? 30 * scale : scale);
        collected.addWhole(collected.enter(customer), collected.key('api-calls', group), hour, quantity);
        return { meter: 'api-calls', group, quantity: String(quantity) };
      });
      return { customer, hour, adjustment: 0, usage, ruleset: 'h', digest: 'd' };
    });
}

/** What the same hours say, computed for this test from the collected rows. */
function factsOf(customer: string, collected: CollectedUsage) {
  const hours = collected.calls(customer, 'api-calls', PERIOD);
  const recent = hours.filter(({ hour }) => hour >= addHours(hourOf(PERIOD.end), -720));
  const calls = recent.reduce((sum, row) => sum + row.calls, 0);
  const before = hours.reduce((sum, row) => sum + row.calls, 0) - calls;
  const groups: Record<string, number> = Object.assign({}, ...recent.map(({ byGroup }) => byGroup));
  const share = (group: string) => (groups[group] ?? 0) / calls;
  const byHour = new Map<number, number>();
  for (const { hour, calls: of } of recent) byHour.set(hour, (byHour.get(hour) ?? 0) + of);
  const busiest = [...byHour.values()].sort((a, b) => b - a).slice(0, 72);
  return {
    callsLast30Days: calls,
    ...(before > 0 ? { callsGrowth: calls / before - 1 } : {}),
    ...(calls > 0
      ? {
          peakShare: busiest.reduce((sum, n) => sum + n, 0) / calls,
          routeGroupShare: Object.fromEntries(
            ['bulk', 'payments', 'search', 'status'].map((group) => [group, share(group)]),
          ),
        }
      : {}),
  };
}

test('the shipped meters have the groups that this test knows', () => {
  const meters = JSON.parse(readFileSync(resolve(import.meta.dirname, '../../../rules/meters.json'), 'utf8'));
  expect(meters.routeGroups.map(({ id }: { id: string }) => id).sort()).toEqual(
    expect.arrayContaining(['bulk', 'payments']),
  );
});
