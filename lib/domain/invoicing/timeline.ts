import { assert } from '../assert.ts';
import type { Decision } from '../segmentation/decision.ts';
import { addHours, formatDate, formatHour, type Hour, hourOf, hourStart, hoursOf, type Period } from '../time/time.ts';
import { canonicalJson } from './canonical.ts';
import { HoldError, type PublishedRuleset, type Terms, termsIn, turningDays } from './terms.ts';

/** Hours of a period, end exclusive, in which nothing about the price changes. */
export interface Segment {
  readonly start: Hour;
  readonly end: Hour;
  /** Null where the customer was undecided; then no usage may lie in it. */
  readonly terms: Terms | null;
}

export interface TimelineInput {
  /** Only whole hours; the part of the billing period in which the customer was there. */
  readonly active: Period;
  readonly decisions: readonly Decision[];
  /** The ruleset hash that each closed hour pinned. */
  readonly pinned: ReadonlyMap<Hour, string>;
  readonly rulesets: ReadonlyMap<string, PublishedRuleset>;
  /** `YYYY-MM-DD` */
  readonly customerSince: string;
}

/**
 * Splits a period at every hour in which the price changes: a new decision, a new dated version of the card, an end of
 * protection. A decision that repeats the last one splits nothing. The first decision also covers the hours before it, so
 * that a customer who calls before the first evaluation is not given those hours for nothing.
 *
 * @throws HoldError `no-decision`, `ruleset-missing`, and what {@link termsIn} throws
 */
export function segmentsOf(input: TimelineInput): Segment[] {
  const decisions = [...input.decisions].sort((a, b) => a.effectiveFrom - b.effectiveFrom);
  if (decisions.length === 0) throw new HoldError('no-decision', 'the customer has no pricing decision');
  const lookUp = remembering(decisions, input);
  const segments: (Segment & { key: string })[] = [];
  let index = 0;
  for (const hour of hoursOf(input.active)) {
    while (index + 1 < decisions.length && (decisions[index + 1] as Decision).effectiveFrom <= hour) index += 1;
    const found = lookUp(hour, index);
    const last = segments.at(-1);
    if (last?.key === found.key) segments[segments.length - 1] = { ...last, end: addHours(hour, 1) };
    else segments.push({ start: hour, end: addHours(hour, 1), ...found });
  }
  assert(
    segments.length === 0 || segments[0]?.start === hourOf(input.active.start),
    'the segments start where the active part starts',
  );
  return segments.map(({ start, end, terms }) => ({ start, end, terms }));
}

interface Found {
  readonly terms: Terms | null;
  readonly key: string;
}

/** Most hours have the terms of the hour before: only a new decision, ruleset or turning day is looked into. */
function remembering(decisions: readonly Decision[], input: TimelineInput): (hour: Hour, index: number) => Found {
  const byTerms = new Map<string, Found>();
  const byDay = new Map<string, Found>();
  const turning = new Map<string, string[]>();
  let last: { index: number; hash: string; day: number; found: Found } | undefined;
  return (hour, index) => {
    const hash = input.pinned.get(hour);
    assert(hash !== undefined, `the closed hour ${formatHour(hour)} pins a ruleset`);
    const day = Math.floor(hour / HOURS_A_DAY);
    if (last && last.index === index && last.hash === hash && last.day === day) return last.found;
    const decision = decisions[index] as Decision;
    const [pinned, decidedWith] = [rulesetOf(input, hash), rulesetOf(input, decision.ruleset.hash)];
    const name = `${index} ${hash}`;
    const days = turning.get(name) ?? turningDays(decision, pinned, decidedWith, input.customerSince);
    turning.set(name, days);
    const today = formatDate(hourStart(hour));
    const memo = `${name} ${days.filter((turn) => turn <= today).length}`;
    const found = byDay.get(memo) ?? shared(termsIn(hour, decision, pinned, decidedWith, input.customerSince), byTerms);
    byDay.set(memo, found);
    last = { index, hash, day, found };
    return found;
  };
}

const HOURS_A_DAY = 24;

/** The commit is evidence, not a price: rules that say the same under a new commit split nothing. */
function shared(terms: Terms | null, byTerms: Map<string, Found>): Found {
  const key = canonicalJson(terms && { ...terms, rulesCommit: undefined });
  const found = byTerms.get(key) ?? { terms, key };
  byTerms.set(key, found);
  return found;
}

function rulesetOf(input: TimelineInput, hash: string): PublishedRuleset {
  const found = input.rulesets.get(hash);
  if (!found) throw new HoldError('ruleset-missing', `ruleset ${hash} cannot be read`);
  return found;
}
