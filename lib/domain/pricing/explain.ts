import { add, type Decimal, formatDecimal, multiply, normalize, parseDecimal } from '../money/decimal.ts';
import { type Exact, formatFixed, formatShort, type Scaled } from '../money/exact.ts';
import type { ExactBill, ExactLine, LineHead } from './bill.ts';
import type { CountedOutcome, GivenBack, NotCounted } from './models/outcome.ts';
import type { Share } from './proration.ts';
import type { FlatPrice, OutcomePrice, PackagePrice, PercentagePrice } from './rate-card.ts';

/** What an explanation needs beyond the line, by what made the line. */
export type LineDetail =
  | { readonly of: 'flat'; readonly share: Share; readonly due: NonNullable<FlatPrice['due']> }
  | { readonly of: 'included'; readonly included: string; readonly bundle: string | undefined }
  /** Bounds as the card writes them. */
  | { readonly of: 'tier'; readonly above: string | null; readonly upTo: string | null }
  | { readonly of: 'zero' }
  | {
      readonly of: 'package';
      readonly size: string;
      readonly amount: string;
      readonly rounding: NonNullable<PackagePrice['rounding']>;
    }
  | {
      readonly of: 'percentage';
      readonly price: PercentagePrice;
      readonly events: readonly Scaled[];
      readonly amounts: readonly Exact[];
    }
  | { readonly of: 'dynamic'; readonly events: number }
  | { readonly of: 'outcome'; readonly price: OutcomePrice; readonly counted: readonly CountedOutcome[] }
  | { readonly of: 'reversal'; readonly givenBack: readonly GivenBack[] }
  | { readonly of: 'unattributed'; readonly notCounted: readonly NotCounted[] }
  | {
      readonly of: 'reserved';
      readonly per: 'hour' | 'period';
      /** The hours, or the share of the period. */
      readonly share: { readonly of: number; readonly in: number };
      readonly capacity: string;
    };

/** Events that an explanation lists one by one; of more it says the sum. */
const EVENTS_LISTED = 20;

/** The arithmetic of one line, so that a reader with a pocket calculator comes to the same amount. */
export function explainLine(line: ExactLine, bill: ExactBill): string {
  const { decimals, currency } = bill.card;
  const amount = `${formatFixed(line.amount, decimals)} ${currency}`;
  const { detail } = line;
  const place = placeOf(line.head);
  switch (detail?.of) {
    case 'flat':
      return `${explainFlat(line, detail.share, amount, decimals)}${detail.due === 'inAdvance' ? ', due in advance' : ''}`;
    case 'included':
      return `${place}${units(line)} of the ${detail.included} included${detail.bundle === undefined ? '' : ` in ${detail.bundle}`}: free`;
    case 'tier':
      return `${place}tier ${line.tier} (${bounds(detail.above, detail.upTo)}): ${explainProduct(line, amount, decimals)}`;
    case 'zero':
      return `${place}no usage: the first tier's flat ${settle(parseDecimal(line.flat), amount, decimals)}`;
    case 'package':
      return `${place}${explainPackages(line, detail, amount, decimals)}`;
    case 'percentage':
      return explainPercentage(detail, amount, decimals);
    case 'outcome':
      return explainOutcomes(detail, amount, decimals);
    case 'reversal':
      return `given back: ${listed(detail.givenBack, ({ reversal, charged }) => `${reversal.reverses} ${formatFixed(charged, decimals)}`)}; together ${amount}`;
    case 'unattributed':
      return `not counted: ${listed(detail.notCounted, ({ id, why }) => `${id} ${why}`)}`;
    case 'dynamic':
      return `${detail.events} ${plural('event', detail.events)}: ${explainProduct(line, amount, decimals)}`;
    case 'reserved':
      return explainReserved(line, detail, amount, decimals);
    default:
      return line.head.kind === 'free'
        ? `${units(line)} of a free meter`
        : `${place}${explainProduct(line, amount, decimals)}`;
  }
}

/** Which part of a charge a line is for. */
function placeOf({ kind, window, group, charge }: LineHead): string {
  if (kind === 'overage') return 'overage: ';
  if (window !== undefined) return window === null ? 'all other hours: ' : `window ${window}: `;
  return group !== null && charge?.group === null ? `group ${group}: ` : '';
}

const units = ({ quantity, scale }: ExactLine): string => formatShort(quantity ?? 0, scale);
const plural = (word: string, count: number): string => (count === 1 ? word : `${word}s`);

function bounds(above: string | null, upTo: string | null): string {
  if (above === null) return upTo === null ? 'any quantity' : `up to ${upTo}`;
  return upTo === null ? `above ${above}` : `above ${above} up to ${upTo}`;
}

