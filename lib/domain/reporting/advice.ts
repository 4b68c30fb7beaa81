import { InputError } from '../input-error.ts';
import type { ClosedHour, Meters } from '../metering/meters.ts';
import { add, compare, type Decimal, formatDecimal, parseDecimal, subtract, ZERO } from '../money/decimal.ts';
import { compileRateCard } from '../pricing/compile.ts';
import { rate } from '../pricing/rate.ts';
import type { RateCard } from '../pricing/rate-card.ts';
import { parseUsage, type Usage } from '../pricing/usage.ts';
import type { ReservedCapacity, Ruleset } from '../rules/ruleset.ts';
import { cardsByDate } from '../segmentation/cards-by-date.ts';
import { callMeter } from '../segmentation/hours-of-calls.ts';
import { DAY_MS, formatHour, formatTimestamp, type Hour, hourOf, type Period } from '../time/time.ts';
import { grouped } from '../words/numbers.ts';
import { totalOf } from './bill.ts';
import { askPrice, hourlyUsage, type RatingInput } from './rated.ts';
import type { Advice, OtherCard, ReportedLine } from './report.ts';

/** What was used, by whichever hours. */
type UsedRows = readonly Pick<ClosedHour, 'usage'>[];

export interface AdviceInput {
  readonly rating: RatingInput;
  /** The whole period's usage: what was counted, and of an open one what is forecast. */
  readonly rows: readonly ClosedHour[];
  /** What the period costs for that usage as things are; null where it cannot be rated. */
  readonly own: { readonly total: string; readonly currency: string } | null;
  readonly ownCard: string | null;
  readonly lines: readonly ReportedLine[];
  /** Rules as they are now. */
  readonly rules: Ruleset;
  readonly at: Hour;
  /** Ids of cards that the customer could choose; null: every card in force. */
  readonly offered: readonly string[] | null;
}

const idOf = (ref: string): string => ref.split('@')[0] ?? ref;
const refOf = ({ id, effectiveFrom }: RateCard): string => `${id}@${effectiveFrom}`;

/** Every other card in force at its list price for the same usage, the cheapest first, those that cannot carry it last. */
export function otherCards(input: AdviceInput): OtherCard[] {
  const { rules, at, offered, ownCard, own } = input;
  if (own === null) return [];
  const byDate = cardsByDate(rules.rateCards);
  const ids = [...new Set(rules.rateCards.map(({ id }) => id))].filter(
    (id) => (ownCard === null || id !== idOf(ownCard)) && (offered === null || offered.includes(id)),
  );
  const cards = ids.flatMap((id) => byDate.inForce(id, at) ?? []);
  const usage = usageOf(input);
  const load = loadOf(input.rows, rules.meters);
  const priced = cards.map((card) => priceElsewhere(card, usage, own, { load, rules, period: input.rating.period }));
  return priced.sort((a, b) => {
    if (a.total === null || b.total === null) return Number(a.total === null) - Number(b.total === null);
    return compare(parseDecimal(a.total), parseDecimal(b.total)) || (a.rateCard < b.rateCard ? -1 : 1);
  });
}

function priceElsewhere(
  card: RateCard,
  usage: Usage,
  own: NonNullable<AdviceInput['own']>,
  carried: Parameters<typeof obstacleTo>[2],
): OtherCard {
  const named = { rateCard: refOf(card), name: card.name };
  const refused = (obstacle: string): OtherCard => ({ ...named, total: null, difference: null, obstacle });
  const obstacle = obstacleTo(card, own.currency, carried);
  if (obstacle !== null) return refused(obstacle);
  try {
    const { total } = rate(compileRateCard(card), usage);
    const difference = formatDecimal(subtract(parseDecimal(total), parseDecimal(own.total)));
    return { ...named, total, difference, obstacle: null };
  } catch (error) {
    if (error instanceof InputError) return refused(`it cannot price this usage: ${error.message}`);
    throw error;
  }
}

function usageOf({ rating, rows }: AdviceInput): Usage {
  const { period, active, context, knownOutcomes = [] } = rating;
  const hour = (ms: number) => formatHour(hourOf(ms));
  return parseUsage({
    customer: context.customer,
    period: { start: hour(period.start), end: hour(period.end) },
    active: { from: hour(active.start), to: hour(Math.max(active.start, active.end)) },
    ...(context.timeZone === undefined ? {} : { timeZone: context.timeZone }),
    usage: hourlyUsage(rows),
    earlierOutcomes: knownOutcomes.map(({ at, ...known }) => ({ ...known, at: formatTimestamp(at) })),
  });
}

/** Usage as far as it decides whether a card can carry it. */
export interface Load {
  readonly calls: Decimal;
  readonly groups: ReadonlySet<string>;
}

export function loadOf(rows: UsedRows, meters: Pick<Meters, 'meters'>): Load {
  const meter = callMeter(meters);
  const groups = new Set<string>();
  let calls = ZERO;
  for (const { usage } of rows) {
    for (const { meter: name, group, quantity } of usage) {
      if (group !== null) groups.add(group);
      if (name === meter) calls = add(calls, parseDecimal(quantity));
    }
  }
  return { calls, groups };
}

