import { applyDiscounts, type BillTerms, type Priced } from './adjust.ts';
import { money, percentOf } from './money-units.ts';
import { type RatingScope, segmentLines } from './segment-lines.ts';
import type { Protection } from './terms.ts';
import type { Segment } from './timeline.ts';

/** What one protection rule changes in one segment, in the currency's smallest decimal; 0 is left out. */
export interface ProtectionChange {
  readonly segment: number;
  readonly rule: string;
  readonly units: bigint;
  readonly explanation: string;
}

type ProtectedSegment = Segment & {
  readonly terms: { readonly card: Priced['card']; readonly protection: readonly Protection[] };
};

/** A lock sets the price, so it goes before what compares with it. */
const ORDER: readonly Protection['kind'][] = ['lock', 'match', 'cap'];

/**
 * lock: the segment costs what the protected card makes of it. match: the lower of the two. cap: at most `percent` above
 * the protected card. Compared is what is left after discounts, segment by segment.
 *
 * @param left what is left of each segment under the card in force
 */
export function protectionChanges(
  segments: readonly ProtectedSegment[],
  left: readonly bigint[],
  scope: RatingScope,
  limits: BillTerms,
): ProtectionChange[] {
  const { decimals } = scope;
  return segments.flatMap(({ terms }, index) =>
    protectionSteps(
      terms.protection,
      left[index] ?? 0n,
      (protection) => protectedUnits(segments, index, protection, scope, limits),
      decimals,
    ).map((step) => ({ segment: index, ...step })),
  );
}

/**
 * What each protection makes of an amount, one after the other; those that change nothing are left out.
 * @param oldOf what the protected card makes of the same usage, after discounts
 */
export function protectionSteps<P extends Pick<Protection, 'name' | 'kind' | 'rateCard' | 'percent'>>(
  protections: readonly P[],
  left: bigint,
  oldOf: (protection: P) => bigint,
  decimals: number,
): Omit<ProtectionChange, 'segment'>[] {
  let now = left;
  const ordered = [...protections].sort((a, b) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind));
  return ordered.flatMap((protection) => {
    const [units, words] = allowed(protection, now, oldOf(protection), decimals);
    const change = units - now;
    const before = money(now, decimals);
    now = units;
    if (change === 0n) return [];
    const explanation = `${words}: ${money(units, decimals)} instead of ${before}`;
    return [{ rule: protection.name, units: change, explanation }];
  });
}

function allowed(
  protection: Pick<Protection, 'kind' | 'rateCard' | 'percent'>,
  now: bigint,
  old: bigint,
  decimals: number,
): [bigint, string] {
  const { kind, rateCard, percent } = protection;
  const price = money(old, decimals);
  if (kind === 'lock') return [old, `the prices of ${rateCard} are locked and make ${price}`];
  if (kind === 'match') return [old < now ? old : now, `the lower of the bill and that of ${rateCard}, ${price}`];
  const most = old + percentOf(percent ?? '0', old, decimals);
  return [most < now ? most : now, `at most ${percent} % above ${rateCard}, which makes ${price}`];
}

/** The segment under the protected card, everything around it as it is. */
function protectedUnits(
  segments: readonly ProtectedSegment[],
  index: number,
  protection: Protection,
  scope: RatingScope,
  limits: BillTerms,
): bigint {
  const priced = segments.map(({ terms, start, end }, i) => {
    const card = i === index ? protection.card : terms.card;
    return { card, lines: segmentLines(card, { start, end }, scope) };
  });
  const { left } = applyDiscounts(priced, scope.decimals, limits);
  return left[index] ?? 0n;
}
