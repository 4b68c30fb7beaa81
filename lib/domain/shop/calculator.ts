import { InputError } from '../input-error.ts';
import type { ClosedQuantity } from '../metering/meters.ts';
import { compare, parseDecimal } from '../money/decimal.ts';
import type { RatedBill } from '../pricing/bill.ts';
import { type CompiledRateCard, compileRateCard } from '../pricing/compile.ts';
import { cardOfPhase } from '../pricing/phases.ts';
import { PRICED_BY } from '../pricing/price-kinds.ts';
import { rate } from '../pricing/rate.ts';
import type { Charge, RateCard } from '../pricing/rate-card.ts';
import { parseUsage } from '../pricing/usage.ts';
import { loadOf, obstacleTo } from '../reporting/advice.ts';
import type { Ruleset } from '../rules/ruleset.ts';
import { callMeter } from '../segmentation/hours-of-calls.ts';
import { formatHour, type Hour, hourOf, hoursOf, type Period } from '../time/time.ts';
import type { OfferedCard } from './offered-cards.ts';

/** Something that a visitor can enter how much of. */
export interface CalculatorField {
  /** As the form sends it: `api-calls`, `api-calls.payments`. */
  readonly name: string;
  readonly meter: string;
  /** Null for what of the meter is in no group with a price of its own. */
  readonly group: string | null;
  readonly unit: string;
  /** events: how many, and the amount of each is a field of its own, `<name>.each`. */
  readonly kind: 'quantity' | 'events';
}

export interface Calculated {
  readonly card: RateCard;
  /** In force from a later date. */
  readonly isLater: boolean;
  /** Null where there is an obstacle. */
  readonly bill: RatedBill | null;
  /** Why it could not carry this usage, in words. */
  readonly obstacle: string | null;
}

export interface Calculation {
  readonly fields: readonly CalculatorField[];
  /** What was typed, by field name. */
  readonly values: Readonly<Record<string, string>>;
  /** By field name, what is wrong with it. */
  readonly faults: Readonly<Record<string, string>>;
  /** Null where nothing was entered, or something wrong. The cheapest first, those that cannot carry it last. */
  readonly results: readonly Calculated[] | null;
}

/** Far above any customer, and every product with a price stays exact and readable. */
const DIGITS_MAX = 15;
/** Each event is rated on its own. */
const EVENTS_MAX = 10_000n;

interface Entered {
  readonly field: CalculatorField;
  readonly quantity: bigint;
  /** Of each event; null for quantities. */
  readonly each: string | null;
}

/** What the offered cards price: calls first, and of a meter what is in no group before its groups. */
export function calculatorFields(
  cards: readonly OfferedCard[],
  { meters }: Pick<Ruleset, 'meters'>,
): CalculatorField[] {
  const found = new Map<string, CalculatorField>();
  const add = (meter: string, group: string | null, kind: CalculatorField['kind']) => {
    const name = group === null ? meter : `${meter}.${group}`;
    const unit = meters.meters.find(({ id }) => id === meter)?.unit ?? 'unit';
    if (!found.has(name)) found.set(name, { name, meter, group, unit, kind });
  };
  for (const { card, later } of cards) {
    for (const { charges } of [card, ...later]) for (const charge of charges) addCharge(charge, add);
  }
  const calls = callMeter(meters);
  const rank = ({ meter }: CalculatorField) => (meter === calls ? '' : meter);
  return [...found.values()].sort((a, b) => order(rank(a), rank(b)) || order(a.group ?? '', b.group ?? ''));
}

const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function addCharge(
  { meter, group, price }: Charge,
  add: (meter: string, group: string | null, kind: CalculatorField['kind']) => void,
): void {
  const by = PRICED_BY[price.model];
  if (meter === undefined || by === 'outcomes') return;
  if (price.model === 'matrix') {
    for (const one of price.groups) add(meter, one.group, 'quantity');
    if (price.otherwise !== undefined) add(meter, null, 'quantity');
    return;
  }
  add(meter, group ?? null, by === 'events' ? 'events' : 'quantity');
}

/**
 * Rates what a visitor entered for a whole month on every offered card, by the code that makes invoices. Where a price
 * depends on the hour, the quantity is spread evenly over the hours of the month. Trials and ramps are over, and nothing of
 * any customer is in it.
 *
 * @param answers text by field name, as it was typed
 */
export function calculate(
  cards: readonly OfferedCard[],
  rules: Ruleset,
  period: Period,
  answers: Readonly<Record<string, string | undefined>>,
): Calculation {
  const fields = calculatorFields(cards, rules);
  const values: Record<string, string> = {};
  const faults: Record<string, string> = {};
  const entered: Entered[] = [];
  for (const field of fields) {
    const read = readField(field, answers, values);
    for (const [name, fault] of Object.entries(read.faults)) faults[name] = fault;
    if (read.entered && read.entered.quantity > 0n) entered.push(read.entered);
  }
  const isEmpty = Object.values(values).every((text) => text === '');
  if (isEmpty || Object.keys(faults).length > 0) return { fields, values, faults, results: null };
  const results = cards.flatMap(({ card, later }) =>
    [card, ...later].map((version) => priceOn(version, version !== card, entered, rules, period)),
  );
  return { fields, values, faults, results: results.sort(cheapestFirst) };
}

