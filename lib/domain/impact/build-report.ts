import { assert } from '../assert.ts';
import { InputError } from '../input-error.ts';
import { currencyDecimals } from '../money/currencies.ts';
import { type Exact, formatFixed, minus, plus } from '../money/exact.ts';
import { formatHour } from '../time/time.ts';
import type { Standing } from './customer-impact.ts';
import { Distribution } from './distribution.ts';
import { type GuardedCustomer, judge } from './guardrails.ts';
import type { BareImpact, Impacts, LeftOutGroup } from './impacts.ts';
import type { CheaperElsewhere, Notice, PlanReport, ReportedCustomer, ReportedGroup } from './report.ts';
import type { Side } from './side.ts';

/** How many customers each list of a report holds; JSON has all. */
const LISTED = 10;

export interface ReportContext {
  readonly base: Side;
  readonly head: Side;
  /** What the user called them. */
  readonly names: { readonly base: string; readonly head: string };
  /** `YYYY-MM` */
  readonly period: string;
  /** `YYYY-MM-DD` */
  readonly today: string;
  /** Besides those about customers left out. */
  readonly notices: readonly Notice[];
  readonly cliffs: readonly string[];
  readonly unexplained: readonly string[];
}

/**
 * Adds everything up and asserts that no money is lost: after - before = the sum over customers = the sum over tier rules.
 * @throws InputError `no-shared-currency` where base and head bill in different currencies
 */
export function buildReport(impacts: Impacts, context: ReportContext): PlanReport {
  const currency = reportCurrency(impacts, context);
  const order = impacts.inOrder(currency);
  const totals = totalsOf(impacts, order, context);
  const money = (amount: Exact) => formatFixed(amount, currencyDecimals(currency));
  const group = ({ id, customers, before, after }: Group): ReportedGroup => ({
    id,
    customers,
    before: money(before),
    after: money(after),
  });
  const guardrails = judge(context.head.ruleset.guardrails ?? [], {
    today: context.today,
    currency,
    decimals: currencyDecimals(currency),
    before: totals.all.before,
    after: totals.all.after,
    segments: totals.segments,
    customers: () => guarded(impacts, order),
    cliffs: context.cliffs,
    unexplained: context.unexplained,
  });
  const { all } = totals;
  const leftOut = impacts.leftOut();
  const otherCurrency = impacts.size - order.length;
  const failed = guardrails.some(({ verdict }) => verdict === 'fail');
  const broken = leftOut.some(({ since }) => since === 'head');
  return {
    version: 1,
    base: context.names.base,
    head: context.names.head,
    period: context.period,
    currency,
    at: formatHour(context.head.at),
    summary: {
      customers: all.customers,
      changed: totals.rising + totals.falling,
      before: money(all.before),
      after: money(all.after),
      change: money(minus(all.after, all.before)),
      rising: totals.rising,
      falling: totals.falling,
      leftOut: leftOut.reduce((sum, { customers }) => sum + customers, otherCurrency),
    },
    segments: totals.segments.map(group),
    tierRules: totals.tierRules.map(group),
    distribution: totals.distribution.bars(money),
    rises: totals.rises.map((i) => reported(impacts, i, money)),
    falls: totals.falls.map((i) => reported(impacts, i, money)),
    protectedCustomers: {
      customers: totals.protectedCustomers,
      rising: totals.protectedRising,
      saved: money(minus(0, totals.saved)),
      largest: totals.protectedLargest.map((i) => reported(impacts, i, money)),
    },
    cheaperElsewhere: cheaper(impacts, totals, money),
    guardrails,
    notices: inOrder([...context.notices, ...leftOut.map(noticeOf), ...currencyNotice(otherCurrency, currency)]),
    customers: () => everyone(impacts, order, money),
    exitCode: failed ? 3 : totals.rising + totals.falling > 0 || broken ? 2 : 0,
  };
}