/** `240000 × 0.0004 = 96.00 USD`, with the flat part and the unrounded value where there are such. */
function explainProduct(line: ExactLine, amount: string, decimals: number): string {
  const quantity = units(line);
  const price = line.unitPrice ?? '0';
  const flat = parseDecimal(line.flat);
  const value = add(multiply(parseDecimal(quantity), parseDecimal(price)), flat);
  const fixed = flat.units === 0n ? '' : ` + ${line.flat}`;
  return `${quantity} × ${price}${fixed} = ${settle(value, amount, decimals)}`;
}

/** `96.00 USD`, or `0.0035, rounded half-even to 0.00 USD` where rounding changed the value. */
function settle(value: Decimal, amount: string, decimals: number): string {
  const exact = normalize(value);
  return exact.scale <= decimals ? amount : `${formatDecimal(exact)}, rounded half-even to ${amount}`;
}

function explainFlat(line: ExactLine, share: Share, amount: string, decimals: number): string {
  if (share.of === share.in) return `flat ${settle(parseDecimal(line.flat), amount, decimals)}`;
  if (share.of === 0) return `flat ${line.flat}, not active in the period: ${amount}`;
  const inUnit = (ms: number) => (share.unit === 'second' ? formatShort(ms, 3) : String(ms));
  const unit = share.unit === 'second' ? 'seconds' : 'days';
  return `flat ${line.flat} × ${inUnit(share.of)} active of ${inUnit(share.in)} ${unit} = ${amount}, rounded half-even`;
}

function explainPackages(
  line: ExactLine,
  { size, amount: price, rounding }: Extract<LineDetail, { of: 'package' }>,
  amount: string,
  decimals: number,
): string {
  const count = String(line.packages ?? 0);
  const value = multiply(parseDecimal(count), parseDecimal(price));
  const how = rounding === 'up' ? 'begun' : 'full';
  return `${units(line)} in packages of ${size} = ${count} ${how}; ${count} × ${price} = ${settle(value, amount, decimals)}`;
}

function explainPercentage(
  { price, events, amounts }: Extract<LineDetail, { of: 'percentage' }>,
  amount: string,
  decimals: number,
): string {
  const { percent, fixedFee, min, max } = price;
  const limits = [min === undefined ? '' : `at least ${min}`, max === undefined ? '' : `at most ${max}`].filter(
    Boolean,
  );
  const rule = `${percent} %${fixedFee === undefined ? '' : ` + ${fixedFee}`} of each event${limits.length > 0 ? `, ${limits.join(' and ')}` : ''}, each rounded half-even`;
  const listed = events.slice(0, EVENTS_LISTED).map((event, i) => {
    return `${formatShort(event.units, event.scale)} → ${formatFixed(amounts[i] as Exact, decimals)}`;
  });
  const rest = events.length - listed.length;
  const more = rest > 0 ? ` and ${rest} more events` : '';
  return `${rule}: ${listed.join(', ')}${more}; together ${amount}`;
}

/** The first of a long list, and how many more there are. */
function listed<Item>(items: readonly Item[], text: (item: Item) => string): string {
  const rest = items.length - EVENTS_LISTED;
  return `${items.slice(0, EVENTS_LISTED).map(text).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}

function explainOutcomes(
  { price, counted }: Extract<LineDetail, { of: 'outcome' }>,
  amount: string,
  decimals: number,
): string {
  const { percent, fixedFee, min, max } = price;
  const parts = [percent === undefined ? '' : `${percent} %`, fixedFee ?? ''].filter(Boolean).join(' + ');
  const limits = `${min === undefined ? '' : `, at least ${min}`}${max === undefined ? '' : `, at most ${max}`}`;
  const each = listed(counted, ({ outcome, charged }) => {
    return `${outcome.id} ${formatShort(outcome.amount.units, outcome.amount.scale)} → ${formatFixed(charged, decimals)}`;
  });
  return `${parts} of each outcome${limits}, each rounded half-even: ${each}; together ${amount}`;
}

function explainReserved(
  line: ExactLine,
  { per, share, capacity }: Extract<LineDetail, { of: 'reserved' }>,
  amount: string,
  decimals: number,
): string {
  const value = multiply(parseDecimal(line.flat), parseDecimal(String(share.of)));
  const parts = share.in === 1 ? `${share.of} period` : `${share.of} of ${share.in} hours of the period`;
  const product = `${per === 'hour' ? `${share.of} hours` : parts} × ${line.flat}`;
  const result = share.in === 1 ? settle(value, amount, decimals) : `${amount}, rounded half-even`;
  return `capacity of ${capacity} per ${per}, used or not: ${product} = ${result}; it covered ${units(line)}`;
}
