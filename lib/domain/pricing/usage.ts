import { type Exact, exact, type Scaled } from '../money/exact.ts';
import { type EpochMs, HOUR_MS, type Hour, hourOf, type Period } from '../time/time.ts';
import { checkDate } from './check/check-card.ts';
import {
  checkKeys,
  checkList,
  checkText,
  checkUnique,
  checkWord,
  type Fault,
  Place,
  throwFirst,
} from './check/faults.ts';
import { checkPrice, checkQuantity } from './check/numbers.ts';
import { isTimeZone } from './local-time.ts';
import type { EarlierOutcome, Outcome } from './outcomes.ts';
import { parseEarlierOutcomes, parseOutcomes } from './parse-outcomes.ts';
import { parseTime, scaled } from './parse-values.ts';

/** What one customer used in one period, parsed: what `rate` takes. */
export interface Usage {
  readonly customer: string | null;
  readonly period: Period;
  /** Cut to the period; empty (`end <= start`) when the customer was active at no time in it. */
  readonly active: Period;
  /** The customer's own zone, for prices whose `timeZone` is `customer`; null is UTC. */
  readonly timeZone: string | null;
  readonly entries: readonly UsageEntry[];
  readonly credits: readonly Credit[];
  /** `YYYY-MM-DD`: for cards with phases. */
  readonly customerSince?: string | null;
  /** The most that the invoice may come to, before credits; how many decimals it may have depends on the currency. */
  readonly spendCap?: string | null;
  /** Outcomes that earlier invoices charged for: none counts again, and a reversal finds what to give back. */
  readonly earlierOutcomes?: readonly EarlierOutcome[];
}

/** One entry of `usage`: a quantity, or the amounts of events. */
export interface UsageEntry {
  /** Its index in the list, for error messages. */
  readonly index: number;
  readonly meter: string;
  readonly group: string | null;
  readonly hour: Hour | null;
  /** `quantity / 10 ** scale`; 0 where there are events. */
  readonly quantity: Exact;
  readonly scale: number;
  /** The amount of each event, in the card's currency; null where there is a quantity. */
  readonly events: readonly Scaled[] | null;
  /** Outcomes and reversals, for a price per outcome; then there are no quantity and no events. */
  readonly outcomes?: readonly Outcome[] | null;
}

export interface Credit {
  readonly id: string;
  readonly kind: 'promo' | 'paid';
  /** As written: how many decimals are allowed depends on the card's currency. */
  readonly balance: string;
  readonly expiresAt: EpochMs | null;
}

const KEYS = ['customer', 'active', 'timeZone', 'credits', 'customerSince', 'spendCap', 'earlierOutcomes'];
const ENTRY_KEYS = ['group', 'hour', 'quantity', 'events', 'outcomes'];

/**
 * Reads one usage object (the contract's `--usage` format; besides, `timeZone` is the customer's own zone).
 * @throws InputError at the first fault, its path a JSON pointer such as `/usage/0/quantity`
 */
export function parseUsage(json: unknown): Usage {
  const faults: Fault[] = [];
  const root = new Place(json, '', faults);
  checkKeys(root, ['period', 'usage'], KEYS);
  throwFirst(faults);
  if (root.has('customer')) checkText(root.at('customer'));
  root.optional('timeZone', checkTimeZone);
  root.optional('customerSince', checkDate);
  root.optional('spendCap', (place) => void checkPrice(place));
  const period = parsePeriod(root.at('period'));
  throwFirst(faults);
  const entries: UsageEntry[] = [];
  checkList(root.at('usage'), (place, index) => {
    entries.push(parseEntry(place, index, period));
    throwFirst(faults);
  });
  const credits: Credit[] = [];
  const ids = new Set<string>();
  root.optional('credits', (list) =>
    checkList(list, (place) => {
      credits.push(parseCredit(place, ids));
      throwFirst(faults);
    }),
  );
  let earlierOutcomes: readonly EarlierOutcome[] = [];
  root.optional('earlierOutcomes', (list) => {
    earlierOutcomes = parseEarlierOutcomes(list);
    throwFirst(faults);
  });
  const active = root.has('active') ? parseActive(root.at('active'), period) : period;
  throwFirst(faults);
  const own = json as { customer?: string; timeZone?: string; customerSince?: string; spendCap?: string };
  return {
    customer: own.customer ?? null,
    period,
    active,
    timeZone: own.timeZone ?? null,
    entries,
    credits,
    customerSince: own.customerSince ?? null,
    spendCap: own.spendCap ?? null,
    earlierOutcomes,
  };
}

