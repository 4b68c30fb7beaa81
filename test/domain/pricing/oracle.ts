import { Fraction, sum, ZERO } from './fraction.ts';

/**
 * A second implementation of the contract, written from its text: exact fractions, no code of the engine, slow and
 * obvious. It takes valid cards, and answers the contract's object without explanations, or `'error'`.
 */

// The oracle reads JSON of eleven shapes; loose types keep it free of the engine's own.
// biome-ignore lint/suspicious/noExplicitAny: see above
type Any = any;

interface Line {
  kind: string;
  charge: string | null;
  meter: string | null;
  group: string | null;
  window?: string | null;
  tier?: number;
  packages?: string;
  bundle?: string;
  quantity: string | null;
  unitPrice: string | null;
  flat: string;
  amount: Fraction;
  reason?: string;
}

/** What was charged for which outcome. */
type Book = Map<string, { at: number; charged: Fraction; reversed: boolean }>;

const DECIMALS: Record<string, number> = { USD: 2, EUR: 2, JPY: 0, KWD: 3, CLF: 4 };
const HOUR = 3_600_000;
const DAY = 86_400_000;
const time = (text: string): number => new Date(text).getTime();

class Refused extends Error {}

export function oracle(card: Any, usage: Any): Any {
  try {
    return bill(card, usage);
  } catch (error) {
    if (error instanceof Refused) return 'error';
    throw error;
  }
}

function bill(written: Any, usage: Any): Any {
  const card = ordinary(written, usage);
  const decimals = DECIMALS[card.currency] as number;
  const lines: Line[] = [];
  const left: Record<string, Fraction> = {};
  const taken = take(card, usage);
  const book: Book = new Map();
  for (const { id, at, charged, reversed } of usage.earlierOutcomes ?? [])
    book.set(id, { at: time(at), charged: Fraction.of(charged), reversed: reversed === true });
  for (const charge of card.charges) {
    const own = chargeLines(charge, taken[charge.id] ?? [], usage, decimals, book);
    left[charge.id] = sum(own.map((line) => line.amount));
    lines.push(...own);
  }
  lines.push(...free(card, usage));
  const subtotal = sum(lines.map((line) => line.amount));
  let total = subtotal;
  let trueUp = ZERO;
  const raise = (order: string) => {
    if (!card.minimum || (card.minimum.order ?? 'afterDiscounts') !== order) return;
    const minimum = Fraction.of(card.minimum.amount).times(share(card.minimum.proration, usage)).round(decimals);
    trueUp = minimum.minus(total).max(ZERO);
    total = total.plus(trueUp);
  };
  raise('beforeDiscounts');
  const all: Any[] = card.discounts ?? [];
  const discounts: { id: string; amount: string }[] = [];
  for (const discount of [...all.filter((d) => d.appliesTo), ...all.filter((d) => !d.appliesTo)]) {
    const base = discount.appliesTo ? (left[discount.appliesTo] as Fraction) : total;
    // A percentage goes off what is given back as well; an amount takes nothing from what is below zero.
    const isBelow = ZERO.isAbove(base);
    const size = isBelow ? ZERO.minus(base) : base;
    const percent = Fraction.of(discount.percent ?? '0');
    const share = size.times(percent).over(new Fraction(100n)).round(decimals).min(size);
    const granted = discount.percent ? ZERO : Fraction.of(discount.amount).min(base.max(ZERO));
    const amount = (isBelow ? ZERO.minus(share) : share).plus(granted);
    if (discount.appliesTo) left[discount.appliesTo] = (left[discount.appliesTo] as Fraction).minus(amount);
    total = total.minus(amount);
    discounts.push({ id: discount.id, amount: ZERO.minus(amount).text(decimals) });
  }
  raise('afterDiscounts');
  const byMaximum = card.maximum ? total.minus(Fraction.of(card.maximum.amount)).max(ZERO) : ZERO;
  total = total.minus(byMaximum);
  const byCap = usage.spendCap === undefined ? ZERO : total.minus(Fraction.of(usage.spendCap)).max(ZERO);
  total = total.minus(byCap);
  const capped = byMaximum.plus(byCap);
  const { credits, used } = burn(card, usage, total, decimals);
  return {
    customer: usage.customer ?? null,
    currency: card.currency,
    lines: lines.map((line) => ({ ...line, amount: line.amount.text(decimals) })),
    subtotal: subtotal.text(decimals),
    discounts,
    trueUp: trueUp.text(decimals),
    capped: capped.text(decimals),
    ...(usage.spendCap !== undefined && { spendCapped: byCap.text(decimals) }),
    total: total.text(decimals),
    credits,
    amountDue: total.minus(used).text(decimals),
  };
}

