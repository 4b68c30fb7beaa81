import type { Ruleset } from '../rules/ruleset.ts';
import {
  type CompiledRules,
  compileRules,
  type DecisionContext,
  deciding,
  eachPhase,
  type GivenFacts,
  type Phases,
} from './decide.ts';
import type { Decision } from './decision.ts';
import type { CustomOperators } from './engine/operators.ts';
import { type ReferencePhase, referencePhase } from './engine/reference-phase.ts';

/** A ruleset in json-rules-engine. */
export interface ReferenceRules {
  readonly ruleset: Ruleset;
  readonly phases: Phases<ReferencePhase>;
  readonly compiled: CompiledRules;
}

/** The same on json-rules-engine itself; `compileRules` is held against it. */
export function referenceRules(ruleset: Ruleset, operators: CustomOperators = {}): ReferenceRules {
  const compiled = compileRules(ruleset, operators);
  return { ruleset, phases: eachPhase(ruleset, operators, referencePhase), compiled };
}

/** As {@link decide}, by json-rules-engine: the same decision, to the byte. */
export async function decideWithEngine(
  rules: ReferenceRules,
  facts: GivenFacts,
  context: DecisionContext,
): Promise<Decision> {
  const steps = deciding(rules.compiled, facts, context);
  let step = steps.next();
  while (!step.done) step = steps.next(await rules.phases[step.value.phase].run(step.value.facts));
  return step.value;
}
