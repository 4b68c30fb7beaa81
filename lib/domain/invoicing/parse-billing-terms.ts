import { type Decimal, parseDecimal } from '../money/decimal.ts';
import { isEmail } from '../portal/member.ts';
import {
  checkKeys,
  checkList,
  checkText,
  checkUnique,
  checkWord,
  type Fault,
  isObject,
  Place,
  shown,
  throwFirst,
} from '../pricing/check/faults.ts';
import { checkPrice } from '../pricing/check/numbers.ts';
import { isDate } from '../rules/is-date.ts';
import {
  type AutomaticTopUp,
  type BillingTerms,
  type Commitment,
  type Coupon,
  PLAIN_TERMS,
  type SpendCap,
  type TaxTerms,
} from './billing-terms.ts';

/** What a customer's `overrides` may hold. */
const OVERRIDES = ['billing', 'netTermsDays'];
/** The address stands beside the terms: no invoice is made from it, so that none has to keep it. */
const KEYS = [...Object.keys(PLAIN_TERMS), 'email'];
/** Stripe takes so many characters in a custom field. */
const PRINTED_MAX = 140;
const NET_TERMS_MAX = 365;

/**
 * What was agreed with a customer about invoicing: `overrides.billing`, every key optional, all else as
 * {@link PLAIN_TERMS}. `netTermsDays` may also stand directly under `overrides`.
 *
 * @param pointer where the overrides stand, for errors: `/customers/0/overrides`
 * @throws InputError at the first fault, its path a JSON pointer, its hint the known key that was probably meant
 */
export function parseBillingTerms(overrides: unknown, pointer = ''): BillingTerms {
  const faults: Fault[] = [];
  const root = new Place(overrides, pointer, faults);
  if (checkKeys(root, [], OVERRIDES)) {
    root.optional('netTermsDays', checkNetTerms);
    root.optional('billing', checkBilling);
    if (root.has('netTermsDays') && isObject(root.at('billing').value) && root.at('billing').has('netTermsDays')) {
      root
        .at('netTermsDays')
        .fault('stands-twice', '"netTermsDays" stands here and under "billing"', 'keep one of them');
    }
  }
  throwFirst(faults);
  const { billing = {}, ...direct } = overrides as { billing?: GivenTerms; netTermsDays?: number | null };
  const { tax, email: _apart, ...given } = billing;
  return { ...PLAIN_TERMS, ...direct, ...given, tax: { ...PLAIN_TERMS.tax, ...tax } };
}

/** As it was checked: any of its keys may be missing. */
type GivenTerms = Partial<Omit<BillingTerms, 'tax'>> & {
  readonly tax?: Partial<TaxTerms>;
  readonly email?: string | null;
};

/** Where the team has agreed to mail invoices, reports and alerts (`billing.email`), lower case; null: it says nothing. */
export function agreedAddress(overrides: unknown): string | null {
  parseBillingTerms(overrides);
  return (overrides as { billing?: GivenTerms }).billing?.email?.toLowerCase() ?? null;
}

/**
 * The same agreements without what names somebody: the address for mail, the memo, street and city. Prices and tax come out the
 * same: tax is computed from country, state and postal code, and asks for tax ids. Net terms go too: Stripe sends no invoice
 * to a customer without an address, so that what is still due is charged to the stored payment method.
 */
export function withoutNames(overrides: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { billing, netTermsDays: _direct, ...direct } = overrides as { billing?: GivenTerms; netTermsDays?: unknown };
  if (billing === undefined) return direct;
  const { email: _email, memo: _memo, netTermsDays: _days, tax, ...terms } = billing;
  const { line1: _line1, city: _city, ...place } = tax?.address ?? {};
  const kept = tax?.address ? { ...tax, address: place } : tax;
  return { ...direct, billing: { ...terms, ...(kept === undefined ? {} : { tax: kept }) } };
}

function checkBilling(place: Place): void {
  if (!checkKeys(place, [], KEYS)) return;
  place.optional('anchor', (anchor) => {
    if (checkKeys(anchor, ['day'], [])) anchor.optional('day', (day) => checkWhole(day, 1, 31));
  });
  place.optional('email', orNull(checkEmail));
  place.optional('feesEvery', (every) => checkWord(every, ['period', 'year']));
  place.optional('netTermsDays', checkNetTerms);
  for (const printed of ['purchaseOrder', 'memo']) place.optional(printed, orNull(checkPrinted));
  place.optional('tax', checkTax);
  const ids = new Set<string>();
  place.optional('coupons', (coupons) => checkList(coupons, (coupon) => checkCoupon(coupon, ids)));
  place.optional('commitment', orNull(checkCommitment));
  place.optional('spendCap', orNull(checkSpendCap));
  place.optional('topUp', orNull(checkTopUp));
}

const orNull =
  (check: (place: Place) => void) =>
  (place: Place): void => {
    if (place.value !== null) check(place);
  };

function checkNetTerms(place: Place): void {
  if (place.value !== null) checkWhole(place, 1, NET_TERMS_MAX);
}

function checkWhole(place: Place, least: number, most: number): void {
  const { value } = place;
  if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) return;
  place.fault('out-of-range', `${shown(value)} is not a whole number from ${least} to ${most}`);
}