/** That of most customers at base, the first by code among equals; without customers, of the card that everyone else gets. */
function reportCurrency(impacts: Impacts, { base, head }: ReportContext): string {
  const counts = [...impacts.currencies()].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
  const [first] = counts;
  if (first) return first[0];
  const currencies = (side: Side) => new Set(side.catalogue.map(({ currency }) => currency));
  const [before, after] = [currencies(base), currencies(head)];
  const fallback = base.catalogue.find(({ id }) => id === base.ruleset.tiers.otherwise.rateCard)?.currency;
  const shared = [fallback ?? '', ...[...before].sort()].find((code) => before.has(code) && after.has(code));
  if (shared !== undefined) return shared;
  throw new InputError({
    code: 'no-shared-currency',
    message: `base bills in ${[...before].sort().join(', ')} and head in ${[...after].sort().join(', ')}: bills in different currencies cannot be compared`,
  });
}

interface Group {
  readonly id: string;
  customers: number;
  before: Exact;
  after: Exact;
}

const emptyGroup = (id: string): Group => ({ id, customers: 0, before: 0, after: 0 });

function count(group: Group, { was, is }: BareImpact): void {
  group.customers++;
  group.before = plus(group.before, was);
  group.after = plus(group.after, is);
}

interface Totals {
  readonly all: Group;
  readonly segments: readonly Group[];
  readonly tierRules: readonly Group[];
  readonly distribution: Distribution;
  rising: number;
  falling: number;
  readonly rises: number[];
  readonly falls: number[];
  protectedCustomers: number;
  protectedRising: number;
  readonly protectedLargest: number[];
  saved: Exact;
  readonly elsewhere: { readonly index: number; readonly saving: Exact }[];
  elsewhereCustomers: number;
  elsewhereSaving: Exact;
}

function totalsOf(impacts: Impacts, order: Uint32Array, { base, head }: ReportContext): Totals {
  const segments = segmentGroups(base, head);
  const tierRules = new Map(
    [...head.ruleset.tiers.rules.map(({ name }) => name), 'otherwise'].map((id) => [id, emptyGroup(id)] as const),
  );
  const totals: Totals = {
    all: emptyGroup('all'),
    segments: [...segments.values()].map(({ group }) => group),
    tierRules: [...tierRules.values()],
    distribution: new Distribution(),
    rising: 0,
    falling: 0,
    rises: [],
    falls: [],
    protectedCustomers: 0,
    protectedRising: 0,
    protectedLargest: [],
    saved: 0,
    elsewhere: [],
    elsewhereCustomers: 0,
    elsewhereSaving: 0,
  };
  for (const index of order) {
    const impact = impacts.at(index);
    count(totals.all, impact);
    const rule = tierRules.get(impact.after.tierRule);
    assert(rule, 'a rule that decides is one of the rules');
    count(rule, impact);
    for (const { group, stands } of segments.values()) if (stands(impact).includes(group.id)) count(group, impact);
    countChange(totals, impact, index);
  }
  assertConserved(totals);
  return totals;
}

/** Who is in a segment at head; of a segment that head no longer has, who was in it at base. */
function segmentGroups(base: Side, head: Side) {
  const groups = new Map<string, { group: Group; stands: (impact: BareImpact) => readonly string[] }>();
  const ids = ({ ruleset }: Side) => [...new Set(ruleset.segments.map(({ event }) => event.params.segment))].sort();
  for (const id of ids(head)) groups.set(id, { group: emptyGroup(id), stands: ({ after }) => after.segments });
  for (const id of ids(base)) {
    if (!groups.has(id)) groups.set(id, { group: emptyGroup(id), stands: ({ before }) => before.segments });
  }
  return groups;
}

function countChange(totals: Totals, impact: BareImpact, index: number): void {
  const { was, is, elsewhere } = impact;
  totals.distribution.add(was, is);
  if (is > was) totals.rising++;
  if (is < was) totals.falling++;
  if (is > was && totals.rises.length < LISTED) totals.rises.push(index);
  if (is < was && totals.falls.length < LISTED) totals.falls.push(index);
  if (isProtected(impact)) {
    totals.protectedCustomers++;
    if (is > was) totals.protectedRising++;
    totals.saved = plus(totals.saved, impact.protectedBy);
    if (totals.protectedLargest.length < LISTED) totals.protectedLargest.push(index);
  }
  if (elsewhere) {
    const saving = minus(is, elsewhere.total);
    totals.elsewhereCustomers++;
    totals.elsewhereSaving = plus(totals.elsewhereSaving, saving);
    keepLargest(totals.elsewhere, { index, saving });
  }
}

