import { Almanac, Engine, type RuleProperties } from 'json-rules-engine';
import type { Facts, PhaseResult, PhaseRules } from './phase.ts';

/** Runs the rules of one file; runs of one of these never overlap. */
export interface ReferencePhase {
  run(facts: Facts): Promise<PhaseResult>;
}

/**
 * The rules of one file in json-rules-engine itself: strict facts, every rule run.
 *
 * An engine that runs twice at the same time skips rules: the first run to end marks it finished for both. So the runs
 * of a phase wait for each other.
 */
export function referencePhase(phase: PhaseRules): ReferencePhase {
  const all = engineOf(phase, phase.rules);
  let last: Promise<unknown> = Promise.resolve();
  return {
    run(facts) {
      const run = last.then(() => runAll(all, phase, facts));
      last = run.catch(() => undefined);
      return run;
    },
  };
}

function engineOf(phase: PhaseRules, rules: PhaseRules['rules']): Engine {
  const engine = new Engine([], { allowUndefinedFacts: false, allowUndefinedConditions: false });
  for (const [name, compare] of Object.entries(phase.operators ?? {})) engine.addOperator(name, compare);
  // The engine keeps what it is given, and writes into it: each one gets a copy.
  for (const [name, conditions] of Object.entries(phase.conditions ?? {})) {
    engine.setCondition(name, structuredClone(conditions) as never);
  }
  for (const { name, priority, conditions } of rules) {
    engine.addRule(
      structuredClone({ name, priority: priority ?? 1, conditions, event: { type: 'held' } }) as RuleProperties,
    );
  }
  return engine;
}

async function runAll(engine: Engine, phase: PhaseRules, facts: Facts): Promise<PhaseResult> {
  const held = await engine.run(facts).then(
    ({ results }) => new Set(results.map(({ name }) => name)),
    () => null,
  );
  if (held === null) return { fault: await faultsOf(phase, facts) };
  return { held: phase.rules.flatMap(({ name }, index) => (held.has(name) ? [index] : [])) };
}

/** A run ends at its first fault, and which one that is depends on timing. So each rule is run again by itself. */
async function faultsOf(phase: PhaseRules, facts: Facts) {
  const missing = new Set<string>();
  const unfit: string[] = [];
  for (const rule of phase.rules) {
    const almanac = new WatchfulAlmanac();
    const failed = await engineOf(phase, [rule])
      .run(facts, { almanac })
      .then(
        () => false,
        () => true,
      );
    if (!failed) continue;
    // Comparisons beside the one that failed are still under way; what they miss counts too.
    await new Promise((resolve) => setImmediate(resolve));
    for (const fact of almanac.missing) missing.add(fact);
    if (almanac.missing.size === 0) unfit.push(rule.name);
  }
  return { missing: [...missing].sort(), unfit };
}

/** Notes every fact that a rule asks for and that nobody gave. */
class WatchfulAlmanac extends Almanac {
  readonly missing = new Set<string>();

  override async factValue<T>(factId: string, params?: Record<string, unknown>, path?: string): Promise<T> {
    try {
      return await super.factValue<T>(factId, params, path);
    } catch (error) {
      this.missing.add(factId);
      throw error;
    }
  }
}
