import { memoryCredits } from '../../../lib/adapters/memory/credits.ts';
import { memoryDecisions } from '../../../lib/adapters/memory/decisions.ts';
import { memoryCorrections, memoryInvoices } from '../../../lib/adapters/memory/invoices.ts';
import { draftKind } from '../../../lib/app/invoice-customer/draft-kind.ts';
import type { DraftingPorts } from '../../../lib/app/invoice-customer/ports.ts';
import { FIRST_ATTEMPTS } from '../../../lib/app/ports/invoices.ts';
import { PLAIN_TERMS } from '../../../lib/domain/invoicing/billing-terms.ts';
import type { PriceCorrection } from '../../../lib/domain/invoicing/correction.ts';
import type { Invoice } from '../../../lib/domain/invoicing/invoice.ts';
import { newestPages } from '../../../lib/domain/invoicing/outcome-pages.ts';
import { NO_PAYMENT } from '../../../lib/domain/invoicing/payment.ts';
import { cardRater } from '../../../lib/domain/invoicing/rater.ts';
import type { InvoiceState } from '../../../lib/domain/invoicing/state.ts';
import type { ClosedQuantity, ReportedOutcome } from '../../../lib/domain/metering/meters.ts';
import { add, formatDecimal, parseDecimal, subtract, ZERO } from '../../../lib/domain/money/decimal.ts';
import type { RateCard } from '../../../lib/domain/pricing/rate-card.ts';
import type { ProtectionParams } from '../../../lib/domain/rules/ruleset.ts';
import { hourOf, hoursOf, parseMonth, parseTimestamp } from '../../../lib/domain/time/time.ts';
import { decision, GROWTH, key, profileOf, record, ruleset } from './fixtures.ts';
import { usageBook } from './world.ts';

/** 10 % of a booking within 30 days of our touch, 45 days to reverse. */
export const BOOKINGS: RateCard = {
  ...GROWTH,
  charges: [
    {
      id: 'bookings',
      meter: 'bookings',
      price: { model: 'outcome', percent: '10', attributionDays: 30, reversalDays: 45 },
    },
  ],
};

export const booked = (id: string, at: string, amount: string, touchedAt: string = at): ReportedOutcome => ({
  ...{ id: `/shop#${id}`, at: `${at}T12:00:00Z` },
  ...{ amount, touchedAt: `${touchedAt}T09:00:00Z` },
});
export const cancelled = (id: string, at: string, by = `r-${id}`): ReportedOutcome => ({
  ...{ id: `/shop#${by}`, at: `${at}T18:00:00Z` },
  reverses: `/shop#${id}`,
});

export const usageOf = (outcomes: readonly ReportedOutcome[]): ClosedQuantity => ({
  ...{ meter: 'bookings', group: null, outcomes },
  quantity: formatDecimal(
    outcomes.reduce(
      (sum, { amount = '0', withdrawn }) => (withdrawn ? subtract : add)(sum, parseDecimal(amount)),
      ZERO,
    ),
  ),
});

/** One customer's months, invoiced one after the other from memory, without Stripe. */
export function months(
  cards: readonly RateCard[] = [BOOKINGS],
  protection: Readonly<Record<string, ProtectionParams>> = {},
) {
  let now = 0;
  const [invoices, decisions, corrections] = [memoryInvoices(), memoryDecisions(), memoryCorrections()];
  const usage = usageBook([], []);
  const ports: DraftingPorts = {
    clock: { now: () => now },
    log: { info() {}, warn() {}, error() {} },
    metrics: { count() {} },
    ...{ invoices, decisions, usage, corrections, credits: memoryCredits(), rater: cardRater() },
    rulesets: { byHash: async (hash) => record(hash), inForceAt: async () => record('r1') },
    parseRuleset: () => ruleset(cards, protection),
  };
  const adjustments = new Map<number, number>();
  return {
    ports,
    invoices,
    /** Closes what is reported: in hours that are closed already as an adjustment. */
    report(...outcomes: readonly ReportedOutcome[]) {
      for (const outcome of outcomes) {
        const hour = hourOf(parseTimestamp(outcome.at));
        const isClosed = usage.rows.some((row) => row.hour === hour) || adjustments.has(hour);
        const adjustment = isClosed ? (adjustments.get(hour) ?? 0) + 1 : 0;
        adjustments.set(hour, adjustment);
        const row = { customer: 'acme', hour, adjustment, usage: [usageOf([outcome])], ruleset: 'r1', digest: 'd' };
        if (adjustment > 0) usage.adjust(row);
        else usage.rows.push(row);
      }
    },
    close(month: string) {
      usage.close(parseMonth(month));
      for (const hour of hoursOf(parseMonth(month))) if (!adjustments.has(hour)) adjustments.set(hour, 0);
    },
    correct: (correction: Omit<PriceCorrection, 'customer' | 'by' | 'reason' | 'at'>) =>
      corrections.record({ ...correction, customer: 'acme', by: 'us', reason: 'wrong', at: now }),
    decide: decisions.record,
    async draft(month: string): Promise<Invoice> {
      const period = parseMonth(month);
      now += 3_600_000;
      const heads = await invoices.headsOf('acme');
      const billed = { key: key('acme', period), profile: profileOf(), terms: PLAIN_TERMS, heads };
      const drafted = await draftKind(billed, ports);
      if (drafted.outcome !== 'drafted') throw new Error(JSON.stringify(drafted));
      return drafted.invoice;
    },
    /** Makes the invoice of a month, and keeps it in a state of its life. */
    async invoice(month: string, state: InvoiceState = 'PAID'): Promise<Invoice> {
      if ((await decisions.during('acme', 0 as never, hourOf(parseMonth('2030-01').start))).length === 0) {
        await decisions.record(decision());
      }
      const invoice = await this.draft(month);
      await invoices.put({
        ...{ key: key('acme', parseMonth(month)), state, invoice, stripe: { customer: null, invoice: null } },
        ...{ attempts: FIRST_ATTEMPTS, held: null, payment: NO_PAYMENT, creditNotes: [], acts: [] },
        ...{ updatedAt: now, version: 1 },
      });
      return invoice;
    },
    async pages() {
      return newestPages(await invoices.ofCustomer('acme'));
    },
  };
}

/** `usage 8.00`, without lines of 0. */
export const inShort = ({ lines }: Invoice): string[] => lines.map(({ kind, amount }) => `${kind} ${amount}`);
