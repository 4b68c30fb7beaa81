import { neverHolds } from '../logic/cases.ts';
import type { Entry, RulesReading } from '../read-rules.ts';
import type { ProtectionParams, Rule, RuleConditionNode, SegmentParams, TierParams } from '../ruleset.ts';
import type { Check, Finding } from './checks.ts';
import { expand } from './walk-conditions.ts';

/** A rule whose conditions are written out, down to the facts that segments rest on. */
interface WrittenOut<Params> extends Entry<Rule<Params>> {
  readonly conditions: RuleConditionNode;
}

/** Rules that can never hold, never decide, or say two things at once. */
export const checkReachable: Check = (reading) => {
  const segments = writtenOut(reading.segments.rules, reading.segments.conditions);
  const resolve = segmentsResolved(segments);
  const tiers = writtenOut(reading.tiers.rules, reading.tiers.conditions, resolve);
  const protection = writtenOut(reading.protection.rules, reading.protection.conditions, resolve);
  const dead = [
    ...contradictions(reading.segments.file, segments),
    ...contradictions(reading.tiers.file, tiers),
    ...contradictions(reading.protection.file, protection),
  ];
  const isDead = ({ pointer }: Entry<unknown>, file: string) =>
    dead.some((finding) => finding.file === file && finding.fault.pointer === `${pointer}/conditions`);
  return [
    ...dead,
    ...shadowed(
      tiers.filter((rule) => !isDead(rule, reading.tiers.file)),
      reading,
    ),
    ...redundantSegments(
      segments.filter((rule) => !isDead(rule, reading.segments.file)),
      reading,
    ),
    ...conflictingLocks(protection, reading),
  ];
};

function writtenOut<Params>(
  rules: readonly Entry<Rule<Params>>[],
  named: RulesReading['tiers']['conditions'],
  resolve: (node: RuleConditionNode) => RuleConditionNode = (node) => node,
): WrittenOut<Params>[] {
  return rules.flatMap(({ pointer, value }) => {
    const expanded = expand(value.conditions, named);
    return expanded === null ? [] : [{ pointer, value, conditions: resolve(expanded) }];
  });
}

/** `segments contains "x"` holds exactly where a rule for "x" does. */
function segmentsResolved(
  segments: readonly WrittenOut<SegmentParams>[],
): (node: RuleConditionNode) => RuleConditionNode {
  const resolve = (node: RuleConditionNode): RuleConditionNode => {
    if ('all' in node) return { all: node.all.map(resolve) };
    if ('any' in node) return { any: node.any.map(resolve) };
    if ('not' in node) return { not: resolve(node.not) };
    if (!('fact' in node) || node.fact !== 'segments' || node.path !== undefined) return node;
    const of = segments.filter(({ value }) => value.event.params.segment === node.value).map((rule) => rule.conditions);
    if (node.operator === 'contains') return { any: of };
    return node.operator === 'doesNotContain' ? { not: { any: of } } : node;
  };
  return resolve;
}

const contradictions = (file: string, rules: readonly WrittenOut<unknown>[]): Finding[] =>
  rules.flatMap(({ pointer, value, conditions }) =>
    neverHolds(conditions) === true
      ? [
          error(
            file,
            `${pointer}/conditions`,
            'contradiction',
            `"${value.name}" can never hold: its conditions exclude each other`,
            'mend the conditions, or leave the rule out',
          ),
        ]
      : [],
  );

const priorityOf = ({ value }: WrittenOut<TierParams>): number => value.priority ?? 1;

/** Of the rules that hold the first decides: one whose every case is taken by those before it never does. */
function shadowed(tiers: readonly WrittenOut<TierParams>[], { tiers: { file }, otherwise }: RulesReading): Finding[] {
  const ordered = [...tiers].sort((a, b) => priorityOf(b) - priorityOf(a));
  const found = ordered.flatMap((rule, index): Finding[] => {
    const before = ordered.slice(0, index).filter((other) => priorityOf(other) > priorityOf(rule));
    const by = before.find((other) => implies(rule.conditions, other.conditions));
    if (by) {
      const message = `"${rule.value.name}" never decides: whenever it holds, "${by.value.name}" holds too and has the higher priority`;
      return [error(file, rule.pointer, 'shadowed-rule', message, 'give it the higher priority, or remove it')];
    }
    if (before.length < 2 || !implies(rule.conditions, { any: before.map(({ conditions }) => conditions) })) return [];
    const message = `"${rule.value.name}" never decides: the rules with higher priority take everyone that it would`;
    return [error(file, rule.pointer, 'unreachable-rule', message, 'give it a higher priority, or remove it')];
  });
  const takesAll =
    otherwise !== null && neverHolds({ not: { any: tiers.map(({ conditions }) => conditions) } }) === true;
  if (!takesAll || tiers.length === 0) return found;
  const message = 'the rules take everyone, so that "otherwise" says nothing';
  return [
    ...found,
    {
      severity: 'warning',
      file,
      fault: {
        pointer: '/otherwise',
        code: 'unreachable-otherwise',
        message,
        hint: 'leave out the rule that it should stand for',
      },
    },
  ];
}

/** A rule that adds nothing to another one of the same segment. */
function redundantSegments(
  segments: readonly WrittenOut<SegmentParams>[],
  { segments: { file } }: RulesReading,
): Finding[] {
  const segmentOf = (rule: WrittenOut<SegmentParams>) => rule.value.event.params.segment;
  return segments.flatMap((rule, index) => {
    const other = segments.find(
      (candidate, place) =>
        place !== index &&
        segmentOf(candidate) === segmentOf(rule) &&
        implies(rule.conditions, candidate.conditions) &&
        (place < index || !implies(candidate.conditions, rule.conditions)),
    );
    if (!other) return [];
    const message = `"${rule.value.name}" adds nobody to "${segmentOf(rule)}" whom "${other.value.name}" does not`;
    return [
      {
        severity: 'warning' as const,
        file,
        fault: { pointer: rule.pointer, code: 'redundant-rule', message, hint: 'leave one of the two out' },
      },
    ];
  });
}

/** One card cannot be locked at two prices for the same customer. */
function conflictingLocks(
  rules: readonly WrittenOut<ProtectionParams>[],
  { protection: { file } }: RulesReading,
): Finding[] {
  const locks = rules.filter(({ value }) => value.event.params.kind === 'lock');
  return locks.flatMap((rule, index) =>
    locks.slice(0, index).flatMap((earlier) => {
      const [a, b] = [earlier, rule].map(({ value }) => value.event.params.rateCard ?? '');
      const sameCard = a?.split('@')[0] === b?.split('@')[0];
      if (!sameCard || a === b || neverHolds({ all: [earlier.conditions, rule.conditions] }) !== false) return [];
      const message = `"${rule.value.name}" locks ${b} and "${earlier.value.name}" locks ${a}, and both can hold for one customer`;
      return [error(file, rule.pointer, 'contradicting-rules', message, 'make their conditions exclude each other')];
    }),
  );
}

/** Whether the second holds whenever the first does; false where that is beyond reasoning. */
const implies = (a: RuleConditionNode, b: RuleConditionNode): boolean => neverHolds({ all: [a, { not: b }] }) === true;

const error = (file: string, pointer: string, code: string, message: string, hint?: string): Finding => ({
  severity: 'error',
  file,
  fault: { pointer, code, message, ...(hint === undefined ? {} : { hint }) },
});
