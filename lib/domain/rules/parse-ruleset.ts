import { assert } from '../assert.ts';
import { InputError } from '../input-error.ts';
import type { RateCard } from '../pricing/rate-card.ts';
import type { RulesFault } from './fault.ts';
import { type Entry, type RulesReading, readRules } from './read-rules.ts';
import type { Ruleset, RulesFiles } from './ruleset.ts';
import { validateReading } from './validate-ruleset.ts';

/**
 * Reads the files of a rules folder into a valid ruleset.
 * @throws InputError with the first fault; its `path` is `tiers.json:12 /rules/0`. `validateRuleset` answers all of them.
 */
export function parseRuleset(files: RulesFiles): Ruleset {
  const reading = readRules(files);
  const [first] = validateReading(reading, files).errors;
  if (first) throw faultError(first);
  return rulesetOf(reading);
}

/** A fault as the error that stops a command: `error: tiers.json:12 /rules/0: …`. */
export function faultError({ file, line, pointer, code, message, hint }: RulesFault): InputError {
  const path = `${file}${line === undefined ? '' : `:${line}`}${pointer === '' ? '' : ` ${pointer}`}`;
  return new InputError({ code, message, path, ...(hint === undefined ? {} : { hint }) });
}

const values = <Value>(entries: readonly Entry<Value>[]): Value[] => entries.map(({ value }) => value);

/** By id, then by date: the order in which versions of a card follow each other. */
const byIdThenDate = (a: RateCard, b: RateCard): number => (cardKey(a) < cardKey(b) ? -1 : 1);
const cardKey = (card: RateCard) => `${card.id}@${card.effectiveFrom}`;

function rulesetOf(reading: RulesReading): Ruleset {
  const { segments, tiers, protection, otherwise } = reading;
  assert(otherwise !== null, 'valid tiers have an otherwise');
  return {
    meters: { meters: values(reading.meters), routeGroups: values(reading.routeGroups) },
    rateCards: reading.cards.flatMap(({ card }) => (card ? [card] : [])).sort(byIdThenDate),
    segments: values(segments.rules),
    tiers: { rules: values(tiers.rules), otherwise },
    protection: values(protection.rules),
    facts: values(reading.facts),
    conditions: { segments: segments.conditions, tiers: tiers.conditions, protection: protection.conditions },
    guardrails: values(reading.guardrails),
    experiments: values(reading.experiments),
  };
}