/** The card of the phase that the period lies in, its bundles' fees as charges; a period that crosses phases is not asked. */
function ordinary(card: Any, usage: Any): Any {
  const phase = phaseOf(card, usage);
  const fees = (card.bundles ?? []).map(({ id, price }: Any) => ({ id, price }));
  const charges = [...fees, ...card.charges].map((charge: Any) => {
    const other = phase?.charges?.[charge.id] ?? {};
    const merged = { ...charge, ...other };
    if (other.included === null) merged.included = undefined;
    const from = (card.bundles ?? []).flatMap(({ id, includes }: Any) =>
      includes
        .filter(({ meter, group }: Any) => meter === charge.meter && group === charge.group)
        .map(({ quantity }: Any) => ({ bundle: id, quantity })),
    );
    return { ...merged, sources: [...(merged.included === undefined ? [] : [{ quantity: merged.included }]), ...from] };
  });
  const pick = (key: string) => (phase?.[key] === undefined ? card[key] : phase[key]);
  const off = phase?.percent === undefined ? [] : [{ id: phase.id, percent: phase.percent }];
  return {
    ...card,
    charges,
    discounts: [...(card.discounts ?? []), ...off],
    minimum: pick('minimum'),
    maximum: pick('maximum'),
  };
}

/** Counted day by day from the customer's first one. */
function phaseOf(card: Any, usage: Any): Any {
  if (!card.phases) return undefined;
  if (!usage.customerSince) throw new Refused();
  const first = new Date(`${usage.customerSince}T00:00:00Z`);
  const day = usage.period.start.slice(0, 10);
  let from = new Date(first);
  let monthsFrom = new Date(first);
  let months = 0;
  for (const phase of card.phases) {
    if (phase.days) {
      from = new Date(from.getTime() + phase.days * DAY);
      monthsFrom = from;
      months = 0;
    } else {
      months += phase.months;
      from = new Date(monthsFrom);
      from.setUTCDate(1);
      from.setUTCMonth(from.getUTCMonth() + months + 1);
      from.setUTCDate(0);
      from.setUTCDate(Math.min(from.getUTCDate(), monthsFrom.getUTCDate()));
    }
    if (day < from.toISOString().slice(0, 10)) return phase;
  }
  return undefined;
}

/** Which charge takes which entry. */
function take(card: Any, usage: Any): Record<string, Any[]> {
  const taken: Record<string, Any[]> = {};
  for (const entry of usage.usage) {
    const charge =
      card.charges.find((c: Any) => c.meter === entry.meter && c.group !== undefined && c.group === entry.group) ??
      card.charges.find((c: Any) => c.meter === entry.meter && c.group === undefined);
    if (!charge) {
      if (!card.freeMeters?.includes(entry.meter)) throw new Refused();
      continue;
    }
    const { model } = charge.price;
    const takesEvents = ['percentage', 'graduatedPercentage', 'dynamic'].includes(model);
    if (takesEvents !== (entry.events !== undefined)) throw new Refused();
    if ((model === 'outcome') !== (entry.outcomes !== undefined)) throw new Refused();
    taken[charge.id] = [...(taken[charge.id] ?? []), entry];
  }
  return taken;
}

function free(card: Any, usage: Any): Line[] {
  const lines: Line[] = [];
  for (const meter of [...(card.freeMeters ?? [])].sort()) {
    const entries = usage.usage.filter((entry: Any) => {
      if (entry.meter !== meter) return false;
      return !card.charges.some((c: Any) => c.meter === meter && (c.group === undefined || c.group === entry.group));
    });
    const quantity = sum(entries.map((entry: Any) => Fraction.of(entry.quantity)));
    if (quantity.isZero()) continue;
    const head = { kind: 'free', charge: null, meter, group: null };
    lines.push({ ...head, quantity: quantity.short(), unitPrice: '0', flat: '0', amount: ZERO });
  }
  return lines;
}

/** The active share of the period. */
function share(proration: string | undefined, usage: Any): Fraction {
  const [start, end] = [time(usage.period.start), time(usage.period.end)];
  const from = Math.max(start, usage.active?.from ? time(usage.active.from) : start);
  const to = Math.min(end, usage.active?.to ? time(usage.active.to) : end);
  if (to <= from) return ZERO;
  if (proration === 'second') return new Fraction(BigInt(to - from), BigInt(end - start));
  if (proration === 'day') return new Fraction(days(from, to), days(start, end));
  return new Fraction(1n);
}

