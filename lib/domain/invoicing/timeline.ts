import { assert } from '../assert.ts';
import type { Decision } from '../segmentation/decision.ts';
import { addHours, type Hour, hourOf, type Period, parseDate } from '../time/time.ts';
import { canonicalJson } from './canonical.ts';
import { correctionName, type PriceCorrection } from './correction.ts';
import { correctedTerms, HoldError, type PublishedRuleset, type Terms, termsIn, turningDays } from './terms.ts';

/** Hours of a period, end exclusive, in which nothing about the price changes. */
export interface Segment {
  readonly start: Hour;
  readonly end: Hour;
  /** Null where the customer was undecided; then no usage may lie in it. */
  readonly terms: Terms | null;
}

/** The ruleset hash that each closed hour pinned. */
export type PinnedRulesets = Pick<ReadonlyMap<Hour, string>, 'get'>;

export interface TimelineInput {
  /** Only whole hours; the part of the billing period in which the customer was there. */
  readonly active: Period;
  readonly decisions: readonly Decision[];
  /** Overrides of prices by an operator; where two overlap, the one made last holds. */
  readonly corrections: readonly PriceCorrection[];
  readonly pinned: PinnedRulesets;
  readonly rulesets: ReadonlyMap<string, PublishedRuleset>;
  /** `YYYY-MM-DD` */
  readonly customerSince: string;
}

/**
 * Splits a period at every hour in which the price changes: a new decision, a new dated version of the card, an end of
 * protection, a correction. A decision that repeats the last one splits nothing. The first decision also covers the hours
 * before it, so that a customer who calls before the first evaluation is not given those hours for nothing.
 *
 * @throws HoldError `no-decision`, `ruleset-missing`, and what {@link termsIn} throws
 */
export function segmentsOf(input: TimelineInput): Segment[] {
  const decisions = [...input.decisions].sort((a, b) => a.effectiveFrom - b.effectiveFrom);
  if (decisions.length === 0) throw new HoldError('no-decision', 'the customer has no pricing decision');
  for (const [i, { effectiveFrom }] of decisions.entries()) {
    assert(effectiveFrom !== decisions[i - 1]?.effectiveFrom, 'of two decisions one is the later');
  }
  const lookUp = remembering(decisions, input);
  const segments: { start: Hour; end: Hour; found: Found }[] = [];
  const end = hourOf(input.active.end);
  let index = 0;
  let [lastIndex, lastHash, lookAgain] = [-1, '', 0 as Hour];
  for (let hour = hourOf(input.active.start); hour < end; hour = addHours(hour, 1)) {
    while (index + 1 < decisions.length && (decisions[index + 1] as Decision).effectiveFrom <= hour) index += 1;
    const hash = input.pinned.get(hour);
    assert(hash !== undefined, `a closed hour pins a ruleset, ${hour}`);
    const last = segments.at(-1);
    if (last) last.end = addHours(hour, 1);
    if (last && index === lastIndex && hash === lastHash && hour < lookAgain) continue;
    const found = lookUp(hour, index, hash);
    [lastIndex, lastHash, lookAgain] = [index, hash, found.until];
    if (last && isSame(last.found, found.found)) continue;
    if (last) last.end = hour;
    segments.push({ start: hour, end: addHours(hour, 1), found: found.found });
  }
  return segments.map(({ start, end, found: { terms } }) => ({ start, end, terms }));
}

interface Found {
  readonly terms: Terms | null;
}

/** The commit is evidence, not a price: rules that say the same under a new commit split nothing. */
const isSame = (a: Found, b: Found): boolean =>
  a === b ||
  canonicalJson(a.terms && { ...a.terms, rulesCommit: undefined }) ===
    canonicalJson(b.terms && { ...b.terms, rulesCommit: undefined });

type LookUp = (hour: Hour, index: number, hash: string) => { readonly found: Found; readonly until: Hour };

/** What each hour costs, and until when nothing but a new decision or ruleset can change it. */
function remembering(decisions: readonly Decision[], input: TimelineInput): LookUp {
  const known = new Map<string, Found>();
  const turning = new Map<string, readonly Hour[]>();
  const edges = input.corrections.flatMap(({ from, to }) => [from, to]);
  return (hour, index, hash) => {
    const decision = decisions[index] as Decision;
    const [pinned, decidedWith] = [rulesetOf(input, hash), rulesetOf(input, decision.ruleset.hash)];
    const name = `${index} ${hash}`;
    const turns = turning.get(name) ?? turningHours(decision, pinned, decidedWith, input);
    turning.set(name, turns);
    const correction = correctionIn(hour, input.corrections);
    const passed = turns.filter((turn) => turn <= hour).length;
    const memo = `${name} ${passed} ${correction === undefined ? '' : correctionName(correction)}`;
    const found = known.get(memo) ?? {
      terms: correction
        ? correctedTerms(hour, decision, correction, correctedWith(correction, pinned, input), decidedWith, input)
        : termsIn(hour, decision, pinned, decidedWith, input.customerSince),
    };
    known.set(memo, found);
    const next = [...turns, ...edges].filter((turn) => turn > hour);
    return { found, until: Math.min(...next) as Hour };
  };
}

/** Of the decision's card and of those that corrections put in its place. */
function turningHours(
  decision: Decision,
  pinned: PublishedRuleset,
  decidedWith: PublishedRuleset,
  input: TimelineInput,
): Hour[] {
  const days = (rateCard: string | null, ruleset: PublishedRuleset) =>
    turningDays({ ...decision, rateCard }, ruleset, decidedWith, input.customerSince);
  const corrected = input.corrections.flatMap((correction) =>
    days(correction.rateCard ?? decision.rateCard, correctedWith(correction, pinned, input)),
  );
  return [...days(decision.rateCard, pinned), ...corrected].map((day) => hourOf(parseDate(day)));
}

/** The last made, by time and then by id. */
function correctionIn(hour: Hour, corrections: readonly PriceCorrection[]): PriceCorrection | undefined {
  const isLater = (a: PriceCorrection, b: PriceCorrection) => (a.at === b.at ? a.id > b.id : a.at > b.at);
  return corrections
    .filter(({ from, to }) => hour >= from && hour < to)
    .reduce<PriceCorrection | undefined>((last, one) => (last && isLater(last, one) ? last : one), undefined);
}

/** A correction that names no card leaves the card in force, of the ruleset that the hour pinned. */
const correctedWith = ({ rateCard, ruleset }: PriceCorrection, pinned: PublishedRuleset, input: TimelineInput) =>
  rateCard === undefined || ruleset === undefined ? pinned : rulesetOf(input, ruleset);

function rulesetOf(input: Pick<TimelineInput, 'rulesets'>, hash: string): PublishedRuleset {
  const found = input.rulesets.get(hash);
  if (!found) throw new HoldError('ruleset-missing', `ruleset ${hash} cannot be read`);
  return found;
}
