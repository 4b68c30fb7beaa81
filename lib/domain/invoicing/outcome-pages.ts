import { assert } from '../assert.ts';
import { isIdle, type StoredInvoice } from '../credits/balances.ts';
import type { ClosedHour } from '../metering/meters.ts';
import { add, compare, formatDecimal, parseDecimal, ZERO } from '../money/decimal.ts';
import { formatFixed } from '../money/exact.ts';
import type { ExactLine } from '../pricing/bill.ts';
import type { EarlierOutcome } from '../pricing/outcomes.ts';
import { type EpochMs, formatTimestamp, parseTimestamp } from '../time/time.ts';
import { canonicalJson } from './canonical.ts';

/** An outcome that an invoice charged for. */
export interface ChargedOutcome {
  readonly id: string;
  /** RFC 3339 */
  readonly at: string;
  /** The commission, a decimal string. */
  readonly charged: string;
  /** Never on an invoice, which is frozen: what became of it since, where nobody pays for it. */
  readonly uncollected?: true;
}

/** A reversal that gave back what was charged. */
export interface GivenBackOutcome {
  readonly id: string;
  readonly at: string;
  readonly reverses: string;
  readonly charged: string;
}

/** A report that changed nothing, and why. */
export interface UncountedReport {
  readonly id: string;
  readonly at: string;
  readonly reverses: string | null;
  readonly why: string;
}

/** What became of every report of a period; each list in time order. */
export interface OutcomeReports {
  readonly charged: readonly ChargedOutcome[];
  readonly givenBack: readonly GivenBackOutcome[];
  readonly notCounted: readonly UncountedReport[];
}

/** A period's page in the book of outcomes: written on the invoice that rates it, and anew where it is rated again. */
export interface OutcomePage extends OutcomeReports {
  /** RFC 3339, the period's. */
  readonly start: string;
  readonly currency: string;
}

export const NO_REPORTS: OutcomeReports = { charged: [], givenBack: [], notCounted: [] };

/** Told by the lines themselves, so that the page says what was billed. */
export function reportsIn(lines: readonly ExactLine[], decimals: number): OutcomeReports {
  const charged: ChargedOutcome[] = [];
  const givenBack: GivenBackOutcome[] = [];
  const notCounted: UncountedReport[] = [];
  for (const { detail } of lines) {
    if (detail?.of === 'outcome') {
      for (const { outcome, charged: amount } of detail.counted) {
        charged.push({ ...dated(outcome), charged: formatFixed(amount, decimals) });
      }
    } else if (detail?.of === 'reversal') {
      for (const { reversal, charged: amount } of detail.givenBack) {
        const { reverses } = reversal;
        assert(reverses !== null, 'what is given back names an outcome');
        givenBack.push({ ...dated(reversal), reverses, charged: formatFixed(amount, decimals) });
      }
    } else if (detail?.of === 'unattributed') {
      notCounted.push(...detail.notCounted.map(({ reverses, why, ...one }) => ({ ...dated(one), reverses, why })));
    }
  }
  return { charged, givenBack, notCounted };
}

const dated = ({ id, at }: { readonly id: string; readonly at: EpochMs }) => ({ id, at: formatTimestamp(at) });

/** Of the parts of a period together; null where nothing was reported. */
export function joined(parts: readonly OutcomeReports[]): OutcomeReports | null {
  const all: OutcomeReports = {
    charged: parts.flatMap(({ charged }) => charged).sort(byTime),
    givenBack: parts.flatMap(({ givenBack }) => givenBack).sort(byTime),
    notCounted: parts.flatMap(({ notCounted }) => notCounted).sort(byTime),
  };
  return countOf(all) === 0 ? null : all;
}

type Dated = Pick<ChargedOutcome, 'id' | 'at'>;
const byTime = (a: Dated, b: Dated): number =>
  parseTimestamp(a.at) - parseTimestamp(b.at) || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);

export const countOf = ({ charged, givenBack, notCounted }: OutcomeReports): number =>
  charged.length + givenBack.length + notCounted.length;

/** What is known in the hours after a part of a period, when that part has been rated. */
export function knownAfter(
  known: readonly EarlierOutcome[],
  { charged, givenBack }: OutcomeReports,
): readonly EarlierOutcome[] {
  if (charged.length + givenBack.length === 0) return known;
  const reversed = new Set(givenBack.map(({ reverses }) => reverses));
  const own = charged.map(({ id, at, charged }) => ({
    id,
    at: parseTimestamp(at),
    charged,
    reversed: reversed.has(id),
  }));
  return [...known.map((one) => (reversed.has(one.id) ? { ...one, reversed: true } : one)), ...own];
}

/**
 * The book as a period sees it: what all other periods charged, and gave back. Its own page is left out, since it is written
 * anew.
 */