/** Why a card could not have carried usage: another currency, too small a quota, features that it does not include. */
export function obstacleTo(
  card: RateCard,
  currency: string,
  { load: { calls, groups }, rules, period }: { load: Load; rules: Ruleset; period: Period },
): string | null {
  if (card.currency !== currency) return `it is priced in ${card.currency}`;
  const quota = quotaIn(card, period);
  if (quota !== null && compare(calls, { units: BigInt(quota), scale: 0 }) > 0) {
    return `its quota is ${grouped(String(quota))} calls, and these are ${grouped(formatDecimal(calls))}`;
  }
  const sold = new Set(rules.rateCards.flatMap(({ features = [] }) => features));
  const missing = [...groups].filter((group) => sold.has(group) && !(card.features ?? []).includes(group)).sort();
  return missing.length === 0 ? null : `it does not include ${missing.join(', ')}`;
}

const QUOTA_DAYS = { day: 1, week: 7 } as const;

/** Calls that a card's usage plan lets through in the period; null: no quota. */
function quotaIn({ usagePlan }: RateCard, { start, end }: Period): number | null {
  const quota = usagePlan?.quota;
  if (!quota) return null;
  return quota.per === 'month'
    ? quota.calls
    : Math.floor((quota.calls * (end - start)) / DAY_MS / QUOTA_DAYS[quota.per]);
}

/** How to pay less, the largest saving first; what was committed and not used last. */
export function adviceFor(input: AdviceInput, cards: readonly OtherCard[]): Advice[] {
  const { own } = input;
  if (own === null) return [];
  const found = [...cardAdvice(cards, own.currency), ...capacityAdvice(input, own)];
  found.sort((a, b) => compare(parseDecimal(b.saving ?? '0'), parseDecimal(a.saving ?? '0')));
  return [...found, ...unusedAdvice(input.lines, own.currency)];
}

function cardAdvice(cards: readonly OtherCard[], currency: string): Advice[] {
  const [best] = cards;
  if (!best?.difference?.startsWith('-')) return [];
  const saving = best.difference.slice(1);
  return [
    {
      kind: 'other-card',
      title: `${best.name} would have cost ${currency} ${best.total}`,
      detail: `The same usage at the list price of ${best.rateCard}, without discounts or protection that only your present card has. Its throttle may be lower.`,
      saving,
    },
  ];
}

/** Capacity that the rules offer on the customer's card, and the one it has: with and without, by the same code. */
function capacityAdvice(
  { rating, rows, rules, ownCard, at }: AdviceInput,
  own: NonNullable<AdviceInput['own']>,
): Advice[] {
  if (ownCard === null) return [];
  const { decisions } = rating.context;
  const present = decisions.filter(({ effectiveFrom }) => effectiveFrom <= at).at(-1) ?? decisions[0];
  const totalWith = (reservedCapacity: ReservedCapacity | null): string | null => {
    const changed = decisions.map((decision) => ({ ...decision, reservedCapacity }));
    const rated = askPrice(rating, rows, { ...rating.context, decisions: changed });
    return rated.ok && rated.bill.currency === own.currency ? totalOf(rated.bill) : null;
  };
  const less = (total: string | null): string | null => {
    const saving = total === null ? null : subtract(parseDecimal(own.total), parseDecimal(total));
    return saving && saving.units > 0n ? formatDecimal(saving) : null;
  };
  if (present?.reservedCapacity) {
    const saving = less(totalWith(null));
    const { quantity, per } = present.reservedCapacity;
    const detail = `You have reserved ${quantity} per ${per}; without it this usage would have cost less.`;
    return saving ? [{ kind: 'unreserve', title: 'Reserved capacity did not pay', detail, saving }] : [];
  }
  const offers = rules.tiers.rules.flatMap(({ event: { params } }) =>
    params.rateCard === idOf(ownCard) && params.reservedCapacity ? [params.reservedCapacity] : [],
  );
  return offers.flatMap((offer) => {
    const saving = less(totalWith(offer));
    const title = `Reserve ${offer.quantity} ${offer.charge} per ${offer.per}`;
    const detail = `At ${own.currency} ${offer.amount} per ${offer.per}, used or not, the same usage would have cost less. Ask us for it.`;
    return saving ? [{ kind: 'reserve' as const, title, detail, saving }] : [];
  });
}

function unusedAdvice(lines: readonly ReportedLine[], currency: string): Advice[] {
  return lines.flatMap(({ kind, amount, explanation }) => {
    if ((kind !== 'minimum' && kind !== 'commitment') || parseDecimal(amount).units <= 0n) return [];
    const title =
      kind === 'minimum'
        ? `${currency} ${amount} of the minimum was not used`
        : `${currency} ${amount} of the commitment was not used`;
    const detail = `Usage worth as much would not have raised the bill: ${explanation}.`;
    return [{ kind, title, detail, saving: null }];
  });
}