/** UTC calendar days touched, counted one by one. */
function days(from: number, to: number): bigint {
  let count = 0n;
  for (let day = from - (from % DAY); day < to; day += DAY) count++;
  return count;
}

function chargeLines(charge: Any, entries: Any[], usage: Any, decimals: number, book: Book): Line[] {
  const { price } = charge;
  const head = { charge: charge.id, meter: charge.meter ?? null, group: charge.group ?? null };
  const used = { kind: 'usage', ...head };
  switch (price.model) {
    case 'flat': {
      const amount = Fraction.of(price.amount).times(share(price.proration, usage)).round(decimals);
      return [{ kind: 'flat', ...head, quantity: null, unitPrice: null, flat: price.amount, amount }];
    }
    case 'percentage':
    case 'graduatedPercentage':
    case 'dynamic':
      return eventLines(
        price,
        entries.flatMap((entry) => entry.events),
        used,
        decimals,
      );
    case 'outcome':
      return outcomeLines(
        price,
        entries.flatMap((entry) => entry.outcomes),
        used,
        decimals,
        book,
      );
    case 'matrix':
      return matrixLines(price, entries, used, decimals);
    case 'reserved':
      return reservedLines(price, entries, head, usage, decimals);
    default:
      return includedLines(charge, entries, used, usage, decimals);
  }
}

/** Models that know `included`: it takes the earliest hours first. */
function includedLines(charge: Any, entries: Any[], head: Any, usage: Any, decimals: number): Line[] {
  const { price } = charge;
  const parts = price.model === 'timeWindow' ? [...price.windows.map((w: Any) => w.id), null] : ['all'];
  const perPart = new Map<string | null, Fraction>(parts.map((part: string | null) => [part, ZERO]));
  let left = sum(charge.sources.map(({ quantity }: Any) => Fraction.of(quantity)));
  let covered = ZERO;
  if (price.model === 'timeWindow' && entries.some((entry) => !entry.hour)) throw new Refused();
  const inOrder = [...entries].sort((a, b) => (price.model === 'timeWindow' ? time(a.hour) - time(b.hour) : 0));
  for (const entry of inOrder) {
    const part = price.model === 'timeWindow' ? windowOf(price, entry.hour, usage) : 'all';
    const quantity = Fraction.of(entry.quantity);
    const here = quantity.min(left);
    left = left.minus(here);
    covered = covered.plus(here);
    perPart.set(part, (perPart.get(part) as Fraction).plus(quantity.minus(here)));
  }
  const lines: Line[] = [];
  for (const { quantity, bundle } of charge.sources) {
    const here = Fraction.of(quantity).min(covered);
    covered = covered.minus(here);
    if (here.isZero()) continue;
    const free = { kind: 'included', quantity: here.short(), unitPrice: '0', flat: '0', amount: ZERO };
    lines.push({ ...head, ...free, ...(bundle !== undefined && { bundle }) });
  }
  if (price.model !== 'timeWindow') {
    lines.push(...quantityLines(price, perPart.get('all') as Fraction, head, decimals, true));
    return lines;
  }
  for (const window of [...price.windows, { id: null, price: price.otherwise }]) {
    const quantity = perPart.get(window.id) as Fraction;
    if (window.price) lines.push(...quantityLines(window.price, quantity, { ...head, window: window.id }, decimals));
  }
  return lines;
}

function windowOf(price: Any, hour: string, usage: Any): string | null {
  const timeZone = price.timeZone === 'customer' ? (usage.timeZone ?? 'UTC') : price.timeZone;
  const at = new Date(hour);
  const clock = format('en-GB', { timeZone, hour: '2-digit', minute: '2-digit' }).format(at);
  const day = format('en-US', { timeZone, weekday: 'short' }).format(at).toLowerCase();
  for (const { id, days: on, from, to } of price.windows) {
    if (on && !on.includes(day)) continue;
    if (to > from ? clock >= from && clock < to : clock >= from || clock < to) return id;
  }
  if (!price.otherwise) throw new Refused();
  return null;
}