export function knownTo(start: EpochMs, pages: readonly OutcomePage[]): EarlierOutcome[] {
  const others = pages.filter((page) => parseTimestamp(page.start) !== start);
  const reversed = new Set(others.flatMap(({ givenBack }) => givenBack.map(({ reverses }) => reverses)));
  return others.flatMap(({ charged, currency }) =>
    charged.map(({ id, at, charged: amount, uncollected = false }) => ({
      ...{ id, at: parseTimestamp(at), charged: amount, currency },
      ...{ reversed: reversed.has(id), uncollected },
    })),
  );
}

/** The book with a period's page as it was just rated. */
export const withPage = (pages: readonly OutcomePage[], page: OutcomePage): OutcomePage[] =>
  [...pages.filter(({ start }) => start !== page.start), page].sort((a, b) => (a.start < b.start ? -1 : 1));

/**
 * The newest page of every period, from all of a customer's invoices in the order of their periods. An outcome is collected
 * by the invoice on which it appears first: where that one was taken back, credited in full or never sent, nothing was paid.
 */
export function newestPages(invoices: readonly StoredInvoice[]): OutcomePage[] {
  const pages = new Map<string, OutcomePage>();
  for (const record of invoices) {
    const isUncollected = isIdle(record.state) || isCreditedInFull(record);
    for (const { start, currency, charged, givenBack, notCounted } of record.invoice?.outcomes ?? []) {
      const before = new Map(pages.get(start)?.charged.map((one) => [one.id, one]));
      const marked = charged.map((one): ChargedOutcome => {
        const known = before.get(one.id);
        return (known ? known.uncollected : isUncollected) ? { ...one, uncollected: true } : one;
      });
      pages.set(start, { start, currency, charged: marked, givenBack, notCounted });
    }
  }
  return [...pages.values()].sort((a, b) => (a.start < b.start ? -1 : 1));
}

function isCreditedInFull({ invoice, creditNotes = [] }: StoredInvoice): boolean {
  const total = parseDecimal(invoice?.total ?? '0');
  const credited = creditNotes.reduce((sum, { amount }) => add(sum, parseDecimal(amount)), ZERO);
  return total.units > 0n && compare(credited, total) >= 0;
}

/** Every outcome that rows report, and every one that they take back. */
export function namedIn(rows: readonly Pick<ClosedHour, 'usage'>[]): Set<string> {
  const named = new Set<string>();
  for (const { usage } of rows) {
    for (const { outcomes } of usage) {
      for (const { id, reverses } of outcomes ?? []) {
        named.add(id);
        if (reverses !== undefined) named.add(reverses);
      }
    }
  }
  return named;
}

/** What the book says of some outcomes: all that a bill that names no others needs of it. */
export const pagesAbout = (ids: ReadonlySet<string>, pages: readonly OutcomePage[]): OutcomePage[] =>
  pages
    .filter((page) => speaksOf(ids, page))
    .map(({ start, currency, charged, givenBack }) => ({
      start,
      currency,
      charged: charged.filter(({ id }) => ids.has(id)),
      givenBack: givenBack.filter(({ reverses }) => ids.has(reverses)),
      notCounted: [],
    }));

/** Whether a page speaks of any of these outcomes: what late reports change elsewhere may change it too. */
export const speaksOf = (ids: ReadonlySet<string>, { charged, givenBack, notCounted }: OutcomePage): boolean =>
  charged.some(({ id }) => ids.has(id)) ||
  givenBack.some(({ reverses }) => ids.has(reverses)) ||
  notCounted.some(({ id, reverses }) => ids.has(id) || (reverses !== null && ids.has(reverses)));

/** Whether a period rated again charges and gives back what it did before. */
export function sameMoney(a: OutcomeReports, b: OutcomeReports): boolean {
  const money = ({ charged, givenBack }: OutcomeReports) =>
    canonicalJson([charged.map(({ id, charged: amount }) => [id, amount]), givenBack]);
  return money(a) === money(b);
}

/** What must hold of the whole book: an outcome is charged once, and what is given back is what was charged, once. */
export function assertPages(pages: readonly OutcomePage[]): void {
  const open = new Map<string, string>();
  for (const { id, charged } of pages.flatMap((page) => page.charged)) {
    assert(!open.has(id), `the outcome ${id} is charged once`);
    open.set(id, charged);
  }
  for (const { reverses, charged } of pages.flatMap((page) => page.givenBack)) {
    const was = open.get(reverses);
    if (was === undefined || compare(parseDecimal(was), parseDecimal(charged)) !== 0) {
      assert(
        false,
        `what is given back of ${reverses} is what was charged for it: ${formatDecimal(parseDecimal(charged))}`,
      );
    }
    open.delete(reverses);
  }
}