function checkPrinted(place: Place): void {
  const text = checkText(place);
  if (text !== undefined && text.length > PRINTED_MAX) {
    place.fault('too-long', `${text.length} characters, and ${PRINTED_MAX} can be printed`);
  }
}

function checkEmail(place: Place): void {
  const text = checkText(place);
  if (text !== undefined && !isEmail(text)) place.fault('not-an-address', `${shown(text)} is not an e-mail address`);
}

function checkBoolean(place: Place): void {
  if (typeof place.value !== 'boolean') place.fault('not-a-boolean', `${shown(place.value)} is neither true nor false`);
}

function checkDate(place: Place): string | undefined {
  const { value } = place;
  if (typeof value === 'string' && isDate(value)) return value;
  place.fault('not-a-date', `${shown(value)} is not a date such as "2026-01-31"`);
  return undefined;
}

/** Above 0. How many decimals are allowed depends on the currency of the customer's card, which is not known here. */
function checkAmount(place: Place): Decimal | undefined {
  const value = checkPrice(place);
  if (value?.units === 0n) place.fault('not-an-amount', 'the amount is 0');
  return value;
}

const TAX_KEYS: readonly (keyof TaxTerms)[] = ['automatic', 'exempt', 'ids', 'address'];
const ADDRESS_KEYS = ['line1', 'city', 'state', 'postalCode'];

function checkTax(place: Place): void {
  if (!checkKeys(place, [], TAX_KEYS)) return;
  place.optional('automatic', checkBoolean);
  place.optional('exempt', (exempt) => checkWord(exempt, ['none', 'exempt', 'reverse']));
  place.optional('ids', (ids) => checkList(ids, checkTaxId));
  place.optional('address', orNull(checkAddress));
  const { automatic, address } = place.value as Partial<TaxTerms>;
  if (automatic === true && (address ?? null) === null) {
    place.fault('missing-key', 'automatic tax needs an "address" with a country');
  }
}

function checkTaxId(place: Place): void {
  if (!checkKeys(place, ['type', 'value'], [])) return;
  place.optional('value', checkText);
  place.optional('type', (type) => {
    const text = checkText(type);
    if (text !== undefined && !/^[a-z]{2}_[a-z0-9_]+$/.test(text)) {
      type.fault('unknown-value', `${shown(text)} is not one of Stripe's types of tax id, such as "eu_vat"`);
    }
  });
}

function checkAddress(place: Place): void {
  if (!checkKeys(place, ['country'], ADDRESS_KEYS)) return;
  for (const key of ADDRESS_KEYS) place.optional(key, checkText);
  place.optional('country', ({ value }) => {
    if (typeof value === 'string' && /^[A-Z]{2}$/.test(value)) return;
    place
      .at('country')
      .fault('not-a-country', `${shown(value)} is not an ISO 3166-1 code of two capitals, such as "DE"`);
  });
}

function checkCoupon(place: Place, ids: Set<string>): void {
  if (!checkKeys(place, ['id', 'from', 'until'], ['percent', 'amount'])) return;
  place.optional('id', (id) => {
    const text = checkText(id);
    if (text !== undefined) checkUnique(id, text, ids, 'the coupon');
  });
  if (place.has('percent') === place.has('amount')) {
    place.fault('percent-or-amount', 'a coupon has either "percent" or "amount"');
  }
  place.optional('amount', checkAmount);
  place.optional('percent', checkPercent);
  const from = place.has('from') ? checkDate(place.at('from')) : undefined;
  place.optional(
    'until',
    orNull((until) => {
      const date = checkDate(until);
      if (from !== undefined && date !== undefined && date <= from)
        until.fault('empty-range', 'it ends before it begins');
    }),
  );
}

function checkPercent(place: Place): void {
  const percent = checkPrice(place, 'percent');
  if (percent === undefined) return;
  if (percent.units === 0n || percent.units > parseDecimal('100').units * 10n ** BigInt(percent.scale)) {
    place.fault('out-of-range', `${shown(place.value)} is not above 0 and at most 100 percent`);
  }
}

const PERIODS_MAX = 120;

function checkCommitment(place: Place): void {
  if (!checkKeys(place, ['id', 'amount', 'from', 'periods', 'terms'] satisfies (keyof Commitment)[], [])) return;
  place.optional('id', checkText);
  place.optional('amount', checkAmount);
  place.optional('from', checkDate);
  place.optional('periods', (periods) => checkWhole(periods, 1, PERIODS_MAX));
  place.optional(
    'terms',
    orNull((terms) => checkWhole(terms, 1, PERIODS_MAX)),
  );
}

function checkSpendCap(place: Place): void {
  if (!checkKeys(place, ['amount', 'mode'] satisfies (keyof SpendCap)[], [])) return;
  place.optional('amount', (amount) => checkPrice(amount));
  place.optional('mode', (mode) => checkWord(mode, ['hard', 'soft']));
}

function checkTopUp(place: Place): void {
  if (!checkKeys(place, ['amount', 'below'] satisfies (keyof AutomaticTopUp)[], [])) return;
  place.optional('amount', checkAmount);
  place.optional('below', (below) => checkPrice(below));
}

/** The coupons of an invoice whose period begins on a day, `YYYY-MM-DD`. */
export const couponsOn = (coupons: readonly Coupon[], day: string): Coupon[] =>
  coupons.filter(({ from, until }) => day >= from && (until === null || day < until));