function checkTimeZone(place: Place): void {
  const name = checkText(place);
  if (name !== undefined && !isTimeZone(name)) {
    place.fault(
      'unknown-time-zone',
      `${JSON.stringify(name)} is not a time zone`,
      'an IANA name such as "Europe/Berlin"',
    );
  }
}

function parseHourAt(place: Place): EpochMs {
  const ms = parseTime(place);
  if (ms % HOUR_MS !== 0) {
    place.fault('not-an-hour', `${JSON.stringify(place.value)} is not the start of an hour`);
  }
  return ms;
}

function parsePeriod(place: Place): Period {
  if (!checkKeys(place, ['start', 'end'], []) || !place.has('start') || !place.has('end')) return { start: 0, end: 0 };
  const period = { start: parseHourAt(place.at('start')), end: parseHourAt(place.at('end')) };
  if (place.faults.length === 0 && period.end <= period.start) {
    place.at('end').fault('empty-period', 'the period ends before it begins');
  }
  return period;
}

function parseActive(place: Place, period: Period): Period {
  if (!checkKeys(place, [], ['from', 'to'])) return period;
  const from = place.has('from') ? parseTime(place.at('from')) : period.start;
  const to = place.has('to') ? parseTime(place.at('to')) : period.end;
  if (place.has('from') && place.has('to') && to < from) {
    place.at('to').fault('active-ends-first', 'the active part ends before it begins');
  }
  return { start: Math.max(from, period.start), end: Math.min(to, period.end) };
}

function parseEntry(place: Place, index: number, period: Period): UsageEntry {
  let [meter, group]: [string, string | null] = ['', null];
  let hour: Hour | null = null;
  let quantity: Scaled = NOTHING;
  let events: readonly Scaled[] | null = null;
  let outcomes: readonly Outcome[] | null = null;
  if (checkKeys(place, ['meter'], ENTRY_KEYS) && place.has('meter')) {
    meter = checkText(place.at('meter')) ?? '';
    group = (place.value as { group?: string | null }).group ?? null;
    if (group !== null) checkText(place.at('group'));
    hour = parseEntryHour(place, period);
    if (CARRIERS.filter((key) => place.has(key)).length !== 1) {
      place.fault('quantity-or-events', 'usage has either "quantity" or "events", or "outcomes"');
    } else if (place.has('outcomes')) outcomes = parseOutcomes(place.at('outcomes'));
    else if (place.has('events')) events = parseEvents(place.at('events'));
    else quantity = parseQuantity(place.at('quantity'));
  }
  // One literal for all: entries of one shape are what makes rating fast.
  return { index, meter, group, hour, quantity: quantity.units, scale: quantity.scale, events, outcomes };
}

const CARRIERS = ['quantity', 'events', 'outcomes'];

const NOTHING: Scaled = { units: 0, scale: 0 };

function parseEntryHour(place: Place, period: Period): Hour | null {
  if (!place.has('hour') || (place.value as { hour: unknown }).hour === null) return null;
  const at = place.at('hour');
  const before = place.faults.length;
  const ms = parseHourAt(at);
  if (place.faults.length === before && (ms < period.start || ms >= period.end)) {
    at.fault('outside-period', `the hour ${JSON.stringify(at.value)} is not in the period`);
  }
  return hourOf(ms);
}

function parseQuantity(place: Place): Scaled {
  const { value } = place;
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return { units: value, scale: 0 };
  const found = checkQuantity(place);
  if (!found) return { units: 0, scale: 0 };
  return typeof value === 'string' ? scaled(value) : { units: exact(found.units), scale: 0 };
}

function parseEvents(place: Place): readonly Scaled[] {
  const events: Scaled[] = [];
  checkList(place, (event) => {
    if (checkPrice(event)) events.push(scaled(event.value as string));
  });
  return events;
}

function parseCredit(place: Place, ids: Set<string>): Credit {
  const none: Credit = { id: '', kind: 'promo', balance: '0', expiresAt: null };
  if (!checkKeys(place, ['id', 'kind', 'balance'], ['expiresAt'])) return none;
  const credit = place.value as { id: string; kind: Credit['kind']; balance: string; expiresAt?: unknown };
  if (!place.has('id') || !place.has('kind') || !place.has('balance')) return none;
  const id = checkText(place.at('id'));
  if (id !== undefined) checkUnique(place.at('id'), id, ids, 'the credit');
  checkWord(place.at('kind'), ['promo', 'paid']);
  checkPrice(place.at('balance'), 'balance');
  const expires = credit.expiresAt !== undefined && credit.expiresAt !== null;
  const expiresAt = expires ? parseTime(place.at('expiresAt')) : null;
  return { id: credit.id, kind: credit.kind, balance: credit.balance, expiresAt };
}