/** Making one takes a hundred times as long as using it. */
const formats = new Map<string, Intl.DateTimeFormat>();
function format(locale: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${locale} ${options.timeZone}`;
  const known = formats.get(key) ?? new Intl.DateTimeFormat(locale, options);
  formats.set(key, known);
  return known;
}

function matrixLines(price: Any, entries: Any[], head: Any, decimals: number): Line[] {
  const known = price.groups.map((g: Any) => g.group);
  const rest = entries.filter((entry) => !known.includes(entry.group));
  if (rest.length > 0 && !price.otherwise) throw new Refused();
  const total = (some: Any[]) => sum(some.map((entry) => Fraction.of(entry.quantity)));
  const lines = price.groups.flatMap(({ group, price: own }: Any) => {
    const quantity = total(entries.filter((entry) => entry.group === group));
    return quantityLines(own, quantity, { ...head, group }, decimals);
  });
  if (price.otherwise) lines.push(...quantityLines(price.otherwise, total(rest), { ...head, group: null }, decimals));
  return lines;
}

function reservedLines(price: Any, entries: Any[], head: Any, usage: Any, decimals: number): Line[] {
  const { quantity, per } = price.capacity;
  if (per === 'hour' && entries.some((entry) => !entry.hour)) throw new Refused();
  const buckets = new Map<string, Fraction>();
  for (const entry of entries) {
    const key = per === 'hour' ? String(time(entry.hour)) : 'period';
    buckets.set(key, (buckets.get(key) ?? ZERO).plus(Fraction.of(entry.quantity)));
  }
  const capacity = Fraction.of(quantity);
  const covered = sum([...buckets.values()].map((units) => units.min(capacity)));
  const over = sum([...buckets.values()].map((units) => units.minus(capacity).max(ZERO)));
  const hours = BigInt((time(usage.period.end) - time(usage.period.start)) / HOUR);
  const amount = Fraction.of(price.amount)
    .times(new Fraction(per === 'hour' ? hours : 1n))
    .round(decimals);
  return [
    { kind: 'reserved', ...head, quantity: covered.short(), unitPrice: null, flat: price.amount, amount },
    ...quantityLines(price.overage, over, { kind: 'overage', ...head }, decimals),
  ];
}

function eventLines(price: Any, events: string[], head: Any, decimals: number): Line[] {
  const amounts = events.map((event) => Fraction.of(event));
  const total = sum(amounts);
  if (price.model === 'graduatedPercentage') {
    const tiers = price.tiers.map((tier: Any) => ({
      ...tier,
      unitPrice: Fraction.of(tier.percent).over(new Fraction(100n)).short(),
    }));
    return quantityLines({ ...price, model: 'graduated', tiers }, total, head, decimals, true);
  }
  if (events.length === 0) return [];
  if (price.model === 'dynamic') {
    const multiplier = price.multiplier ?? '1';
    const amount = total.times(Fraction.of(multiplier)).round(decimals);
    return [{ ...head, quantity: total.short(), unitPrice: multiplier, flat: '0', amount }];
  }
  const each = amounts.map((event) => {
    let value = event.times(Fraction.of(price.percent)).over(new Fraction(100n));
    value = value.plus(Fraction.of(price.fixedFee ?? '0'));
    if (price.min !== undefined) value = value.max(Fraction.of(price.min));
    if (price.max !== undefined) value = value.min(Fraction.of(price.max));
    return value.round(decimals);
  });
  return [{ ...head, quantity: total.short(), unitPrice: null, flat: '0', amount: sum(each) }];
}

function outcomeLines(price: Any, reports: Any[], head: Any, decimals: number, book: Book): Line[] {
  const inOrder = [...reports].sort((a, b) => time(a.at) - time(b.at));
  const lasts = (days: number | undefined, from: number, to: number) => to >= from && to <= from + (days ?? 0) * DAY;
  let [counted, charged, back, rest] = [ZERO, ZERO, ZERO, ZERO];
  let [countedAny, restAny] = [false, false];
  const reversed: string[] = [];
  for (const { id, amount, at, touchedAt, reverses } of inOrder) {
    if (reverses !== undefined) continue;
    const touched = touchedAt === undefined ? Number.NaN : time(touchedAt);
    if (book.has(id) || (price.attributionDays && !lasts(price.attributionDays, touched, time(at)))) {
      rest = rest.plus(Fraction.of(amount));
      restAny = true;
      continue;
    }
    let fee = Fraction.of(amount)
      .times(Fraction.of(price.percent ?? '0'))
      .over(new Fraction(100n));
    fee = fee.plus(Fraction.of(price.fixedFee ?? '0'));
    if (price.min !== undefined) fee = fee.max(Fraction.of(price.min));
    if (price.max !== undefined) fee = fee.min(Fraction.of(price.max));
    fee = fee.round(decimals);
    book.set(id, { at: time(at), charged: fee, reversed: false });
    counted = counted.plus(Fraction.of(amount));
    charged = charged.plus(fee);
    countedAny = true;
  }
  for (const { at, reverses } of inOrder) {
    if (reverses === undefined) continue;
    const earlier = book.get(reverses);
    if (!earlier || earlier.reversed || !price.reversalDays || !lasts(price.reversalDays, earlier.at, time(at))) {
      restAny = true;
      continue;
    }
    earlier.reversed = true;
    back = back.plus(earlier.charged);
    reversed.push(reverses);
  }
  const own = { ...head, unitPrice: null, flat: '0' };
  const reason = `reversal of ${reversed.join(', ')}`;
  return [
    ...(countedAny ? [{ ...own, quantity: counted.short(), amount: charged }] : []),
    ...(reversed.length > 0 ? [{ ...own, kind: 'reversal', quantity: null, amount: ZERO.minus(back), reason }] : []),
    ...(restAny ? [{ ...own, kind: 'unattributed', quantity: rest.short(), amount: ZERO }] : []),
  ];
}

/** perUnit, graduated, volume or package on one pool of units. */
function quantityLines(price: Any, quantity: Fraction, head: Any, decimals: number, alone = false): Line[] {
  const priced = (units: Fraction, tier: Any, number?: number): Line => ({
    ...head,
    ...(number && { tier: number }),
    quantity: units.short(),
    unitPrice: tier.unitPrice,
    flat: tier.flat ?? '0',
    amount: units
      .times(Fraction.of(tier.unitPrice))
      .plus(Fraction.of(tier.flat ?? '0'))
      .round(decimals),
  });
  if (quantity.isZero()) return alone && price.zeroUsage === 'chargeFirstFlat' ? [priced(ZERO, price.tiers[0], 1)] : [];
  if (price.model === 'perUnit') return [priced(quantity, price)];
  if (price.model === 'package') {
    const times = quantity.over(Fraction.of(price.size));
    const packages = (price.rounding ?? 'up') === 'up' ? times.ceil() : times.floor();
    const amount = Fraction.of(price.amount).times(new Fraction(packages)).round(decimals);
    return [{ ...head, packages: String(packages), quantity: quantity.short(), unitPrice: null, flat: '0', amount }];
  }
  const top = (tier: Any) => (tier.upTo === null ? quantity : Fraction.of(tier.upTo).min(quantity));
  if (price.model === 'volume') {
    const index = price.tiers.findIndex((tier: Any) => !quantity.isAbove(top(tier)));
    return [priced(quantity, price.tiers[index], index + 1)];
  }
  return price.tiers.flatMap((tier: Any, i: number) => {
    const floor = i === 0 ? ZERO : Fraction.of(price.tiers[i - 1].upTo);
    return quantity.isAbove(floor) ? [priced(top(tier).minus(floor), tier, i + 1)] : [];
  });
}

function burn(card: Any, usage: Any, total: Fraction, decimals: number): { credits: Any[]; used: Fraction } {
  const expiry = (credit: Any) => (credit.expiresAt ? time(credit.expiresAt) : Number.MAX_VALUE);
  const byExpiry = (a: Any, b: Any) => expiry(a) - expiry(b);
  const byKind = (a: Any, b: Any) => (a.kind === b.kind ? 0 : a.kind === 'promo' ? -1 : 1);
  const byId = (a: Any, b: Any) => (a.id < b.id ? -1 : 1);
  const order = card.creditOrder === 'promoFirst' ? [byKind, byExpiry, byId] : [byExpiry, byKind, byId];
  const sorted = [...(usage.credits ?? [])].sort((a, b) => order.map((by) => by(a, b)).find((n) => n !== 0) ?? 0);
  let due = total;
  const rows = sorted.map((credit) => {
    const expired = expiry(credit) < time(usage.period.end);
    const used = expired ? ZERO : Fraction.of(credit.balance).min(due.max(ZERO));
    due = due.minus(used);
    const remaining = Fraction.of(credit.balance).minus(used).text(decimals);
    const place = !used.isZero() ? 0 : expired ? 2 : 1;
    return { place, credit: { id: credit.id, used: used.text(decimals), remaining } };
  });
  const credits = [0, 1, 2].flatMap((place) => rows.filter((row) => row.place === place).map((row) => row.credit));
  return { credits, used: total.minus(due) };
}
