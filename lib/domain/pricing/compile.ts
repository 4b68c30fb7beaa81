import { InputError } from '../input-error.ts';
import { currencyDecimals } from '../money/currencies.ts';
import { parseDecimal, roundHalfEven } from '../money/decimal.ts';
import { type Exact, exact } from '../money/exact.ts';
import type { ChargeName } from './bill.ts';
import { withoutBundles } from './bundles.ts';
import type { RateCharge } from './models/charge.ts';
import { compileDynamic } from './models/dynamic.ts';
import { compileFlat } from './models/flat.ts';
import { compileGraduatedPercentage } from './models/graduated-percentage.ts';
import { compileMatrix } from './models/matrix.ts';
import { type CompiledOutcome, compileOutcome } from './models/outcome.ts';
import { compilePercentage } from './models/percentage.ts';
import { compilePooled } from './models/pooled.ts';
import { compileReserved } from './models/reserved.ts';
import { percentAsPrice } from './models/terms.ts';
import { compileTimeWindow } from './models/time-window.ts';
import type { PricedBy } from './price-kinds.ts';
import type { Charge, Discount, Proration, RateCard } from './rate-card.ts';
import { Routes } from './routes.ts';

/** A card made ready to rate many customers with: exact integers, and the way from a meter to its charge. */
export interface CompiledRateCard {
  readonly card: RateCard;
  readonly currency: string;
  /** Of every amount in an answer. */
  readonly decimals: number;
  readonly charges: readonly CompiledCharge[];
  readonly hasOutcomes: boolean;
  /** A 0 and an undefined for each charge, to be copied: a list that grows by pushes takes three times the memory. */
  readonly noAmounts: readonly Exact[];
  readonly noEntries: readonly undefined[];
  readonly routes: Routes;
  /** In the order in which they are taken: those that name a charge first. */
  readonly chargeDiscounts: readonly CompiledDiscount[];
  readonly invoiceDiscounts: readonly CompiledDiscount[];
  readonly minimum: CompiledMinimum | undefined;
  readonly maximum: Exact | undefined;
  readonly creditOrder: 'expiryFirst' | 'promoFirst';
}

export interface CompiledCharge {
  readonly name: ChargeName;
  readonly takes: PricedBy;
  /** Whether its price depends on the hour of each entry. */
  readonly needsHour: boolean;
  /** Whether every quantity fits it: then only events and outcomes must be looked at. */
  readonly takesAnyQuantity: boolean;
  readonly rate: RateCharge;
  /** Of a price of outcomes: which of them count. */
  readonly count?: CompiledOutcome['count'];
}

export interface CompiledDiscount {
  readonly id: string;
  /** Index of the charge it names. */
  readonly charge: number | undefined;
  /** Minor units; 0 where there is a share. */
  readonly amount: Exact;
  readonly share: { readonly of: Exact; readonly in: Exact } | null;
}

export interface CompiledMinimum {
  readonly amount: Exact;
  readonly order: 'afterDiscounts' | 'beforeDiscounts';
  readonly proration: Proration;
}

/**
 * @param written as `parseRateCard` answers it, or `cardInPhase` where it has phases: a card whose price depends on a
 * customer's age has no price by itself
 * @throws InputError `phase-unknown`
 */
export function compileRateCard(written: RateCard): CompiledRateCard {
  if (written.phases !== undefined) throw phaseUnknown(written);
  const card = withoutBundles(written);
  const decimals = currencyDecimals(card.currency);
  const minorUnits = (amount: string) => exact(roundHalfEven(parseDecimal(amount), decimals));
  const discounts = (card.discounts ?? []).map((discount) => compileDiscount(discount, card.charges, minorUnits));
  return {
    card,
    currency: card.currency,
    decimals,
    charges: card.charges.map((charge) => compileCharge(charge, decimals)),
    noAmounts: card.charges.map(() => 0),
    noEntries: card.charges.map(() => undefined),
    hasOutcomes: card.charges.some(({ price }) => price.model === 'outcome'),
    routes: new Routes(card),
    chargeDiscounts: discounts.filter(({ charge }) => charge !== undefined),
    invoiceDiscounts: discounts.filter(({ charge }) => charge === undefined),
    minimum: card.minimum && {
      amount: minorUnits(card.minimum.amount),
      order: card.minimum.order ?? 'afterDiscounts',
      proration: card.minimum.proration ?? 'none',
    },
    maximum: card.maximum && minorUnits(card.maximum.amount),
    creditOrder: card.creditOrder ?? 'expiryFirst',
  };
}

const phaseUnknown = ({ id }: RateCard): InputError =>
  new InputError({
    code: 'phase-unknown',
    message: `prices of the card ${JSON.stringify(id)} depend on when a customer began`,
    path: '/phases',
    hint: 'say since when in "customerSince"',
  });

function compileCharge(charge: Charge, decimals: number): CompiledCharge {
  const name: ChargeName = { id: charge.id, meter: charge.meter ?? null, group: charge.group ?? null };
  const { price } = charge;
  const of = (takes: CompiledCharge['takes'], rate: RateCharge, needsHour = false): CompiledCharge => ({
    name,
    takes,
    needsHour,
    takesAnyQuantity: takes === 'quantity' && !needsHour,
    rate,
  });
  switch (price.model) {
    case 'flat':
      return of('nothing', compileFlat(price, name, decimals));
    case 'perUnit':
    case 'graduated':
    case 'volume':
    case 'package':
      return of('quantity', compilePooled(price, charge, name, decimals));
    case 'percentage':
      return of('events', compilePercentage(price, name, decimals));
    case 'graduatedPercentage':
      return of('events', compileGraduatedPercentage(price, name, decimals));
    case 'dynamic':
      return of('events', compileDynamic(price, name, decimals));
    case 'outcome': {
      const { rate, count } = compileOutcome(price, name, decimals);
      return { ...of('outcomes', rate), count };
    }
    case 'matrix':
      return of('quantity', compileMatrix(price, name, decimals));
    case 'timeWindow':
      return of('quantity', compileTimeWindow(price, charge, name, decimals), true);
    case 'reserved':
      return of('quantity', compileReserved(price, name, decimals), price.capacity.per !== 'period');
  }
}

function compileDiscount(
  { id, percent, amount, appliesTo }: Discount,
  charges: readonly Charge[],
  minorUnits: (amount: string) => Exact,
): CompiledDiscount {
  const charge = appliesTo === undefined ? undefined : charges.findIndex((one) => one.id === appliesTo);
  if (percent === undefined) return { id, charge, amount: minorUnits(amount ?? '0'), share: null };
  const { units, scale } = parseDecimal(percentAsPrice(percent));
  return { id, charge, amount: 0, share: { of: exact(units), in: exact(10n ** BigInt(scale)) } };
}
