import { checkKeys, checkList, checkText, checkUnique, type Place } from './check/faults.ts';
import { checkPrice } from './check/numbers.ts';
import type { EarlierOutcome, Outcome } from './outcomes.ts';
import { parseTime, scaled } from './parse-values.ts';

/**
 * Reads `outcomes` of a usage entry: `{ id, amount, at, touchedAt? }`, or `{ id, reverses, at }` for a reversal, which has
 * no amount of its own. One id twice is no fault: it counts once.
 */
export function parseOutcomes(place: Place): readonly Outcome[] {
  const outcomes: Outcome[] = [];
  checkList(place, (item) => {
    const found = parseOutcome(item);
    if (found) outcomes.push(found);
  });
  return outcomes;
}

function parseOutcome(item: Place): Outcome | undefined {
  const isReversal = item.has('reverses');
  const known = isReversal
    ? checkKeys(item, ['id', 'at', 'reverses'], [])
    : checkKeys(item, ['id', 'at', 'amount'], ['touchedAt', 'reverses']);
  if (!known || !item.has('id') || !item.has('at')) return undefined;
  const id = checkText(item.at('id'));
  const at = parseTime(item.at('at'));
  const reverses = isReversal ? checkText(item.at('reverses')) : null;
  const isPriced = item.has('amount') && checkPrice(item.at('amount')) !== undefined;
  const touched = item.has('touchedAt') && item.at('touchedAt').value !== null;
  const touchedAt = touched ? parseTime(item.at('touchedAt')) : null;
  if (id === undefined || reverses === undefined) return undefined;
  const amount = isPriced ? scaled(String(item.at('amount').value)) : { units: 0, scale: 0 };
  return { id, at, amount, touchedAt, reverses };
}

/** Reads `earlierOutcomes`: what earlier invoices charged for which outcome, `{ id, at, charged, reversed?, uncollected?, currency? }`. */
export function parseEarlierOutcomes(place: Place): readonly EarlierOutcome[] {
  const outcomes: EarlierOutcome[] = [];
  const ids = new Set<string>();
  checkList(place, (item) => {
    if (!checkKeys(item, ['id', 'at', 'charged'], ['reversed', 'uncollected', 'currency'])) return;
    if (!item.has('id') || !item.has('at') || !item.has('charged')) return;
    const id = checkText(item.at('id'));
    const at = parseTime(item.at('at'));
    const charged = checkPrice(item.at('charged'));
    const [reversed, uncollected] = [isSaid(item, 'reversed'), isSaid(item, 'uncollected')];
    const currency = item.has('currency') ? checkText(item.at('currency')) : undefined;
    if (id === undefined || charged === undefined) return;
    checkUnique(item.at('id'), id, ids, 'the outcome');
    outcomes.push({
      id,
      at,
      charged: String(item.at('charged').value),
      reversed,
      uncollected,
      ...(currency && { currency }),
    });
  });
  return outcomes;
}

function isSaid(item: Place, key: string): boolean {
  const value = item.has(key) ? item.at(key).value : false;
  if (typeof value !== 'boolean') item.at(key).fault('not-a-boolean', `"${key}" is true or false`);
  return value === true;
}
