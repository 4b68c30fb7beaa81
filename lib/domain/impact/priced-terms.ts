import { canonicalJson } from '../invoicing/canonical.ts';
import { protectionSteps } from '../invoicing/protect.ts';
import { limitsOf } from '../invoicing/rate-period.ts';
import type { Protection, Terms } from '../invoicing/terms.ts';
import { type Exact, formatFixed } from '../money/exact.ts';
import type { ExactBill, OutsideAdjustment } from '../pricing/bill.ts';
import { type CompiledRateCard, compileRateCard } from '../pricing/compile.ts';
import { rateExact } from '../pricing/rate.ts';
import type { RateCard } from '../pricing/rate-card.ts';
import type { Usage } from '../pricing/usage.ts';

/** What a customer pays, compiled once for all customers with the same terms. */
export interface PricedTerms {
  readonly terms: Terms;
  readonly currency: string;
  readonly decimals: number;
  /** Equal where every bill is equal: prices without names, dates and rationales. */
  readonly signature: string;
  readonly needsHours: boolean;
  /** The bill with protection in it. @throws InputError where a price is missing for the usage */
  bill(usage: Usage): ExactBill;
}

/** @throws HoldError where a protected card is in another currency */
export function priceTerms(terms: Terms): PricedTerms {
  const limits = limitsOf(terms);
  const card = compileRateCard(withLimits(terms.card, limits));
  const signature = canonicalJson([
    pricesOf(withLimits(terms.card, limits)),
    terms.protection.map(({ kind, percent, card }) => [kind, percent, pricesOf(card)]),
  ]);
  const bare = [terms.card, ...terms.protection.map((protection) => protection.card)].map((one) =>
    compileRateCard(beforeProtection(one, limits)),
  );
  const [own, ...old] = bare as [CompiledRateCard, ...CompiledRateCard[]];
  const compiled = terms.protection.map((protection, index) => ({
    ...protection,
    compiled: old[index] as CompiledRateCard,
  }));
  return {
    terms,
    currency: card.currency,
    decimals: card.decimals,
    signature,
    needsHours: [card, ...bare].some(({ charges }) => charges.some(({ needsHour }) => needsHour)),
    bill: (usage) =>
      compiled.length === 0
        ? rateExact(card, usage)
        : rateExact(card, usage, { adjustments: protectionLines(compiled, own, usage) }),
  };
}

type CompiledProtection = Protection & { readonly compiled: CompiledRateCard };

function protectionLines(
  protection: readonly CompiledProtection[],
  own: CompiledRateCard,
  usage: Usage,
): OutsideAdjustment[] {
  const left = (card: CompiledRateCard) => BigInt(rateExact(card, usage).total);
  return protectionSteps(protection, left(own), ({ compiled }) => left(compiled), own.decimals).map(
    ({ rule, units }) => ({ id: rule, kind: 'protection', amount: formatFixed(units as Exact, own.decimals) }),
  );
}

type Limits = Pick<RateCard, 'minimum' | 'maximum'>;

function withLimits(card: RateCard, limits: Limits): RateCard {
  const { minimum: _minimum, maximum: _maximum, ...rest } = card;
  return { ...rest, ...limits };
}

/** Up to where protection compares: a minimum that comes after discounts, and the maximum, come after it too. */
function beforeProtection(card: RateCard, { minimum }: Limits): RateCard {
  return withLimits(card, minimum?.order === 'beforeDiscounts' ? { minimum } : {});
}

function pricesOf({ currency, charges, freeMeters, discounts, minimum, maximum }: RateCard) {
  return { currency, charges, freeMeters, discounts, minimum, maximum };
}
