import { once } from 'node:events';
import { InputError } from '../domain/input-error.ts';
import type { Ruleset } from '../domain/rules/ruleset.ts';
import { compileRules, type DecisionContext, decide, type GivenFacts } from '../domain/segmentation/decide.ts';
import type { Decision } from '../domain/segmentation/decision.ts';
import type { DecideFlags } from './decide.ts';
import { type DecideInput, readDecideInput } from './decide-input.ts';
import { type Io, progress } from './io.ts';

type Decider = (facts: GivenFacts, context: DecisionContext) => Decision | Promise<Decision>;

const WRITE_SIZE = 64 * 1024;

/** Decides every customer of the file, in its order. */
export async function runDecide(flags: DecideFlags & { engine: string; json?: true }, io: Io): Promise<void> {
  const input = await readDecideInput(flags, io);
  const decider = await deciderFor(flags.engine, input.ruleset);
  const render = flags.json || !io.isTerminal.stdout ? renderLine : tableOf(input);
  const undecided = await writeDecisions(input, decider, render, io);
  if (undecided > 0) io.stderr.write(`${undecided} of ${input.customers.length} customers are undecided\n`);
}

async function deciderFor(engine: string, ruleset: Ruleset): Promise<Decider> {
  if (engine === 'compiled') {
    const rules = compileRules(ruleset);
    return (facts, context) => decide(rules, facts, context);
  }
  if (engine === 'reference') {
    const { decideWithEngine, referenceRules } = await import('../domain/segmentation/decide-with-engine.ts');
    const rules = referenceRules(ruleset);
    return (facts, context) => decideWithEngine(rules, facts, context);
  }
  const message = `unknown engine ${JSON.stringify(engine)}`;
  throw new InputError({ code: 'not-allowed', path: '--engine', message, hint: 'compiled or reference' });
}

/** @returns how many are undecided */
async function writeDecisions(
  { customers, factsOf, contextOf }: DecideInput,
  decider: Decider,
  render: (decision: Decision) => string,
  io: Io,
): Promise<number> {
  const shown = progress(io, 'deciding, customers:');
  let [output, undecided] = ['', 0];
  const flush = async () => {
    const text = output;
    output = '';
    if (text !== '' && !io.stdout.write(text)) await once(io.stdout, 'drain', { signal: io.signal });
  };
  for (const [index, customer] of customers.entries()) {
    io.signal.throwIfAborted();
    const decision = await decider(factsOf(customer), contextOf(customer));
    if (decision.undecided !== null) undecided++;
    output += render(decision);
    if (output.length > WRITE_SIZE) await flush();
    if (index % 1_000 === 0) shown.update(index, customers.length);
  }
  shown.end();
  await flush();
  return undecided;
}

/** CONTRACT: one line of `tollgate decide`. */
export function renderLine(decision: Decision): string {
  const { customer, segments, tierRule, rateCard, reservedCapacity, protection, undecided } = decision;
  return `${JSON.stringify({ customer, segments, tierRule, rateCard, reservedCapacity, protection, undecided })}\n`;
}

/** A line for people, the columns as wide as the longest customer. */
function tableOf({ customers }: DecideInput): (decision: Decision) => string {
  const width = Math.max(8, ...customers.map(({ id }) => id.length));
  return ({ customer, segments, tierRule, rateCard, protection, undecided }) => {
    if (undecided !== null) return `${customer.padEnd(width)}  undecided: ${undecided}\n`;
    const kept = protection.length > 0 ? `  protected by ${protection.join(', ')}` : '';
    const where = segments.length > 0 ? `  in ${segments.join(', ')}` : '';
    return `${customer.padEnd(width)}  ${rateCard}  by ${tierRule}${where}${kept}\n`;
  };
}
