import type { Usage } from '../pricing/usage.ts';
import type { Ruleset } from '../rules/ruleset.ts';
import { customerFacts, type ListedCustomer } from '../segmentation/customer-list.ts';
import type { GivenFacts } from '../segmentation/decide.ts';
import { callMeter } from '../segmentation/hours-of-calls.ts';
import { usageFacts } from '../segmentation/usage-facts.ts';
import { formatDate, hourOf, hourStart, type Period } from '../time/time.ts';
import type { CollectedUsage, PeriodUse } from './collected-usage.ts';
import { comparisonOf, daysOf, type Impact, impactOn, type LeftOut } from './customer-impact.ts';
import { instantOf } from './instant.ts';
import { compileSide, type Side } from './side.ts';

/** Two rulesets and a month, ready to price customers. */
export interface Plan {
  readonly base: Side;
  readonly head: Side;
  readonly period: Period;
}

export function planOf(base: Ruleset, head: Ruleset, period: Period): Plan {
  const at = instantOf(period, base, head);
  return { base: compileSide(base, at), head: compileSide(head, at), period };
}

/** Usage as each side meters it: the same object where both meter alike. */
export interface UsageOfSides {
  readonly base: CollectedUsage;
  readonly head: CollectedUsage;
}

/** What the evaluation met on its way: things to tell, none of them an error. */
export interface Notes {
  /** Customers with usage outside the period, and how many records of it. */
  outsideRecords: number;
  /** Customers whose usage has no hours. */
  hourless: number;
  /** Customers with usage whom the customers file does not know: how many, and the first by id. */
  unknown: number;
  readonly unknownFirst: string[];
  /** Customers taken to sign up on the day of the instant, for want of a customers file. */
  assumedNew: number;
  /** The first instant of any usage; null without usage. */
  earliest: number | null;
}

export const noNotes = (): Notes => ({
  outsideRecords: 0,
  hourless: 0,
  unknown: 0,
  unknownFirst: [],
  assumedNew: 0,
  earliest: null,
});

const NAMED = 10;

/** Notes of several parts together. */
export function mergeNotes(into: Notes, more: Notes): void {
  into.outsideRecords += more.outsideRecords;
  into.hourless += more.hourless;
  into.unknown += more.unknown;
  into.assumedNew += more.assumedNew;
  if (more.earliest !== null) into.earliest = Math.min(into.earliest ?? more.earliest, more.earliest);
  into.unknownFirst.push(...more.unknownFirst);
  into.unknownFirst.sort();
  into.unknownFirst.splice(NAMED);
}

/**
 * Prices every customer under both sides: those of the file, with or without usage, then those that only usage knows.
 * @param customers null where there is no customers file
 */
export function* evaluate(
  plan: Plan,
  usage: UsageOfSides,
  customers: Iterable<ListedCustomer> | null,
  notes: Notes,
): Generator<Impact | LeftOut> {
  const comparison = comparisonOf(plan.base, plan.head, daysOf(plan.period));
  const facts = factsOf(plan, usage);
  const byHour = plan.base.needsHours || plan.head.needsHours;
  const today = formatDate(hourStart(plan.head.at));
  const known = new Set<string>();
  const one = (id: string, customer: ListedCustomer | null): Impact | LeftOut => {
    const base = usageOf(usage.base.use(id, plan.period, byHour), id, customer, plan.period);
    const head =
      usage.head === usage.base ? base : usageOf(usage.head.use(id, plan.period, byHour), id, customer, plan.period);
    notes.outsideRecords += base.outside;
    if (base.hourless) notes.hourless++;
    const given = customer ? customerFacts(customer) : customers === null ? { createdAt: today } : {};
    if (customer === null && customers === null) notes.assumedNew++;
    const [baseFacts, headFacts] = facts(id, given);
    const since = typeof given.createdAt === 'string' ? given.createdAt : null;
    return impactOn(comparison, { id, baseFacts, headFacts, since, baseUsage: base.usage, headUsage: head.usage });
  };
  for (const customer of customers ?? []) {
    known.add(customer.id);
    yield one(customer.id, customer);
  }
  const strangers: string[] = [];
  for (const id of new Set([...usage.base.customers(), ...usage.head.customers()])) {
    if (known.has(id)) continue;
    if (customers !== null) strangers.push(id);
    yield one(id, null);
  }
  strangers.sort();
  const { earliest } = usage.base;
  mergeNotes(notes, { ...noNotes(), unknown: strangers.length, unknownFirst: strangers.slice(0, NAMED), earliest });
}

interface SidedUsage {
  readonly usage: Usage;
  readonly outside: number;
  readonly hourless: boolean;
}

function usageOf(use: PeriodUse, id: string, customer: ListedCustomer | null, period: Period): SidedUsage {
  const { entries, earlierOutcomes, active, outside, hourless } = use;
  const timeZone = use.timeZone ?? customer?.timeZone ?? null;
  return {
    usage: { customer: id, period, active, timeZone, entries, earlierOutcomes, credits: [] },
    outside,
    hourless,
  };
}

/** Facts under both sides, computed once where both ask for the same. */
function factsOf({ base, head, period }: Plan, usage: UsageOfSides) {
  const [ofBase, ofHead] = [sideFacts(base, usage.base, period), sideFacts(head, usage.head, period)];
  const asked = ({ ruleset }: Side) => JSON.stringify([ruleset.facts.filter(fromUsage), ruleset.meters]);
  const same = usage.base === usage.head && asked(base) === asked(head);
  return (id: string, given: GivenFacts): [GivenFacts, GivenFacts] => {
    const first = { ...ofBase(id), ...given };
    return [first, same ? first : { ...ofHead(id), ...given }];
  };
}

const fromUsage = ({ source }: { readonly source: string }): boolean => source === 'usage';

function sideFacts({ ruleset }: Side, usage: CollectedUsage, period: Period): (id: string) => GivenFacts {
  const meter = callMeter(ruleset.meters);
  const routeGroups = (ruleset.meters.routeGroups ?? []).map(({ id }) => id);
  const read = new Set(factsRead(ruleset));
  const asked = ruleset.facts.filter((fact) => fromUsage(fact) && read.has(fact.id));
  const at = hourOf(period.end);
  if (asked.length === 0) return () => ({});
  return (id) => usageFacts({ hours: usage.calls(id, meter, period), at, routeGroups }, asked);
}

/** Facts that any rule reads: the others are not worth computing for a million customers. */
export function factsRead({ segments, tiers, protection, conditions = {} }: Ruleset): string[] {
  const found: string[] = [];
  const walk = (value: unknown): void => {
    if (Array.isArray(value)) for (const item of value) walk(item);
    else if (typeof value === 'object' && value !== null) {
      for (const [key, inside] of Object.entries(value)) {
        if (key === 'fact' && typeof inside === 'string') found.push(inside);
        else walk(inside);
      }
    }
  };
  walk([[...segments, ...tiers.rules, ...protection].map((rule) => rule.conditions), conditions]);
  return found;
}
