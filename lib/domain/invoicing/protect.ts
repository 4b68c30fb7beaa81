import {
  add,
  discountsOnCharges,
  discountsOnInvoice,
  minimumBeforeDiscounts,
  type OpenBill,
  openBill,
  type Priced,
} from './adjust.ts';
import { money, percentOf } from './money-units.ts';
import { type RatingScope, rateSegment, type UsedHours } from './segment-lines.ts';
import type { Protection, Terms } from './terms.ts';

/** A segment with its lines, as it is protected. */
export interface ProtectedPart extends Priced {
  readonly used: UsedHours;
  readonly terms: Pick<Terms, 'protection'>;
}

/** A lock sets the price, so it goes before what compares with it. */
const ORDER: readonly Protection['kind'][] = ['lock', 'match', 'cap'];

/**
 * lock: the segment costs what the protected card makes of it. match: the lower of the two. cap: at most `percent` above
 * the protected card. Compared is what is left after discounts, segment by segment.
 */
export function protect(bill: OpenBill<ProtectedPart>, scope: RatingScope): void {
  const before = [...bill.left];
  for (const [segment, { terms }] of bill.priced.entries()) {
    const oldOf = (protection: Protection) => protectedUnits(bill, segment, protection, scope);
    for (const { rule, units, explanation } of protectionSteps(
      terms.protection,
      before[segment] ?? 0n,
      oldOf,
      bill.decimals,
    )) {
      add({ kind: 'protection', id: rule, segment, units, explanation }, bill.left, bill.adjustments);
    }
  }
}

/** What one protection rule changes, in the currency's smallest decimal. */
export interface ProtectionChange {
  readonly rule: string;
  readonly units: bigint;
  readonly explanation: string;
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
): ProtectionChange[] {
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
  { priced, decimals, terms }: OpenBill<ProtectedPart>,
  index: number,
  protection: Protection,
  scope: RatingScope,
): bigint {
  const parts = priced.map(({ card, lines, used }, i) =>
    i === index ? { card: protection.card, lines: rateSegment(protection.card, used, scope).lines } : { card, lines },
  );
  const bill = openBill(parts, decimals, terms);
  for (const step of [minimumBeforeDiscounts, discountsOnCharges, discountsOnInvoice]) step(bill);
  return bill.left[index] ?? 0n;
}
