import type { RulesRead, RulesReading } from '../read-rules.ts';
import type { Check, Finding } from './checks.ts';
import { isComparison, valueFact, walkFile } from './walk-conditions.ts';

/** Fairness: no rule reads a prohibited fact, and a proxy only with a reason. What is for insight does not set prices. */
export const checkFactUse: Check = (reading) =>
  [reading.segments, reading.tiers, reading.protection].flatMap((read) => usesIn(read, reading));

function usesIn(read: RulesRead<unknown>, { facts, segments }: RulesReading): Finding[] {
  const definitions = new Map(facts.map(({ value }) => [value.id, value]));
  return [...walkFile(read)].flatMap(({ pointer, node }) => {
    if (!isComparison(node)) return [];
    const other = valueFact(node.value);
    const reads = [
      { fact: node.fact, at: `${pointer}/fact` },
      ...(other === null ? [] : [{ fact: other, at: `${pointer}/value/fact` }]),
    ];
    return reads.flatMap(({ fact, at }): Finding[] => {
      const { use, justification } = definitions.get(fact) ?? {};
      const finding = (severity: Finding['severity'], code: string, message: string, hint: string): Finding[] => [
        { severity, file: read.file, fault: { pointer: at, code, message, hint } },
      ];
      if (use === 'prohibited') {
        return finding(
          'error',
          'prohibited-fact',
          `"${fact}" is prohibited: no rule may read it`,
          'decide by what the customer gets instead',
        );
      }
      if (use === 'proxy' && justification === undefined) {
        return finding(
          'warning',
          'proxy-fact',
          `"${fact}" may stand for something prohibited`,
          'say in facts.json why it may be used: "justification"',
        );
      }
      if (use === 'insight' && read.file !== segments.file) {
        return finding(
          'warning',
          'insight-fact',
          `"${fact}" is for insight, but this rule sets a price by it`,
          'make it "use": "price" in facts.json',
        );
      }
      return [];
    });
  });
}