function readField(
  field: CalculatorField,
  answers: Readonly<Record<string, string | undefined>>,
  values: Record<string, string>,
): { readonly entered?: Entered; readonly faults: Readonly<Record<string, string>> } {
  const { name, kind } = field;
  const text = answerTo(answers, name);
  values[name] = text;
  const quantity = wholeNumber(text);
  if (quantity === undefined)
    return { faults: { [name]: `A whole number such as 250000, of at most ${DIGITS_MAX} digits.` } };
  if (kind === 'quantity') return { entered: { field, quantity, each: null }, faults: {} };
  const each = answerTo(answers, `${name}.each`);
  values[`${name}.each`] = each;
  if (quantity > EVENTS_MAX) return { faults: { [name]: `At most ${EVENTS_MAX}: multiply the result for more.` } };
  if (quantity > 0n && !/^\d{1,12}(\.\d{1,4})?$/.test(each)) {
    return { faults: { [`${name}.each`]: 'An amount such as 49.90.' } };
  }
  return { entered: { field, quantity, each: each === '' ? '0' : each }, faults: {} };
}

const answerTo = (answers: Readonly<Record<string, string | undefined>>, name: string): string =>
  Object.hasOwn(answers, name) ? (answers[name] ?? '').trim().slice(0, 40) : '';

/** Blanks, commas, underscores and apostrophes group digits somewhere in the world; nothing typed is nothing used. */
function wholeNumber(text: string): bigint | undefined {
  const digits = text.replace(/[\s,_'’]/g, '');
  if (digits === '') return 0n;
  return /^\d+$/.test(digits) && digits.replace(/^0+/, '').length <= DIGITS_MAX ? BigInt(digits) : undefined;
}

function priceOn(
  version: RateCard,
  isLater: boolean,
  entered: readonly Entered[],
  rules: Ruleset,
  period: Period,
): Calculated {
  const card = compileRateCard(cardOfPhase(version, null));
  const refused = (obstacle: string): Calculated => ({ card: version, isLater, bill: null, obstacle });
  const usage = entered.map(
    ({ field: { meter, group }, quantity }): ClosedQuantity => ({ meter, group, quantity: `${quantity}` }),
  );
  const { charges, freeMeters = [] } = card.card;
  const unpriced = usage.find(
    ({ meter }) => !freeMeters.includes(meter) && !charges.some((charge) => charge.meter === meter),
  );
  if (unpriced) return refused(`it does not include ${unpriced.meter}`);
  const obstacle = obstacleTo(version, version.currency, { load: loadOf([{ usage }], rules.meters), rules, period });
  if (obstacle !== null) return refused(obstacle);
  try {
    return {
      card: version,
      isLater,
      bill: rate(card, usageFor(card, entered, period), { explain: true }),
      obstacle: null,
    };
  } catch (error) {
    if (error instanceof InputError) return refused(`it cannot price this: ${error.message}`);
    throw error;
  }
}

function usageFor(card: CompiledRateCard, entered: readonly Entered[], period: Period) {
  const byHour = card.charges.some(({ needsHour }) => needsHour);
  const [start, end] = [formatHour(hourOf(period.start)), formatHour(hourOf(period.end))];
  const usage = entered.flatMap(({ field: { meter, group }, quantity, each }): object[] => {
    const named = { meter, ...(group === null ? {} : { group }) };
    if (each !== null) return [{ ...named, events: Array.from({ length: Number(quantity) }, () => each) }];
    if (!byHour) return [{ ...named, quantity: `${quantity}` }];
    return evenly(quantity, [...hoursOf(period)]).map(([hour, share]) => ({
      ...named,
      hour: formatHour(hour),
      quantity: `${share}`,
    }));
  });
  return parseUsage({ period: { start, end }, usage });
}

/** Whole units over hours, the remainder in the first ones: the shares add up to the quantity. */
function evenly(quantity: bigint, hours: readonly Hour[]): [Hour, bigint][] {
  const count = BigInt(hours.length);
  const [share, rest] = [quantity / count, quantity % count];
  return hours
    .map((hour, index): [Hour, bigint] => [hour, BigInt(index) < rest ? share + 1n : share])
    .filter(([, units]) => units > 0n);
}

function cheapestFirst(a: Calculated, b: Calculated): number {
  if (a.bill === null || b.bill === null) return Number(a.bill === null) - Number(b.bill === null);
  if (a.isLater !== b.isLater) return Number(a.isLater) - Number(b.isLater);
  if (a.bill.currency !== b.bill.currency) return order(a.bill.currency, b.bill.currency);
  return compare(parseDecimal(a.bill.total), parseDecimal(b.bill.total)) || order(a.card.id, b.card.id);
}
