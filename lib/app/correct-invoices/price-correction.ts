import { InputError } from '../../domain/input-error.ts';
import type { BillingTerms } from '../../domain/invoicing/billing-terms.ts';
import { digestOf } from '../../domain/invoicing/canonical.ts';
import { type PriceCorrection, rulesetsOf } from '../../domain/invoicing/correction.ts';
import { type InvoiceKey, sameKey } from '../../domain/invoicing/invoice.ts';
import { parseBillingTerms } from '../../domain/invoicing/parse-billing-terms.ts';
import { type DraftLine, type RatingContext, ratePeriod } from '../../domain/invoicing/rate-period.ts';
import { holdFor } from '../../domain/invoicing/terms.ts';
import { formatDecimal, parseDecimal, subtract } from '../../domain/money/decimal.ts';
import { DAY_MS, formatTimestamp, type Hour, hourOf, parseTimestamp } from '../../domain/time/time.ts';
import { readPeriod, whoIsBilled } from '../invoice-customer/gather.ts';
import { outcomesKnownTo } from '../invoice-customer/outcomes.ts';
import type { DraftingPorts } from '../invoice-customer/ports.ts';
import { readRulesets } from '../invoice-customer/read-rulesets.ts';
import type { Directory } from '../ports/directory.ts';
import type { Corrections, InvoiceHead, Invoices } from '../ports/invoices.ts';
import { actOf, changeInvoice, type Operator } from '../review-invoices/review-invoices.ts';
import { usagePeriodsDue } from '../start-invoicing/due-invoices.ts';

/** What is to stand in the place of what was decided. */
export interface CorrectionRequest extends Operator {
  /** `usage`: the period that was rated with a wrong price, or that is held because it cannot be rated as it stands. */
  readonly key: InvoiceKey;
  /** Hours to which it applies, end exclusive; the whole period unless said. */
  readonly from?: Hour;
  readonly to?: Hour;
  readonly rateCard?: string;
  readonly discounts?: PriceCorrection['discounts'];
  /** Hash of the published ruleset that the card is read from; the one in force in each hour unless said. */
  readonly ruleset?: string;
  /** What a credit note has given back of it already. */
  readonly credited?: string;
}

export type CorrectionPorts = DraftingPorts & { readonly customers: Pick<Directory, 'profile'> };

export interface CorrectionPreview {
  readonly correction: PriceCorrection;
  readonly currency: string;
  /** What the period is rated at so far, by all invoices; 0 where it is held because it could not be. */
  readonly before: string;
  /** What it would be rated at. */
  readonly after: string;
  /** after - before: the line of the next invoice. */
  readonly difference: string;
  readonly lines: readonly DraftLine[];
}

/**
 * Rates an invoiced period again with a correction that nobody has recorded yet. Writes nothing.
 * @throws InputError `unknown-customer`, `not-invoiced`, `no-override`, and what rating says against it
 */
export async function previewCorrection(
  request: CorrectionRequest,
  ports: CorrectionPorts,
): Promise<CorrectionPreview> {
  const { key } = request;
  const correction = correctionOf(request, ports.clock.now());
  const profile = await ports.customers.profile(key.customer);
  if (!profile) throw new InputError({ code: 'unknown-customer', message: `there is no customer ${key.customer}` });
  const terms: BillingTerms = parseBillingTerms(profile.customer.overrides);
  const heads = await ports.invoices.headsOf(key.customer);
  const rated = ratedAt(key, heads);
  const used = await readPeriod(key.period, profile, ports);
  const current = { ...used, knownOutcomes: await outcomesKnownTo(key.period, used.rows, heads, ports) };
  const decisions = await ports.decisions.during(key.customer, hourOf(key.period.start), hourOf(key.period.end));
  const known = (await ports.corrections.ofCustomer(key.customer)).filter(({ id }) => id !== correction.id);
  const corrections = [...known, correction];
  const hashes = [
    ...new Set(current.pinned.values()),
    ...decisions.map(({ ruleset }) => ruleset.hash),
    ...rulesetsOf(corrections),
  ];
  const context: RatingContext = {
    ...whoIsBilled({ key, profile, terms, heads }, ports),
    ...{ decisions, rulesets: await readRulesets(hashes, ports), corrections },
  };
  const bill = orInputError(() => ratePeriod(current, context));
  const after = formatDecimal({ units: bill.units, scale: bill.decimals });
  const difference = formatDecimal(subtract(parseDecimal(after), parseDecimal(rated.total)));
  const currency = bill.currency ?? rated.currency;
  return { correction, currency, before: rated.total, after, difference, lines: bill.lines };
}

