import { compare, parseDecimal } from '../money/decimal.ts';
import { type Exact, formatFixed, minus, times } from '../money/exact.ts';
import type { Guardrail, GuardrailKind } from '../rules/ruleset.ts';
import { magnitude } from './impacts.ts';

export interface GuardrailVerdict {
  readonly id: string;
  readonly kind: GuardrailKind;
  readonly verdict: 'pass' | 'fail' | 'overridden';
  readonly detail: string;
  /** Who breaks it, the largest rise first; those whom an override covers too. */
  readonly customers: readonly string[];
}

/** Everything a guardrail is held against. */
export interface GuardrailEvidence {
  /** `YYYY-MM-DD`, on which overrides hold or have ended. */
  readonly today: string;
  readonly currency: string;
  readonly decimals: number;
  readonly before: Exact;
  readonly after: Exact;
  readonly segments: readonly { readonly id: string; readonly before: Exact; readonly after: Exact }[];
  /** In the report's order. */
  customers(): Iterable<GuardedCustomer>;
  /** Where a bill falls when usage rises, in cards that the change adds or alters: in words. */
  readonly cliffs: readonly string[];
  /** Rules and cards that the change adds or alters without saying why: in words. */
  readonly unexplained: readonly string[];
}
export interface GuardedCustomer {
  readonly id: string;
  readonly was: Exact;
  readonly is: Exact;
  readonly isProtected: boolean;
  readonly belowCost: readonly number[];
}

/** What breaks a guardrail: customers by id, or something that is said in words. */
interface Breach {
  readonly customers: readonly string[];
  readonly words: readonly string[];
  readonly passing: string;
}

/** Holds the change against every guardrail of head, in its order. */
export function judge(guardrails: readonly Guardrail[], evidence: GuardrailEvidence): GuardrailVerdict[] {
  return guardrails.map((guardrail, index) => verdictOn(guardrail, breachOf(guardrail, index, evidence), evidence));
}

function breachOf(guardrail: Guardrail, index: number, evidence: GuardrailEvidence): Breach {
  const bound = boundText(guardrail, evidence.currency);
  const customers = (breaks: (customer: GuardedCustomer) => boolean): string[] =>
    [...evidence.customers()].filter(breaks).map(({ id }) => id);
  const rises = ({ was, is }: { was: Exact; is: Exact }) => is > was && isBeyond(guardrail, was, is, evidence.decimals);
  switch (guardrail.kind) {
    case 'maxRisePerCustomer':
      return { customers: customers(rises), words: [], passing: `no bill rises by more than ${bound}` };
    case 'protectedCustomerTouched':
      return {
        customers: customers((customer) => customer.isProtected && rises(customer)),
        words: [],
        passing: 'no bill of a protected customer rises',
      };
    case 'belowCost':
      return {
        customers: customers(({ belowCost }) => belowCost.includes(index)),
        words: [],
        passing: 'no bill falls below what it costs to serve',
      };
    case 'maxRisePerSegment':
      return segmentBreach(guardrail, evidence, bound);
    case 'maxRevenueChange':
      return revenueBreach(guardrail, evidence, bound);
    case 'volumeCliff':
      return {
        customers: [],
        words: evidence.cliffs,
        passing: 'the change adds no price at which more usage costs less',
      };
    case 'missingRationale':
      return { customers: [], words: evidence.unexplained, passing: 'everything that changes says why' };
  }
}

function segmentBreach(guardrail: Guardrail, { segments, decimals }: GuardrailEvidence, bound: string): Breach {
  const words = segments
    .filter(({ before, after }) => after > before && isBeyond(guardrail, before, after, decimals))
    .map(({ id, before, after }) => `segment ${id} rises ${shareText(before, after)}`);
  return { customers: [], words, passing: `no segment rises by more than ${bound}` };
}

function revenueBreach(guardrail: Guardrail, { before, after, decimals }: GuardrailEvidence, bound: string): Breach {
  const beyond = before !== after && isBeyond(guardrail, before, after, decimals);
  const words = beyond ? [`revenue ${after > before ? 'rises' : 'falls'} ${shareText(before, after)}`] : [];
  return { customers: [], words, passing: `revenue changes by no more than ${bound}` };
}

/** Beyond the percent and beyond the amount, of those that are given. Any change from 0 is beyond every percent. */
function isBeyond({ percent, amount }: Guardrail, was: Exact, is: Exact, decimals: number): boolean {
  const by = magnitude(minus(is, was));
  const beyondPercent =
    percent === undefined || compare({ units: BigInt(times(by, 100)), scale: 0 }, multiplied(percent, was)) > 0;
  const beyondAmount =
    amount === undefined || compare({ units: BigInt(by), scale: decimals }, parseDecimal(amount)) > 0;
  return beyondPercent && beyondAmount;
}

function multiplied(percent: string, was: Exact) {
  const { units, scale } = parseDecimal(percent);
  return { units: units * BigInt(was), scale };
}

function boundText({ percent, amount }: Guardrail, currency: string): string {
  const parts = [percent === undefined ? '' : `${percent} %`, amount === undefined ? '' : `${amount} ${currency}`];
  return parts.filter((part) => part !== '').join(' and ') || 'nothing';
}

/** `by 12.5 %`, to one decimal, towards zero; `from 0` where there is nothing to compare with. */
function shareText(before: Exact, after: Exact): string {
  if (before === 0) return 'from 0';
  const tenths = (BigInt(magnitude(minus(after, before))) * 1000n) / BigInt(before);
  return `by ${formatFixed(Number(tenths), 1)} %`;
}

function verdictOn(guardrail: Guardrail, breach: Breach, { today }: GuardrailEvidence): GuardrailVerdict {
  const { id, kind, overrides = [] } = guardrail;
  const { customers, words } = breach;
  const broken = customers.length > 0 || words.length > 0;
  if (!broken) return { id, kind, verdict: 'pass', detail: breach.passing, customers: [] };
  const holding = overrides.filter(({ until }) => today < until);
  const expired = overrides.filter(({ until }) => today >= until);
  const covers = (customer: string) => holding.some(({ customers: whom }) => !whom || whom.includes(customer));
  const open = customers.filter((customer) => !covers(customer));
  const wordsCovered = holding.some(({ customers: whom }) => !whom);
  const overridden = open.length === 0 && (words.length === 0 || wordsCovered);
  const what = [...words, ...(customers.length === 0 ? [] : [customersText(guardrail, customers)])].join('; ');
  const by = holding.map(({ reason, by, until }) => `overridden by ${by} until ${until}: ${reason}`);
  const over = expired.map(({ by, until }) => `the override by ${by} ended on ${until}`);
  const uncovered = !overridden && holding.length > 0 && open.length > 0 ? [`not overridden for ${named(open)}`] : [];
  const detail = [what, ...uncovered, ...by, ...over].join('; ');
  return { id, kind, verdict: overridden ? 'overridden' : 'fail', detail, customers };
}

const BREAKS: Partial<Record<GuardrailKind, string>> = {
  maxRisePerCustomer: 'rise by more than the bound',
  protectedCustomerTouched: 'are protected and rise',
  belowCost: 'fall below what they cost to serve',
};

function customersText({ kind }: Guardrail, customers: readonly string[]): string {
  const bills = customers.length === 1 ? '1 bill' : `${customers.length} bills`;
  return `${bills} ${BREAKS[kind] ?? ''}: ${named(customers)}`;
}

function named(customers: readonly string[]): string {
  const shown = customers.slice(0, 5).join(', ');
  return customers.length > 5 ? `${shown} and ${customers.length - 5} more` : shown;
}
