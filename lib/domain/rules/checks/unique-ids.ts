import type { FaultAt } from '../fault.ts';
import type { Entry, RulesReading } from '../read-rules.ts';
import type { Check, Finding } from './checks.ts';

/** Ids and names that other files, decisions or invoices refer to stand once. */
export const checkUniqueIds: Check = (reading) => [
  ...duplicates('meters.json', reading.meters, 'id', 'the meter'),
  ...duplicates('meters.json', reading.routeGroups, 'id', 'the route group'),
  ...duplicates('facts.json', reading.facts, 'id', 'the fact'),
  ...duplicates('guardrails.json', reading.guardrails, 'id', 'the guardrail'),
  ...duplicates('experiments.json', reading.experiments, 'id', 'the experiment'),
  ...ruleNames(reading),
];

function ruleNames({ segments, tiers, protection }: RulesReading): Finding[] {
  return [segments, tiers, protection].flatMap(({ file, rules }) =>
    duplicates(file, rules as readonly Entry<{ name: string }>[], 'name', 'the rule'),
  );
}

function duplicates<Key extends string>(
  file: string,
  entries: readonly Entry<Readonly<Record<Key, string>>>[],
  key: Key,
  what: string,
): Finding[] {
  const first = new Map<string, string>();
  return entries.flatMap(({ pointer, value }) => {
    const id = value[key];
    const earlier = first.get(id);
    if (earlier === undefined) {
      first.set(id, pointer);
      return [];
    }
    const fault: FaultAt = {
      pointer: `${pointer}/${key}`,
      code: key === 'name' ? 'duplicate-name' : 'duplicate-id',
      message: `${what} ${JSON.stringify(id)} stands twice`,
      hint: `the other is ${earlier}`,
    };
    return [{ severity: 'error' as const, file, fault }];
  });
}
