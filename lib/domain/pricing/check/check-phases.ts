import { PRICED_BY, WITH_INCLUDED } from '../price-kinds.ts';
import type { ChargeSeen } from './check-bundles.ts';
import { checkMaximum, checkMinimum } from './check-limits.ts';
import { checkPrice } from './check-price.ts';
import {
  checkKeys,
  checkList,
  checkText,
  checkUnique,
  checkWord,
  isObject,
  nearest,
  type Place,
  shown,
} from './faults.ts';
import { checkPrice as checkAmount, checkQuantity } from './numbers.ts';

const OPTIONAL = ['days', 'months', 'charges', 'percent', 'minimum', 'maximum', 'after'];
/** A hundred years: longer is a slip of the hand. */
const LONGEST = { days: 36_525, months: 1_200 } as const;

/**
 * Phases: each has a length and says what is other in it, and the card that comes out must be an ordinary valid one.
 * @param charges those of the card, bundles' fees among them @param discounts ids that a phase's discount may not take
 */
export function checkPhases(
  phases: Place,
  charges: readonly ChargeSeen[],
  discounts: ReadonlySet<string>,
  decimals: number | undefined,
): void {
  const ids = new Set<string>();
  const last = Array.isArray(phases.value) ? phases.value.length - 1 : 0;
  const count = checkList(phases, (phase, i) => {
    if (!checkKeys(phase, ['id'], OPTIONAL)) return;
    phase.optional('id', (place) => {
      const id = checkText(place);
      if (id === undefined) return;
      checkUnique(place, id, ids, 'the phase');
      if (phase.has('percent') && discounts.has(id)) {
        place.fault('duplicate-id', `the discount of the phase would have the id ${shown(id)} of another discount`);
      }
    });
    checkLength(phase);
    phase.optional('percent', (place) => void checkAmount(place, 'percentage'));
    phase.optional('minimum', (place) => place.value !== null && checkMinimum(place, decimals));
    phase.optional('maximum', (place) => place.value !== null && checkMaximum(place, decimals));
    phase.optional('charges', (place) => checkCharges(place, charges));
    phase.optional('after', (place) => {
      checkWord(place, ['convert', 'end']);
      if (i !== last) place.fault('after-not-here', 'only the last phase says what comes after it');
    });
  });
  if (Array.isArray(phases.value) && count === 0) phases.fault('empty', 'there must be at least one phase');
}

function checkLength(phase: Place): void {
  if (phase.has('days') === phase.has('months')) {
    phase.fault('days-or-months', 'a phase has either "days" or "months"');
  }
  for (const unit of ['days', 'months'] as const) {
    phase.optional(unit, (place) => {
      const { value } = place;
      if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= LONGEST[unit]) return;
      place.fault('not-a-length', `${shown(value)} is not a whole number of ${unit} from 1 to ${LONGEST[unit]}`);
    });
  }
}

function checkCharges(changes: Place, charges: readonly ChargeSeen[]): void {
  if (!isObject(changes.value)) {
    checkKeys(changes, [], []);
    return;
  }
  for (const id of Object.keys(changes.value)) {
    const change = changes.at(id);
    const charge = charges.find((one) => one.id === id);
    if (!charge) {
      const known = charges.map((one) => one.id);
      const meant = nearest(id, known);
      const hint = meant ? `did you mean ${JSON.stringify(meant)}?` : `charges: ${known.join(', ')}`;
      change.fault('unknown-charge', `no charge has the id ${JSON.stringify(id)}`, hint);
    } else checkChange(change, charge);
  }
}

/** The charge that comes out must still take the same kind of usage, and have an allowance only where its model can. */
function checkChange(change: Place, charge: ChargeSeen): void {
  if (!checkKeys(change, [], ['included', 'price'])) return;
  const found = change.has('price') ? checkPrice(change.at('price')) : charge.model;
  change.optional('included', (place) => place.value !== null && void checkQuantity(place));
  if (found === undefined) return;
  if (PRICED_BY[found] !== PRICED_BY[charge.model]) {
    change
      .at('price')
      .fault('phase-kind', `${JSON.stringify(found)} does not price what ${JSON.stringify(charge.model)} prices`);
  }
  const { included } = change.value as { included?: unknown };
  const hasIncluded = included === undefined ? charge.hasIncluded : included !== null;
  if (hasIncluded && !WITH_INCLUDED.has(found)) {
    change.fault(
      'included-not-here',
      `"included" does not go with the model ${JSON.stringify(found)}`,
      'write "included": null for none in this phase',
    );
  }
}
