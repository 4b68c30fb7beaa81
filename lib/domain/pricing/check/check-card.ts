import { InputError } from '../../input-error.ts';
import { currencyDecimals } from '../../money/currencies.ts';
import { parseDate } from '../../time/time.ts';
import { WITH_INCLUDED } from '../price-kinds.ts';
import { chargesSeen, checkBundles } from './check-bundles.ts';
import { checkMaximum, checkMinimum } from './check-limits.ts';
import { checkPhases } from './check-phases.ts';
import { checkPrice } from './check-price.ts';
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
} from './faults.ts';
import { checkPrice as checkAmount, checkDueAmount, checkQuantity } from './numbers.ts';

const REQUIRED = ['id', 'name', 'effectiveFrom', 'currency', 'rationale', 'valueDriver', 'owner', 'charges'];
const OPTIONAL = [
  '$schema',
  'usagePlan',
  'features',
  'freeMeters',
  'discounts',
  'minimum',
  'maximum',
  'creditOrder',
  'bundles',
  'phases',
  'selfService',
];

/** Everything that is wrong with a rate card, in the order of the checks; `[]` when it is valid. */
export function checkRateCard(json: unknown): Fault[] {
  const faults: Fault[] = [];
  const card = new Place(json, '', faults);
  if (!checkKeys(card, REQUIRED, OPTIONAL)) return faults;
  for (const key of ['id', 'name', 'rationale', 'valueDriver', 'owner', '$schema']) {
    card.optional(key, (place) => void checkText(place));
  }
  card.optional('effectiveFrom', checkDate);
  const decimals = card.has('currency') ? checkCurrency(card.at('currency')) : undefined;
  card.optional('usagePlan', checkUsagePlan);
  card.optional('features', (place) => checkNames(place, 'the feature'));
  const chargeIds = card.has('charges') ? checkCharges(card.at('charges')) : new Set<string>();
  const charges = chargesSeen(card);
  const { features } = json as { features?: unknown };
  card.optional('bundles', (place) =>
    checkBundles(place, chargeIds, charges, Array.isArray(features) ? features : undefined),
  );
  card.optional('freeMeters', (place) => checkNames(place, 'the meter'));
  card.optional('discounts', (place) => checkDiscounts(place, decimals, chargeIds));
  card.optional('minimum', (place) => checkMinimum(place, decimals));
  card.optional('maximum', (place) => checkMaximum(place, decimals));
  card.optional('phases', (place) => {
    const fee = { model: 'flat', meter: undefined, group: undefined, hasIncluded: false };
    const fees = idsIn(json, 'bundles').map((id) => ({ id, ...fee }));
    checkPhases(place, [...charges, ...fees], new Set(idsIn(json, 'discounts')), decimals);
  });
  card.optional('creditOrder', (place) => checkWord(place, ['expiryFirst', 'promoFirst']));
  card.optional('selfService', checkSelfService);
  return faults;
}

function checkSelfService(place: Place): void {
  if (!checkKeys(place, [], ['upgrade', 'downgrade'])) return;
  place.optional('upgrade', (when) => checkWord(when, ['now', 'periodEnd']));
  place.optional('downgrade', (when) => checkWord(when, ['now', 'periodEnd']));
}

/** The ids in one of the card's lists, as far as there are any. */
function idsIn(json: unknown, key: string): string[] {
  const list = isObject(json) ? json[key] : undefined;
  if (!Array.isArray(list)) return [];
  return list.flatMap((item: unknown) => (isObject(item) && typeof item.id === 'string' ? [item.id] : []));
}

export function checkDate(place: Place): void {
  try {
    if (typeof place.value === 'string') parseDate(place.value);
    else place.fault('not-a-date', `${shown(place.value)} is not a date such as "2026-01-15"`);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    place.fault(error.code, error.message);
  }
}

function checkCurrency(place: Place): number | undefined {
  const code = checkText(place);
  if (code === undefined) return undefined;
  try {
    return currencyDecimals(code);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    place.fault(error.code, error.message, error.hint);
    return undefined;
  }
}

function checkNames(place: Place, what: string): void {
  const seen = new Set<string>();
  checkList(place, (item) => {
    const name = checkText(item);
    if (name !== undefined) checkUnique(item, name, seen, what);
  });
}

