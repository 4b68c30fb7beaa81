import { type DraftInput, draftInvoice, PLAIN_DRAFT } from '../../../lib/domain/invoicing/draft.ts';
import type { Invoice } from '../../../lib/domain/invoicing/invoice.ts';
import { cardRater } from '../../../lib/domain/invoicing/rater.ts';
import type { ClosedHour, ClosedQuantity, HourTallies } from '../../../lib/domain/metering/meters.ts';
import type { RateCard } from '../../../lib/domain/pricing/rate-card.ts';
import type { UsageReportInput } from '../../../lib/domain/reporting/usage-report.ts';
import { parseRuleset } from '../../../lib/domain/rules/parse-ruleset.ts';
import type { Ruleset } from '../../../lib/domain/rules/ruleset.ts';
import type { Decision } from '../../../lib/domain/segmentation/decision.ts';
import {
  addHours,
  formatHour,
  type Hour,
  hourOf,
  hoursOf,
  type Period,
  parseMonth,
} from '../../../lib/domain/time/time.ts';
import { shippedRules } from '../rules/shipped-rules.ts';

export const OCTOBER = parseMonth('2026-10');
export const SEPTEMBER = parseMonth('2026-09');
export const RULES: Ruleset = parseRuleset(shippedRules());
const RULESET = { hash: 'r1', commit: '8f3c2a9b1d4e', rules: RULES };

export function decisionOf(change: Partial<Decision> = {}): Decision {
  return {
    customer: 'acme',
    effectiveFrom: hourOf(SEPTEMBER.start),
    segments: ['fintech', 'startup'],
    tierRule: 'growth-for-startups',
    rateCard: 'growth@2026-01-01',
    discounts: [{ id: 'startup-programme', percent: '50' }],
    reservedCapacity: null,
    protection: [],
    undecided: null,
    reasons: [
      {
        kind: 'tier',
        rule: 'growth-for-startups',
        rationale: 'Half price while in the programme: we want to be the API that they grow up with.',
        facts: { segments: ['fintech', 'startup'] },
      },
      { kind: 'segment', rule: 'fintech', rationale: 'They settle payments.', facts: { industry: 'fintech' } },
    ],
    ruleset: { hash: 'r1', commit: RULESET.commit },
    ...change,
  };
}

export type HourlyUse = (hour: Hour) => readonly ClosedQuantity[];
export const calls = (quantity: number | string, group: string | null = null): ClosedQuantity => ({
  meter: 'api-calls',
  group,
  quantity: String(quantity),
});

/** A working day in UTC, with payments at night: shaped like a customer, and the same in every run. */
export const officeHours: HourlyUse = (hour) => {
  const [ofDay, weekday] = [hour % 24, Math.floor(hour / 24 + 4) % 7];
  const uneven = 0.8 + ((Math.floor(hour / 24) * 7919) % 41) / 100;
  const shape = Math.max(0.05, Math.sin(((ofDay - 5) / 14) * Math.PI));
  const busy = Math.round((weekday === 0 || weekday === 6 ? 9 : 60) * shape * uneven);
  const used = [calls(busy * 3, 'search'), calls(Math.ceil(busy / 5), 'payments'), calls(busy % 7, 'status')];
  return used.filter(({ quantity }) => quantity !== '0');
};

export interface World {
  readonly use?: HourlyUse;
  readonly asOf?: string;
  readonly period?: Period;
  readonly decisions?: readonly Decision[];
  readonly rules?: Ruleset;
  /** Whether the periods that are closed were invoiced. @default true */
  readonly invoiced?: boolean;
  /** The first hour with usage. @default the start of September */
  readonly since?: Hour;
  readonly late?: readonly ClosedHour[];
  readonly change?: Partial<UsageReportInput>;
}

