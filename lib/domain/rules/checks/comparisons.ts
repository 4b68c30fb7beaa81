import { DECORATORS, OPERATORS, splitOperator } from '../../segmentation/engine/operators.ts';
import { parsePath } from '../../segmentation/engine/paths.ts';
import { isOfType, WANTED } from '../../segmentation/resolve-facts.ts';
import { type FaultAt, nearestHint, withHint } from '../fault.ts';
import type { RulesReading } from '../read-rules.ts';
import type { FactDefinition, FactType, RuleCondition } from '../ruleset.ts';
import type { Check, Finding } from './checks.ts';
import { isComparison, valueFact, walkFile } from './walk-conditions.ts';

type Facts = ReadonlyMap<string, Pick<FactDefinition, 'type'>>;
type Report = (at: string, code: string, message: string, hint?: string) => void;

/** Every comparison: its fact exists, its operator exists and fits the fact, its value has the type of the fact. */
export const checkComparisons: Check = (reading) =>
  (['segments', 'tiers', 'protection'] as const).flatMap((phase) => {
    const facts = knownFacts(reading, phase);
    const file = reading[phase].file;
    return [...walkFile<unknown>(reading[phase])].flatMap(({ pointer, node }): Finding[] => {
      if (!isComparison(node)) return [];
      return comparisonFaults(node, pointer, facts, phase).map((fault) => ({ severity: 'error', file, fault }));
    });
  });

/** The facts that rules of a file may read: those of facts.json, and what was found out before its turn. */
export function knownFacts(reading: RulesReading, phase: 'segments' | 'tiers' | 'protection'): Facts {
  const facts = new Map<string, Pick<FactDefinition, 'type'>>(reading.facts.map(({ value }) => [value.id, value]));
  if (phase !== 'segments') facts.set('segments', { type: 'list' });
  if (phase === 'protection') facts.set('rateCard', { type: 'string' });
  return facts;
}

function comparisonFaults(node: RuleCondition, pointer: string, facts: Facts, phase: string): FaultAt[] {
  const found: FaultAt[] = [];
  const report: Report = (at, code, message, hint) =>
    found.push({ pointer: `${pointer}${at}`, code, message, ...withHint(hint) });
  const type = facts.get(node.fact)?.type;
  if (type === undefined) reportUnknownFact(node.fact, '/fact', facts, phase, report);
  const operator = knownOperator(node, report);
  const at = type === undefined ? undefined : typeAtPath(node, type, report);
  if (operator && at) checkTypes(node, operator, at, facts, phase, report);
  return found;
}

function reportUnknownFact(fact: string, at: string, facts: Facts, phase: string, report: Report): void {
  const hint =
    phase === 'segments' && fact === 'segments'
      ? 'rules of segments.json run before anyone is in a segment: repeat the conditions'
      : nearestHint(fact, [...facts.keys()]);
  report(at, 'unknown-fact', `nothing provides the fact "${fact}"`, hint ?? 'define it in facts.json');
}

function knownOperator(node: RuleCondition, report: Report): { decorators: string[]; operator: string } | null {
  const { decorators, operator } = splitOperator(node.operator);
  const wrong = decorators.find((decorator) => !Object.hasOwn(DECORATORS, decorator));
  if (wrong !== undefined) {
    report(
      '/operator',
      'unknown-operator',
      `unknown decorator "${wrong}"`,
      nearestHint(wrong, Object.keys(DECORATORS)),
    );
    return null;
  }
  if (Object.hasOwn(OPERATORS, operator)) return { decorators, operator };
  report(
    '/operator',
    'unknown-operator',
    `unknown operator "${operator}"`,
    nearestHint(operator, Object.keys(OPERATORS)),
  );
  return null;
}

/** The type of what is compared; null where it cannot be known beforehand: inside an object, or after a fault. */
function typeAtPath(node: RuleCondition, type: FactType, report: Report): FactType | null {
  if (node.path === undefined) return type;
  const steps = parsePath(node.path);
  if (steps === null) {
    report('/path', 'bad-path', `"${node.path}" does not name one place`, 'write "$.payments", "$[0]" or "$.a.b"');
    return null;
  }
  if (type === 'object') return null;
  if (type !== 'list') {
    report(
      '/path',
      'path-into-scalar',
      `"${node.fact}" is ${WANTED[type]}, and has nothing inside`,
      'leave out "path"',
    );
    return null;
  }
  const [step, ...more] = steps;
  if (more.length === 0 && step === 'length') return 'number';
  if (more.length === 0 && /^\d+$/.test(step as string)) return 'string';
  report('/path', 'bad-path', `"${node.path}" is not in a list`, 'write "$.length" or "$[0]"');
  return null;
}