/**
 * Records a correction: the customer's next `usage` invoice rates the period again and takes the difference as one line.
 * Twice is once.
 * @throws InputError as {@link previewCorrection}: what cannot be rated is not recorded; `no-next-invoice`
 */
export async function recordCorrection(
  request: CorrectionRequest,
  ports: CorrectionPorts & { readonly corrections: Corrections; readonly invoices: Pick<Invoices, 'replace'> },
): Promise<CorrectionPreview> {
  const preview = await previewCorrection(request, ports);
  const { id } = preview.correction;
  if (request.credited === undefined) await assertIsTaken(preview.correction, ports);
  await ports.corrections.record(preview.correction);
  const act = { ...actOf('correct', request, ports.clock), details: { correction: id } };
  await changeInvoice(
    request.key,
    ({ acts }) => (acts.some(({ details }) => details?.correction === id) ? undefined : { acts: [...acts, act] }),
    ports,
  );
  return preview;
}

/** Who has left, and whose late usage is over, gets no usage invoice that could take a correction. */
async function assertIsTaken({ id, customer }: PriceCorrection, ports: CorrectionPorts): Promise<void> {
  const profile = await ports.customers.profile(customer);
  if (profile?.status !== 'closed') return;
  if ((await ports.corrections.ofCustomer(customer)).some((known) => known.id === id)) return;
  const heads = (await ports.invoices.headsOf(customer)).filter(({ invoice }) => invoice !== null);
  const lastEnd = profile.statusSince + 100 * DAY_MS;
  if (usagePeriodsDue(profile, parseBillingTerms(profile.customer.overrides), heads, lastEnd).length > 0) return;
  const hint = 'with --credit-note what was too much is given back at once';
  const message = `${customer} has left, and no usage invoice follows that could take the difference`;
  throw new InputError({ code: 'no-next-invoice', message, hint });
}

function correctionOf(request: CorrectionRequest, at: number): PriceCorrection {
  const { key, by, reason, rateCard, discounts, ruleset, credited } = request;
  const from = request.from ?? hourOf(key.period.start);
  const to = request.to ?? hourOf(key.period.end);
  if (rateCard === undefined && discounts === undefined) {
    const hint = 'give --rate-card or --discount';
    throw new InputError({ code: 'no-override', message: 'a correction says what price is the right one', hint });
  }
  if (from >= to || from < hourOf(key.period.start) || to > hourOf(key.period.end)) {
    throw new InputError({ code: 'not-in-period', message: 'a correction begins and ends within the period' });
  }
  const says = {
    ...{ customer: key.customer, from, to, by, reason },
    ...(rateCard === undefined ? {} : { rateCard }),
    ...(discounts === undefined ? {} : { discounts }),
    ...(ruleset === undefined ? {} : { ruleset }),
  };
  const id = `c-${digestOf(says).slice(0, 16)}`;
  return { id, ...says, ...(credited === undefined ? {} : { credited }), at };
}

/** What invoices have rated a period at so far: the last of them knows. */
function ratedAt(key: InvoiceKey, heads: readonly InvoiceHead[]): { total: string; currency: string } {
  const start = formatTimestamp(key.period.start);
  let found: { total: string; currency: string } | undefined;
  for (const { invoice } of heads.toSorted((a, b) => a.key.period.start - b.key.period.start)) {
    const rated = invoice?.rated.find((one) => parseTimestamp(one.start) === parseTimestamp(start));
    if (invoice && rated) found = { total: rated.total, currency: invoice.currency };
  }
  if (found) return found;
  const isHeld = heads.some((head) => sameKey(head.key, key) && head.invoice === null);
  if (isHeld) return { total: '0', currency: '' };
  const message = `the period from ${start} of ${key.customer} was not invoiced yet`;
  throw new InputError({
    code: 'not-invoiced',
    message,
    hint: 'a price that is not billed yet is changed in the rules',
  });
}

function orInputError<Answer>(work: () => Answer): Answer {
  try {
    return work();
  } catch (error) {
    const hold = holdFor(error);
    if (!hold) throw error;
    throw new InputError({ code: hold.code, message: hold.message });
  }
}
