import { type Exact, formatFixed, minus, plus } from '../money/exact.ts';
import type { ExactBill } from '../pricing/bill.ts';
import type { Decision } from '../segmentation/decision.ts';
import type { Side } from './side.ts';

/** What a customer is charged under one side. */
export interface Billed {
  readonly decision: Decision;
  readonly bill: ExactBill;
}

/** A part of a bill by name: a charge, a discount, the minimum, protection. All parts add up to the total. */
export function partsOf(bill: ExactBill): Map<string, Exact> {
  const parts = new Map<string, Exact>();
  const add = (name: string, amount: Exact) => {
    if (amount !== 0) parts.set(name, plus(parts.get(name) ?? 0, amount));
  };
  for (const { head, amount } of bill.lines) {
    add(head.charge === null ? 'free meters' : `charge "${head.charge.id}"`, amount);
  }
  for (const { id, amount } of bill.discounts) add(`discount "${id}"`, amount);
  for (const { id, kind, amount } of bill.adjustments) add(`${kind} "${id}"`, amount);
  add('true-up to the minimum', bill.trueUp);
  add('cut at the maximum', minus(0, bill.capped));
  return parts;
}

/** Parts that are told one by one; what is beyond is told as one sum. */
const PARTS_TOLD = 6;

/** Why a bill is another, in plain words: the move first, then each part of the bill that changed, the largest first. */
export function reasonsFor(before: Billed, after: Billed, base: Side, head: Side): string[] {
  return [...moves(before.decision, after.decision, base, head), ...changes(before.bill, after.bill)];
}

function moves(before: Decision, after: Decision, base: Side, head: Side): string[] {
  const reasons: string[] = [];
  const gained = after.segments.filter((segment) => !before.segments.includes(segment));
  const lost = before.segments.filter((segment) => !after.segments.includes(segment));
  if (gained.length > 0) reasons.push(`joins ${gained.length === 1 ? 'segment' : 'segments'} ${gained.join(', ')}`);
  if (lost.length > 0) reasons.push(`leaves ${lost.length === 1 ? 'segment' : 'segments'} ${lost.join(', ')}`);
  const [from, to] = [before.rateCard ?? '', after.rateCard ?? ''];
  if (cardId(from) !== cardId(to)) reasons.push(`moves from ${from} to ${to}: ${ruleText(after, head)}`);
  else if (before.tierRule !== after.tierRule) {
    reasons.push(`stays on ${to}, now by the rule ${ruleText(after, head)}`);
    if (from !== to) reasons.push(versionText(from, to, head));
  } else if (from !== to) reasons.push(versionText(from, to, head));
  if (before.tierRule === after.tierRule && givesOtherTerms(before, after)) {
    reasons.push(`the rule ${before.tierRule} gives other terms: ${ruleRationale(after, head)}`);
  }
  const ended = before.protection.filter((name) => !after.protection.includes(name));
  const begun = after.protection.filter((name) => !before.protection.includes(name));
  for (const name of ended) reasons.push(`no longer protected by ${name}`);
  for (const name of begun) reasons.push(`protected by ${name}: ${protectionText(name, head)}`);
  if (from === to && before.tierRule === after.tierRule && isEdited(from, base, head)) {
    reasons.push(`the terms of ${to} were edited: ${cardText(to, head)}`);
  }
  return reasons;
}

const cardId = (ref: string): string => ref.slice(0, ref.lastIndexOf('@'));

function ruleText(decision: Decision, side: Side): string {
  if (decision.tierRule === 'otherwise') return 'otherwise, since no rule of tiers.json takes this customer';
  return `${decision.tierRule}, because ${ruleRationale(decision, side)}`;
}
function ruleRationale({ tierRule }: Decision, { ruleset }: Side): string {
  if (tierRule === 'otherwise') return 'no rule of tiers.json takes this customer';
  return ruleset.tiers.rules.find(({ name }) => name === tierRule)?.rationale ?? '';
}

/** Discounts or reserved capacity that a tier rule gives besides its card. */
function givesOtherTerms(before: Decision, after: Decision): boolean {
  const terms = ({ discounts, reservedCapacity }: Decision) => JSON.stringify([discounts, reservedCapacity]);
  const none = ({ discounts, reservedCapacity }: Decision) => discounts.length === 0 && reservedCapacity === null;
  return !(none(before) && none(after)) && terms(before) !== terms(after);
}

const cardOf = (ref: string, { ruleset }: Side) =>
  ruleset.rateCards.find(({ id, effectiveFrom }) => `${id}@${effectiveFrom}` === ref);
const cardText = (ref: string, side: Side): string => cardOf(ref, side)?.rationale ?? '';
const versionText = (from: string, to: string, head: Side): string =>
  `${to} takes the place of ${from}: ${cardText(to, head)}`;
const protectionText = (name: string, { ruleset }: Side): string =>
  ruleset.protection.find((rule) => rule.name === name)?.rationale ?? '';

/** Remembered by card object: the same comparison is made for every customer on it. */
const edited = new WeakMap<object, WeakMap<object, boolean>>();

function isEdited(ref: string, base: Side, head: Side): boolean {
  const [a, b] = [cardOf(ref, base), cardOf(ref, head)];
  if (!a || !b) return false;
  const known = edited.get(a) ?? new WeakMap<object, boolean>();
  edited.set(a, known);
  const found =
    known.get(b) ??
    JSON.stringify(a.charges) + JSON.stringify(limits(a)) !== JSON.stringify(b.charges) + JSON.stringify(limits(b));
  known.set(b, found);
  return found;
}
const limits = ({ discounts, minimum, maximum, freeMeters }: NonNullable<ReturnType<typeof cardOf>>) => [
  discounts,
  minimum,
  maximum,
  freeMeters,
];

function changes(before: ExactBill, after: ExactBill): string[] {
  const [was, is] = [partsOf(before), partsOf(after)];
  const { decimals, currency } = after.card;
  const differing = [...new Set([...was.keys(), ...is.keys()])]
    .map((name) => ({ name, from: was.get(name) ?? 0, to: is.get(name) ?? 0 }))
    .map((part) => ({ ...part, by: minus(part.to, part.from) }))
    .filter(({ by }) => by !== 0)
    .sort((a, b) => larger(b.by, a.by) || (a.name < b.name ? -1 : 1));
  const money = (amount: Exact) => formatFixed(amount, decimals);
  const told = differing.slice(0, PARTS_TOLD).map(({ name, from, to, by }) => {
    const sign = by > 0 ? '+' : '';
    return `${name}: ${money(from)} → ${money(to)} ${currency} (${sign}${money(by)})`;
  });
  const rest = differing.slice(PARTS_TOLD);
  if (rest.length === 0) return told;
  const sum = rest.reduce<Exact>((all, { by }) => plus(all, by), 0);
  return [...told, `${rest.length} smaller changes: ${sum > 0 ? '+' : ''}${money(sum)} ${currency}`];
}

const magnitude = (amount: Exact): Exact => (amount < 0 ? minus(0, amount) : amount);
const larger = (a: Exact, b: Exact): number => {
  const [x, y] = [magnitude(a), magnitude(b)];
  return x > y ? 1 : x < y ? -1 : 0;
};