const customer = { id: 'acme', name: 'Acme GmbH', timeZone: 'Europe/Berlin' };
const talliesOf = (usage: readonly ClosedQuantity[]): HourTallies => {
  const counted = usage.reduce((sum, { quantity }) => sum + Math.max(0, Math.round(Number(quantity))), 0);
  const failed = Math.floor(counted / 40);
  const byStatus = { '2xx': counted - failed, ...(failed > 0 ? { '4xx': failed } : {}) };
  return { calls: counted, errors: failed, byGroup: {}, byClient: {}, byStatus };
};

/** All that a report is made from, as the stores would hold it. */
export function reportInput(world: World = {}): UsageReportInput {
  const { use = officeHours, decisions = [decisionOf()], period = OCTOBER, rules = RULES } = world;
  const asOf = Date.parse(world.asOf ?? '2026-11-03T09:00:00Z');
  const since = world.since ?? hourOf(SEPTEMBER.start);
  const closedUntil = Math.min(hourOf(asOf) - 26, hourOf(period.end)) as Hour;
  const rows: ClosedHour[] = [];
  const open: { hour: Hour; counters: Record<string, string> }[] = [];
  for (let hour = since; hour < Math.min(hourOf(asOf), hourOf(period.end)); hour = addHours(hour, 1)) {
    const usage = use(hour);
    if (usage.length === 0) continue;
    const row = { customer: 'acme', hour, adjustment: 0, usage, ruleset: 'r1', digest: `digest-${hour}` };
    if (hour < closedUntil) rows.push({ ...row, tallies: talliesOf(usage) });
    else
      open.push({
        hour,
        counters: Object.fromEntries(usage.map((u) => [`c:${u.meter}|${u.group ?? ''}`, u.quantity])),
      });
  }
  rows.push(...(world.late ?? []));
  const ruleset = { ...RULESET, rules };
  const rulesets = new Map([['r1', ruleset]]);
  const context = {
    ...{ ...PLAIN_DRAFT, customer: 'acme', customerSince: '2026-02-01', timeZone: customer.timeZone },
    ...{ decisions, rulesets, rater: cardRater() },
  };
  const invoice = (of: Period): Invoice | null => {
    if (world.invoiced === false || hourOf(of.end) > closedUntil) return null;
    const own = rows.filter(
      ({ hour, adjustment }) => adjustment === 0 && hour >= hourOf(of.start) && hour < hourOf(of.end),
    );
    const pinned = new Map([...hoursOf(of)].map((hour) => [hour, 'r1']));
    const input: DraftInput = {
      ...context,
      current: { period: of, active: of, rows: own, pinned },
      earlier: [],
    };
    const drafted = draftInvoice(input);
    if (drafted.outcome !== 'drafted') throw new Error(`${formatHour(hourOf(of.start))}: ${JSON.stringify(drafted)}`);
    return drafted.invoice;
  };
  const invoicesOf = (of: Period) => {
    const found = invoice(of);
    return found ? [{ state: 'PAID' as const, invoice: found, held: null, kind: 'usage', creditNotes: [] }] : [];
  };
  return {
    ...{ customer, status: 'active', statusReason: null, asOf, closedUntil, rows, open, knownFrom: since },
    invoices: invoicesOf(period),
    previous:
      period === OCTOBER && since <= hourOf(SEPTEMBER.start)
        ? { period: SEPTEMBER, invoices: invoicesOf(SEPTEMBER) }
        : null,
    rating: {
      ...{ period, active: period, present: 'r1', context },
      pinned: new Map([...hoursOf({ start: period.start, end: closedUntil * 3_600_000 })].map((hour) => [hour, 'r1'])),
    },
    present: ruleset,
    offered: null,
    ...world.change,
  };
}

export const cardWith = (change: Partial<RateCard>): RateCard => ({
  ...{ id: 'growth', name: 'Growth', effectiveFrom: '2026-01-01', currency: 'USD' },
  ...{ rationale: 'because', valueDriver: 'calls', owner: 'pricing@example.com' },
  charges: [{ id: 'calls', meter: 'api-calls', price: { model: 'perUnit', unitPrice: '0.001' } }],
  ...change,
});
