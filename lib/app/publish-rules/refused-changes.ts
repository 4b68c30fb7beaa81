import { InputError } from '../../domain/input-error.ts';
import type { RulesFiles } from '../../domain/rules/ruleset.ts';
import { type Hour, hourStart, parseDate } from '../../domain/time/time.ts';

const CARD_FILE = /^rate-cards\/([^/]+)\/(\d{4}-\d\d-\d\d)\.json$/;

/**
 * What no ruleset may do to the one before it: take away a rate card that customers may be on, or change a card that is in
 * force by the hour in which the new rules begin. Past usage keeps its price because old cards stay what they were.
 */
export function refusedChanges(before: RulesFiles, after: RulesFiles, effectiveFrom: Hour): InputError[] {
  const kept = new Set(Object.keys(after).flatMap((file) => CARD_FILE.exec(file)?.[1] ?? []));
  return Object.keys(before)
    .sort()
    .flatMap((file) => {
      const [, id, date] = CARD_FILE.exec(file) ?? [];
      if (id === undefined || date === undefined) return [];
      if (!kept.has(id)) return [removed(file, `the rate card ${id} is gone, and customers may be on it`)];
      if (parseDate(date) >= hourStart(effectiveFrom) || after[file] === before[file]) return [];
      return [after[file] === undefined ? removed(file, `the rate card ${id}@${date} is in force`) : changed(file)];
    });
}

const removed = (path: string, message: string) =>
  new InputError({
    code: 'rate-card-removed',
    path,
    message,
    hint: 'keep the file; move its customers by the rules in tiers.json',
  });

const changed = (path: string) =>
  new InputError({
    code: 'rate-card-changed',
    path,
    message: 'a rate card that is in force does not change, not by a byte',
    hint: 'put the new prices into a new file with a later date',
  });