const ORDER = ['lessThan', 'lessThanInclusive', 'greaterThan', 'greaterThanInclusive'];
const EQUALITY = ['equal', 'notEqual'];
const MEMBERSHIP = ['in', 'notIn'];
const CONTAINMENT = ['contains', 'doesNotContain'];
const FITTING: Readonly<Record<FactType, readonly string[]>> = {
  string: [...EQUALITY, ...MEMBERSHIP],
  number: [...EQUALITY, ...MEMBERSHIP, ...ORDER],
  boolean: EQUALITY,
  date: [...EQUALITY, ...MEMBERSHIP, ...ORDER],
  list: CONTAINMENT,
  object: [],
};

function checkTypes(
  node: RuleCondition,
  { decorators, operator }: { decorators: string[]; operator: string },
  type: FactType,
  facts: Facts,
  phase: string,
  report: Report,
): void {
  // `swap` turns the sides around and the value lists take it apart; what is compared then is beyond this check.
  if (decorators.some((decorator) => ['swap', 'someValue', 'everyValue'].includes(decorator))) return;
  const ofItems = decorators.some((decorator) => decorator === 'someFact' || decorator === 'everyFact');
  if (ofItems && type !== 'list') {
    report(
      '/operator',
      'operator-type',
      `"${node.operator}" goes through a list, and "${node.fact}" is ${WANTED[type]}`,
    );
    return;
  }
  const compared: FactType = ofItems ? 'string' : type;
  if (!FITTING[compared].includes(operator)) {
    const hint =
      type === 'object'
        ? 'name a place in it with "path"'
        : `for ${WANTED[compared]} use ${FITTING[compared].join(', ')}`;
    report(
      '/operator',
      'operator-type',
      `"${node.operator}" does not fit "${node.fact}", which is ${WANTED[type]}`,
      hint,
    );
    return;
  }
  checkValue(node, operator, compared, facts, phase, report);
}

function checkValue(
  { fact, value }: RuleCondition,
  operator: string,
  type: FactType,
  facts: Facts,
  phase: string,
  report: Report,
): void {
  const other = valueFact(value);
  const wanted: FactType = MEMBERSHIP.includes(operator) ? 'list' : type === 'list' ? 'string' : type;
  if (other !== null) {
    const found = facts.get(other)?.type;
    if (found === undefined) reportUnknownFact(other, '/value/fact', facts, phase, report);
    else if (found !== wanted && (value as { path?: unknown }).path === undefined) {
      const message = `"${other}" is ${WANTED[found]}, but is compared as ${WANTED[wanted]}`;
      report('/value/fact', 'value-type', message, `compare with a fact of the type "${wanted}"`);
    }
    return;
  }
  if (MEMBERSHIP.includes(operator)) {
    checkList(value, operator, type, fact, report);
    return;
  }
  checkScalar(value, wanted, '/value', fact, report);
}

function checkList(value: unknown, operator: string, type: FactType, fact: string, report: Report): void {
  if (!Array.isArray(value)) {
    report('/value', 'value-type', `"${operator}" needs a list of values`, 'write [ … ]');
    return;
  }
  if (value.length === 0)
    report('/value', 'empty-list', `"${operator}" an empty list is always the same`, 'name at least one value');
  for (const [index, item] of value.entries()) checkScalar(item, type, `/value/${index}`, fact, report);
}

function checkScalar(value: unknown, type: FactType, at: string, fact: string, report: Report): void {
  if (isOfType(value, type)) return;
  const written = typeof value === 'string' && type === 'number' && value.trim() !== '' ? Number(value) : Number.NaN;
  const hint = Number.isNaN(written)
    ? `write ${WANTED[type]}`
    : `write ${written} without quotes: text is not compared as a number`;
  report(at, 'value-type', `${JSON.stringify(value)} is not ${WANTED[type]}, and "${fact}" is compared with one`, hint);
}
