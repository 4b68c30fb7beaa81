import type { FactValue, RuleConditions } from '../../lib/domain/rules/ruleset.ts';
import { compilePhase } from '../../lib/domain/segmentation/engine/compiled-phase.ts';
import type { PhaseRules } from '../../lib/domain/segmentation/engine/phase.ts';
import { referencePhase } from '../../lib/domain/segmentation/engine/reference-phase.ts';
import type { BenchResult } from './result.ts';

type BenchFacts = Record<string, FactValue>;

const INDUSTRIES = ['fintech', 'healthcare', 'logistics', 'travel', 'retail', 'media'];

/** Like the shipped rules: two to four comparisons each, some nested, on a dozen facts. */
function benchRules(count: number): PhaseRules {
  const conditions = (n: number): RuleConditions => {
    const industry = { fact: 'industry', operator: 'equal', value: INDUSTRIES[n % INDUSTRIES.length] };
    const size = { fact: 'companySize', operator: 'greaterThanInclusive', value: 20 * (n % 30) };
    const calls = { fact: 'callsLast30Days', operator: 'greaterThan', value: 1_000 * (n + 1) };
    const growth = { fact: 'callsGrowth', operator: 'greaterThan', value: 0.02 * (n % 20) };
    const created = { fact: 'createdAt', operator: 'lessThan', value: `20${20 + (n % 6)}-07-01` };
    const country = { fact: 'country', operator: 'in', value: ['DE', 'FR', 'US', 'GB'].slice(0, 1 + (n % 4)) };
    const member = { fact: 'segments', operator: 'contains', value: n % 2 === 0 ? 'startup' : 'growing' };
    const shapes: RuleConditions[] = [
      { all: [industry, size, growth] },
      { all: [member, size] },
      { all: [calls, { any: [growth, size] }] },
      { any: [{ all: [industry, size] }, country, created] },
      { all: [{ not: industry }, growth, calls] },
      { all: [member, created, calls] },
    ];
    return shapes[n % shapes.length] as RuleConditions;
  };
  return { rules: Array.from({ length: count }, (_, n) => ({ name: `rule-${n}`, conditions: conditions(n) })) };
}

/** Customers who differ, so that no branch is always the same. */
function benchFacts(count: number): BenchFacts[] {
  return Array.from({ length: count }, (_, n) => ({
    industry: INDUSTRIES[n % INDUSTRIES.length] as string,
    companySize: (n * 37) % 900,
    callsLast30Days: (n * 7_919) % 80_000,
    callsGrowth: ((n * 13) % 100) / 100,
    createdAt: `20${20 + (n % 6)}-${String(1 + (n % 12)).padStart(2, '0')}-15`,
    country: ['DE', 'FR', 'US', 'GB', 'SE', 'JP'][n % 6] as string,
    segments: n % 3 === 0 ? ['growing', 'startup'] : n % 3 === 1 ? ['startup'] : [],
  }));
}

const cpuMs = (since: NodeJS.CpuUsage): number => {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1_000;
};
const median = (values: number[]): number => values.sort((a, b) => a - b)[values.length >> 1] as number;

const ROUNDS = 5;
const CUSTOMERS = 60;
/** The engine is given time to be optimized, as it would be in a nightly run. */
const WARM_UP = 10;
/** Long enough that collecting the garbage of the engine's round does not weigh on the round after it. */
const COMPILED_REPEATS = 4_000;

/** Runs per CPU-millisecond of json-rules-engine and of both compiled forms, interleaved. */
async function measure(rules: PhaseRules): Promise<{ engine: number; traced: number; plain: number }> {
  const [reference, compiled, facts] = [referencePhase(rules), compilePhase(rules), benchFacts(CUSTOMERS)];
  const rates = { engine: [] as number[], traced: [] as number[], plain: [] as number[] };
  let held = 0;
  for (let i = 0; i < WARM_UP; i++) for (const customer of facts) await reference.run(customer);
  for (let round = 0; round < ROUNDS; round++) {
    let start = process.cpuUsage();
    for (const customer of facts) await reference.run(customer);
    rates.engine.push(CUSTOMERS / cpuMs(start));
    start = process.cpuUsage();
    for (let i = 0; i < COMPILED_REPEATS; i++)
      for (const customer of facts) held += compiled.trace(customer).trace[0] ?? 0;
    rates.traced.push((CUSTOMERS * COMPILED_REPEATS) / cpuMs(start));
    start = process.cpuUsage();
    for (let i = 0; i < COMPILED_REPEATS; i++)
      for (const customer of facts) held += 'held' in compiled.run(customer) ? 1 : 0;
    rates.plain.push((CUSTOMERS * COMPILED_REPEATS) / cpuMs(start));
  }
  if (held === 0) throw new Error('nothing was measured');
  return { engine: median(rates.engine), traced: median(rates.traced), plain: median(rates.plain) };
}

/** Compiled rules against json-rules-engine on the same rules and customers, per CPU-second, medians of rounds. */
export async function run(): Promise<BenchResult[]> {
  const results: BenchResult[] = [];
  for (const count of [12, 50]) {
    const { engine, traced, plain } = await measure(benchRules(count));
    const result = (name: string, rate: number, goal?: number): BenchResult => ({
      name: `rules: ${count} rules, ${name}`,
      value: Math.round(rate * 1_000),
      unit: 'customers/CPU-second',
      ...(goal === undefined
        ? {}
        : { ratio: rate / engine, goal: `>= ${goal}x json-rules-engine`, met: rate / engine >= goal }),
    });
    results.push(
      result('json-rules-engine', engine),
      result('compiled, with trace', traced, 300),
      result('compiled, without trace', plain, 800),
    );
  }
  return results;
}