function keepLargest(list: { index: number; saving: Exact }[], entry: { index: number; saving: Exact }): void {
  const at = list.findIndex(({ saving }) => saving < entry.saving);
  if (at < 0) list.push(entry);
  else list.splice(at, 0, entry);
  if (list.length > LISTED) list.pop();
}

/** No money appears or vanishes between the sums. */
function assertConserved({ all, tierRules, distribution }: Totals): void {
  const sum = (amount: (group: Group) => Exact) => tierRules.reduce<Exact>((s, group) => plus(s, amount(group)), 0);
  assert(sum(({ before }) => before) === all.before, 'the tier rules make the whole before');
  assert(sum(({ after }) => after) === all.after, 'the tier rules make the whole after');
  assert(distribution.change() === minus(all.after, all.before), 'the changes of customers make the whole change');
}

const isProtected = ({ before, after }: BareImpact): boolean =>
  before.protection.length > 0 || after.protection.length > 0;

function* guarded(impacts: Impacts, order: Uint32Array): Generator<GuardedCustomer> {
  for (const index of order) {
    const impact = impacts.at(index);
    const { id, was, is, belowCost } = impact;
    yield { id, was, is, isProtected: isProtected(impact), belowCost };
  }
}

type Format = (amount: Exact) => string;

function* everyone(impacts: Impacts, order: Uint32Array, money: Format): Generator<ReportedCustomer> {
  for (const index of order) yield reported(impacts, index, money);
}

function reported(impacts: Impacts, index: number, money: Format): ReportedCustomer {
  const { id, before, after, was, is } = impacts.at(index);
  const side = ({ segments, rateCard, tierRule, protection }: Standing, total: Exact) => ({
    segments,
    rateCard,
    total: money(total),
    tierRule,
    protection,
  });
  return {
    id,
    before: side(before, was),
    after: side(after, is),
    change: money(minus(is, was)),
    reasons: impacts.reasons(index),
  };
}

function cheaper(impacts: Impacts, totals: Totals, money: Format): CheaperElsewhere {
  return {
    customers: totals.elsewhereCustomers,
    saving: money(totals.elsewhereSaving),
    largest: totals.elsewhere.flatMap(({ index, saving }) => {
      const { id, after, is, elsewhere } = impacts.at(index);
      if (!elsewhere) return [];
      const { rateCard: other, total } = elsewhere;
      return [
        { id, rateCard: after.rateCard, total: money(is), other, otherTotal: money(total), saving: money(saving) },
      ];
    }),
  };
}

const WHY: Readonly<Record<LeftOutGroup['code'], string>> = {
  undecided: 'no rule can decide',
  unpriced: 'no price can be made',
  'currency-differs': 'the currency changes',
};

function noticeOf({ code, since, customers, first }: LeftOutGroup): Notice {
  const who = customers === 1 ? '1 customer is' : `${customers} customers are`;
  const where = code === 'currency-differs' ? '' : since === 'base' ? ' at base' : ' at head, though base can';
  const [one] = first;
  const names = first.map(({ id }) => id).join(', ');
  const more = customers > first.length ? ` and ${customers - first.length} more` : '';
  const message = `${who} left out of every sum, since ${WHY[code]}${where}: ${names}${more} (${one?.id}: ${one?.reason})`;
  return { code, severity: since === 'head' ? 'error' : 'warning', file: null, message };
}

function currencyNotice(customers: number, currency: string): Notice[] {
  if (customers === 0) return [];
  const who = customers === 1 ? '1 customer is' : `${customers} customers are`;
  const message = `${who} billed in another currency than ${currency} and left out of every sum`;
  return [{ code: 'other-currency', severity: 'warning', file: null, message }];
}

const SEVERITY = { error: 0, warning: 1, info: 2 } as const;
const inOrder = (notices: Notice[]): Notice[] =>
  notices.sort(
    (a, b) =>
      SEVERITY[a.severity] - SEVERITY[b.severity] ||
      (a.code < b.code ? -1 : a.code > b.code ? 1 : 0) ||
      (a.message < b.message ? -1 : a.message > b.message ? 1 : 0),
  );
