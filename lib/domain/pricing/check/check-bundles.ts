import { PRICED_BY, WITH_INCLUDED } from '../price-kinds.ts';
import { checkPrice } from './check-price.ts';
import { checkKeys, checkList, checkText, checkUnique, isObject, nearest, type Place } from './faults.ts';
import { checkQuantity } from './numbers.ts';

/** What the checks of bundles and phases need to know of a charge, whatever else is wrong with it. */
export interface ChargeSeen {
  readonly id: string;
  readonly model: string;
  readonly meter: unknown;
  readonly group: unknown;
  readonly hasIncluded: boolean;
}

/** The charges of a card whose id and model can be read. */
export function chargesSeen(card: Place): ChargeSeen[] {
  const { charges } = card.value as { charges?: unknown };
  if (!Array.isArray(charges)) return [];
  return charges.flatMap((charge: unknown): ChargeSeen[] => {
    if (!isObject(charge) || typeof charge.id !== 'string' || !isObject(charge.price)) return [];
    const { model } = charge.price;
    if (typeof model !== 'string' || !Object.hasOwn(PRICED_BY, model)) return [];
    const { id, meter, group } = charge;
    return [{ id, model, meter, group, hasIncluded: Object.hasOwn(charge, 'included') }];
  });
}

/**
 * Bundles: a flat price, and units for charges that can have free ones. Adds their ids to those of the charges.
 * @param features the card's own, undefined where it lists none
 */
export function checkBundles(
  bundles: Place,
  ids: Set<string>,
  charges: readonly ChargeSeen[],
  features: readonly unknown[] | undefined,
): void {
  checkList(bundles, (bundle) => {
    if (!checkKeys(bundle, ['id', 'price', 'includes'], ['features'])) return;
    bundle.optional('id', (place) => {
      const id = checkText(place);
      if (id !== undefined) checkUnique(place, id, ids, 'the charge or bundle');
    });
    bundle.optional('features', (place) => checkFeatures(place, features));
    bundle.optional('price', (place) => {
      const model = checkPrice(place);
      if (model !== undefined && model !== 'flat') {
        place.at('model').fault('model-not-here', `a bundle's price is "flat", not ${JSON.stringify(model)}`);
      }
    });
    bundle.optional('includes', (place) => checkIncludes(place, charges));
  });
}

function checkFeatures(place: Place, features: readonly unknown[] | undefined): void {
  const seen = new Set<string>();
  checkList(place, (item) => {
    const name = checkText(item);
    if (name === undefined) return;
    checkUnique(item, name, seen, 'the feature');
    if (features?.includes(name)) return;
    const known = (features ?? []).filter((feature) => typeof feature === 'string');
    const meant = nearest(name, known);
    item.fault(
      'unknown-feature',
      `the card's "features" do not have ${JSON.stringify(name)}`,
      meant ? `did you mean ${JSON.stringify(meant)}?` : 'add it there: that list is what is enforced',
    );
  });
}

function checkIncludes(includes: Place, charges: readonly ChargeSeen[]): void {
  const seen = new Set<string>();
  checkList(includes, (item) => {
    if (!checkKeys(item, ['meter', 'quantity'], ['group'])) return;
    item.optional('group', (place) => void checkText(place));
    item.optional('quantity', (place) => {
      if (checkQuantity(place)?.units === 0n) place.fault('not-above-zero', 'a bundle includes more than 0 units');
    });
    const meter = item.has('meter') ? checkText(item.at('meter')) : undefined;
    if (meter === undefined) return;
    const { group } = item.value as { group?: unknown };
    checkUnique(item, JSON.stringify([meter, group ?? null]), seen, 'the meter and group');
    const taker = charges.find((charge) => charge.meter === meter && charge.group === group);
    if (taker && WITH_INCLUDED.has(taker.model)) return;
    const what = `${JSON.stringify(meter)}${group === undefined ? '' : ` in the group ${JSON.stringify(group)}`}`;
    if (taker) {
      item.fault('included-not-here', `the charge ${JSON.stringify(taker.id)} for ${what} cannot have free units`);
    } else {
      item.fault('unknown-charge', `no charge of the card takes ${what}`, 'name the meter and group as a charge does');
    }
  });
}
