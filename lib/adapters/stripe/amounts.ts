import { InputError } from '../../domain/input-error.ts';
import { type ChargeUnits, chargeStep, chargeUnits } from '../../domain/money/charge-units.ts';
import { formatDecimal, normalize, parseDecimal, unitsAt } from '../../domain/money/decimal.ts';

function unitsOf(currency: string): ChargeUnits {
  const units = chargeUnits(currency);
  if (!units) throw unchargeable(currency, `Stripe does not charge in ${currency}`);
  return units;
}

const unchargeable = (currency: string, message: string): InputError =>
  new InputError({ code: 'unchargeable-amount', message, hint: `see Stripe's rules for ${currency}` });

/** `131.58` USD is 13158; exact, or refused. @throws InputError `unchargeable-amount` */
export function toStripeAmount(currency: string, amount: string): number {
  const { decimals } = unitsOf(currency);
  const value = normalize(parseDecimal(amount));
  if (value.scale > decimals) throw unchargeable(currency, `Stripe cannot hold ${amount} ${currency} exactly`);
  const units = unitsAt(value, decimals);
  if (units > BigInt(Number.MAX_SAFE_INTEGER) || -units > BigInt(Number.MAX_SAFE_INTEGER)) {
    throw unchargeable(currency, `${amount} ${currency} is more than Stripe takes`);
  }
  return Number(units);
}

/** 13158 USD is `131.58`. @throws InputError `unchargeable-amount` */
export function fromStripeAmount(currency: string, amount: number): string {
  return formatDecimal({ units: BigInt(amount), scale: unitsOf(currency).decimals });
}

/** A total that Stripe can charge to the last unit. @throws InputError `unchargeable-amount` */
export function assertChargeable(currency: string, total: string): void {
  const units = unitsOf(currency);
  if (BigInt(toStripeAmount(currency, total)) % units.step !== 0n) {
    throw unchargeable(currency, `Stripe charges ${currency} in steps of ${chargeStep(units)}, and ${total} is none`);
  }
}
