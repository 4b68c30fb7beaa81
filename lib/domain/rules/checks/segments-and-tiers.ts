import { nearestHint, withHint } from '../fault.ts';
import type { RulesReading } from '../read-rules.ts';
import type { Check, Finding } from './checks.ts';
import { isComparison, walkFile } from './walk-conditions.ts';

/** Tiers and protection name segments that exist; segments are there for someone to name. */
export const checkSegments: Check = (reading) => {
  const made = new Set(reading.segments.rules.map(({ value }) => value.event.params.segment));
  const { used, unknown } = segmentsNamed(reading, made);
  // A segment whose own rule is broken would be reported as unknown; that rule's fault says enough.
  const complete = !reading.faults.some(({ file }) => file === reading.segments.file);
  const unused = reading.segments.rules.flatMap(({ pointer, value }): Finding[] => {
    const { segment } = value.event.params;
    if (used.has(segment) || !made.delete(segment)) return [];
    return [
      {
        severity: 'warning',
        file: reading.segments.file,
        fault: {
          pointer: `${pointer}/event/params/segment`,
          code: 'unused-segment',
          message: `no tier uses the segment "${segment}"`,
          hint: 'use it in tiers.json, or remove its rules',
        },
      },
    ];
  });
  const tiersRead = !reading.faults.some(({ file }) => file === reading.tiers.file);
  return [...(complete ? unknown : []), ...(tiersRead ? unused : [])];
};

function segmentsNamed(reading: RulesReading, made: ReadonlySet<string>): { used: Set<string>; unknown: Finding[] } {
  const used = new Set<string>();
  const unknown: Finding[] = [];
  const name = (file: string, pointer: string, segment: unknown) => {
    if (typeof segment !== 'string') return;
    used.add(segment);
    if (made.has(segment)) return;
    const message = `no rule of segments.json adds the segment "${segment}"`;
    const hint = withHint(nearestHint(segment, [...made]));
    unknown.push({ severity: 'error', file, fault: { pointer, code: 'unknown-segment', message, ...hint } });
  };
  for (const read of [reading.tiers, reading.protection]) {
    for (const { pointer, node } of walkFile<unknown>(read)) {
      if (!isComparison(node) || node.fact !== 'segments') continue;
      const values: unknown[] = Array.isArray(node.value) ? node.value : [node.value];
      for (const value of values) name(read.file, `${pointer}/value`, value);
    }
  }
  for (const { pointer, value } of reading.experiments) {
    for (const [index, segment] of (value.audience?.segments ?? []).entries()) {
      name('experiments.json', `${pointer}/audience/segments/${index}`, segment);
    }
  }
  return { used, unknown };
}

/** Of the tier rules that hold the highest priority decides: two alike would leave it to chance. */
export const checkTierPriorities: Check = ({ tiers: { file, rules } }) =>
  rules.flatMap(({ pointer, value }, index): Finding[] => {
    const priority = value.priority ?? 1;
    const earlier = rules.slice(0, index).find((other) => (other.value.priority ?? 1) === priority);
    if (!earlier) return [];
    const taken = new Set(rules.map((rule) => rule.value.priority ?? 1));
    let free = priority;
    while (taken.has(free)) free++;
    return [
      {
        severity: 'error',
        file,
        fault: {
          pointer: value.priority === undefined ? pointer : `${pointer}/priority`,
          code: 'tied-priority',
          message: `"${value.name}" and "${earlier.value.name}" have the same priority ${priority}, so neither is the higher`,
          hint: `${free} is free`,
        },
      },
    ];
  });
