import { nearestHint } from '../fault.ts';
import { pointerTo } from '../json-source.ts';
import type { NamedConditions } from '../ruleset.ts';
import type { Check, Finding } from './checks.ts';
import { walk, walkFile } from './walk-conditions.ts';

/** Named conditions exist, are used, and do not refer to each other in a circle; parts that do nothing are said so. */
export const checkNamedConditions: Check = (reading) =>
  [reading.segments, reading.tiers, reading.protection].flatMap((read): Finding[] => {
    const { file, conditions } = read;
    const names = Object.keys(conditions);
    const used = new Set<string>();
    const found: Finding[] = [];
    for (const { pointer, node } of walkFile<unknown>(read)) {
      if ('fact' in node && node.params !== undefined) {
        found.push({
          severity: 'warning',
          file,
          fault: {
            pointer: `${pointer}/params`,
            code: 'ignored-params',
            message: '"params" have no effect here',
            hint: 'leave them out',
          },
        });
      }
      if (!('condition' in node)) continue;
      used.add(node.condition);
      if (names.includes(node.condition)) continue;
      found.push({
        severity: 'error',
        file,
        fault: {
          pointer: `${pointer}/condition`,
          code: 'unknown-condition',
          message: `there is no condition "${node.condition}" in this file`,
          hint: nearestHint(node.condition, names) ?? 'define it under "conditions"',
        },
      });
    }
    for (const name of names) {
      const pointer = pointerTo('conditions', name);
      if (refersTo(name, name, conditions)) {
        found.push({
          severity: 'error',
          file,
          fault: {
            pointer,
            code: 'circular-condition',
            message: `the condition "${name}" refers to itself`,
            hint: 'write out one of the conditions in the circle',
          },
        });
      }
      if (!used.has(name)) {
        found.push({
          severity: 'warning',
          file,
          fault: {
            pointer,
            code: 'unused-condition',
            message: `no rule uses the condition "${name}"`,
            hint: 'leave it out, or name it in a rule: { "condition": … }',
          },
        });
      }
    }
    return found;
  });

/** Whether following the names in a condition leads to `goal`. */
function refersTo(goal: string, from: string, conditions: NamedConditions, seen = new Set<string>()): boolean {
  const node = Object.hasOwn(conditions, from) ? conditions[from] : undefined;
  if (!node || seen.has(from)) return false;
  seen.add(from);
  return [...walk(node, '')].some(
    (at) =>
      'condition' in at.node && (at.node.condition === goal || refersTo(goal, at.node.condition, conditions, seen)),
  );
}