/** Limits of an API Gateway usage plan: they are no money and no usage, so JSON numbers will do. */
function checkUsagePlan(plan: Place): void {
  if (!checkKeys(plan, ['ratePerSecond', 'burst'], ['quota'])) return;
  plan.optional('ratePerSecond', (place) => checkLimit(place, false));
  plan.optional('burst', (place) => checkLimit(place, true));
  plan.optional('quota', (quota) => {
    if (!checkKeys(quota, ['calls', 'per'], [])) return;
    quota.optional('calls', (place) => checkLimit(place, true));
    quota.optional('per', (place) => checkWord(place, ['day', 'week', 'month']));
  });
}

function checkLimit(place: Place, whole: boolean): void {
  const { value } = place;
  if (typeof value === 'number' && value >= 0 && (!whole || Number.isSafeInteger(value))) return;
  place.fault('not-a-limit', `${shown(value)} is not a ${whole ? 'whole ' : ''}number of 0 or more`);
}

/** @returns the ids of the charges, for the discounts that name one */
function checkCharges(charges: Place): Set<string> {
  const ids = new Set<string>();
  const takers = new Map<string, string>();
  checkList(charges, (charge) => {
    if (!checkKeys(charge, ['id', 'price'], ['meter', 'group', 'included'])) return;
    charge.optional('id', (place) => {
      const id = checkText(place);
      if (id !== undefined) checkUnique(place, id, ids, 'the charge');
    });
    const model = charge.has('price') ? checkPrice(charge.at('price')) : undefined;
    checkMeter(charge, model);
    charge.optional('included', (place) => {
      checkQuantity(place);
      if (model !== undefined && !WITH_INCLUDED.has(model)) {
        place.fault('included-not-here', `"included" does not go with the model ${JSON.stringify(model)}`);
      }
    });
    checkTaker(charge, takers);
  });
  return ids;
}

function checkMeter(charge: Place, model: string | undefined): void {
  for (const key of ['meter', 'group']) {
    charge.optional(key, (place) => {
      checkText(place);
      if (model === 'flat') place.fault(`${key}-not-here`, `a flat charge has no ${JSON.stringify(key)}`);
    });
  }
  if (model !== undefined && model !== 'flat' && !charge.has('meter')) {
    charge.fault('missing-key', `"meter" is missing: the model ${JSON.stringify(model)} prices the usage of one`);
  }
}

/** No two charges may take the same units. */
function checkTaker(charge: Place, takers: Map<string, string>): void {
  const { meter, group } = charge.value as { meter?: unknown; group?: unknown };
  if (typeof meter !== 'string') return;
  const key = JSON.stringify([meter, group ?? null]);
  const earlier = takers.get(key);
  if (earlier === undefined) {
    takers.set(key, charge.pointer);
    return;
  }
  const what = `the meter ${JSON.stringify(meter)}${group === undefined ? ' without a group' : ` and the group ${shown(group)}`}`;
  charge.fault('charge-overlap', `two charges take ${what}`, `the other is ${earlier}`);
}

function checkDiscounts(discounts: Place, decimals: number | undefined, chargeIds: ReadonlySet<string>): void {
  const ids = new Set<string>();
  checkList(discounts, (discount) => {
    if (!checkKeys(discount, ['id'], ['percent', 'amount', 'appliesTo'])) return;
    discount.optional('id', (place) => {
      const id = checkText(place);
      if (id !== undefined) checkUnique(place, id, ids, 'the discount');
    });
    if (discount.has('percent') === discount.has('amount')) {
      discount.fault('percent-or-amount', 'a discount has either "percent" or "amount"');
    }
    discount.optional('percent', (place) => void checkAmount(place, 'percentage'));
    discount.optional('amount', (place) => void checkDueAmount(place, decimals));
    discount.optional('appliesTo', (place) => {
      const id = checkText(place);
      if (id !== undefined && !chargeIds.has(id)) {
        place.fault(
          'unknown-charge',
          `no charge has the id ${JSON.stringify(id)}`,
          `charges: ${[...chargeIds].join(', ')}`,
        );
      }
    });
  });
}
