import { addMonths } from '../time/add-months.ts';
import { DAY_MS, formatDate, parseDate } from '../time/time.ts';
import { withoutBundles } from './bundles.ts';
import type { Charge, ChargeInPhase, Discount, Phase, RateCard } from './rate-card.ts';

/** A phase of one customer, by UTC days. */
export interface PhaseInTime {
  readonly phase: Phase;
  readonly from: string;
  /** Exclusive. */
  readonly to: string;
}

/**
 * When each phase of a card holds for a customer. Months are counted from the first day of their run, not from the end of
 * the one before, so that a customer of the 31st keeps the last day of each month.
 * @param customerSince `YYYY-MM-DD`
 */
export function phasesInTime({ phases = [] }: RateCard, customerSince: string): PhaseInTime[] {
  let [from, anchor, months] = [customerSince, customerSince, 0];
  return phases.map((phase) => {
    const start = from;
    if (phase.months === undefined) {
      from = formatDate(parseDate(start) + (phase.days ?? 0) * DAY_MS);
      [anchor, months] = [from, 0];
    } else {
      months += phase.months;
      from = addMonths(anchor, months);
    }
    return { phase, from: start, to: from };
  });
}

/** The phase that a customer is in, `null` after the last. A day before the customer's start counts as the first day. */
export function phaseOn(card: RateCard, day: string, customerSince: string): Phase | null {
  if (card.phases === undefined) return null;
  return phasesInTime(card, customerSince).find(({ to }) => day < to)?.phase ?? null;
}

/** The days on which {@link cardInPhase} changes its answer, sorted. */
export const phaseTurningDays = (card: RateCard, customerSince: string): string[] =>
  phasesInTime(card, customerSince).map(({ to }) => to);

/** The first day on which a customer is no longer entitled, because the last phase ends with nothing after it; else null. */
export function trialEnd(card: RateCard, customerSince: string): string | null {
  const last = phasesInTime(card, customerSince).at(-1);
  return last?.phase.after === 'end' ? last.to : null;
}

const cards = new WeakMap<RateCard, Map<string | null, RateCard>>();

/**
 * The ordinary card that holds for a customer on a day: without phases and without bundles, so that nothing else needs to
 * know of them. The same card and phase always give the same object. A card that has neither is answered as it is.
 * @param day `YYYY-MM-DD` @param customerSince `YYYY-MM-DD`
 */
export function cardInPhase(card: RateCard, day: string, customerSince: string): RateCard {
  const end = trialEnd(card, customerSince);
  if (end !== null && day >= end) return cardAfterEnd(card);
  return cardOfPhase(card, phaseOn(card, day, customerSince));
}

/** The same for a phase at hand, `null` for the time after the last. */
export function cardOfPhase(card: RateCard, phase: Phase | null): RateCard {
  if (card.phases === undefined) return withoutBundles(card);
  const known = cards.get(card) ?? new Map<string | null, RateCard>();
  cards.set(card, known);
  const made = known.get(phase?.id ?? null) ?? applyPhase(card, phase);
  known.set(phase?.id ?? null, made);
  return made;
}

const ended = new WeakMap<RateCard, RateCard>();

/**
 * The time after a trial that ends, of a customer who has chosen no card: being a customer costs nothing, and a call that
 * slips through before access ends costs what it did in the trial. Never the card's own prices, which nobody agreed to.
 */
function cardAfterEnd(card: RateCard): RateCard {
  const known = ended.get(card);
  if (known) return known;
  const { minimum: _none, discounts, ...trial } = cardOfPhase(card, card.phases?.at(-1) ?? null);
  const charges = trial.charges.flatMap(withoutFee);
  const left = discounts?.filter(
    ({ appliesTo }) => appliesTo === undefined || charges.some(({ id }) => id === appliesTo),
  );
  const made = { ...trial, charges, ...(left ? { discounts: left } : {}) };
  ended.set(card, made);
  return made;
}

/** What is due without a call is left out: fees, capacity, the first tier's flat amount. */
function withoutFee(charge: Charge): Charge[] {
  const { price } = charge;
  if (price.model === 'flat') return [];
  if (price.model === 'reserved') return [{ ...charge, price: price.overage }];
  return [{ ...charge, price: 'zeroUsage' in price ? { ...price, zeroUsage: 'free' } : price }];
}

function applyPhase(card: RateCard, phase: Phase | null): RateCard {
  const { phases: _phases, ...own } = card;
  const ordinary = withoutBundles(own);
  if (phase === null) return ordinary;
  const { minimum, maximum, ...rest } = ordinary;
  const least = phase.minimum === undefined ? minimum : phase.minimum;
  const most = phase.maximum === undefined ? maximum : phase.maximum;
  const off: Discount[] = phase.percent === undefined ? [] : [{ id: phase.id, percent: phase.percent }];
  return {
    ...rest,
    charges: ordinary.charges.map((charge) => chargeIn(charge, phase.charges?.[charge.id])),
    ...(ordinary.discounts === undefined && off.length === 0
      ? {}
      : { discounts: [...(ordinary.discounts ?? []), ...off] }),
    ...(least ? { minimum: least } : {}),
    ...(most ? { maximum: most } : {}),
  };
}

function chargeIn(charge: Charge, change: ChargeInPhase | undefined): Charge {
  if (change === undefined) return charge;
  const { included, ...rest } = charge;
  const allowance = change.included === undefined ? included : change.included;
  return {
    ...rest,
    ...(allowance === undefined || allowance === null ? {} : { included: allowance }),
    price: change.price ?? charge.price,
  };
}
