import { createColors } from 'picocolors';
import { InputError } from '../domain/input-error.ts';
import { nearestHint, withHint } from '../domain/rules/fault.ts';
import { compileRules } from '../domain/segmentation/decide.ts';
import { type ExplainedRule, type Explanation, explain } from '../domain/segmentation/explain.ts';
import { formatHour } from '../domain/time/time.ts';
import type { DecideFlags } from './decide.ts';
import { readDecideInput } from './decide-input.ts';
import type { Io } from './io.ts';

/** How many rules that did not hold are shown for each file: the nearest ones. */
const NEAR_SHOWN = 3;

/** Explains one customer of the file. @throws InputError when it is not there */
export async function runExplain(customerId: string, flags: DecideFlags & { json?: true }, io: Io): Promise<void> {
  const { ruleset, customers, factsOf, contextOf } = await readDecideInput(flags, io);
  const customer = customers.find(({ id }) => id === customerId);
  if (!customer) {
    const hint = nearestHint(
      customerId,
      customers.map(({ id }) => id),
    );
    const message = `there is no customer ${JSON.stringify(customerId)}`;
    throw new InputError({ code: 'no-such-customer', path: flags.customers, message, ...withHint(hint) });
  }
  const explanation = explain(compileRules(ruleset), factsOf(customer), contextOf(customer));
  if (!flags.json) {
    io.stdout.write(renderExplanation(explanation, io));
    return;
  }
  const { effectiveFrom, ...decision } = explanation.decision;
  const json = { ...explanation, decision: { ...decision, effectiveFrom: formatHour(effectiveFrom) } };
  io.stdout.write(`${JSON.stringify(json, null, 2)}\n`);
}

type Colors = ReturnType<typeof createColors>;

/** The decision first, then what led to it, then what was near. */
export function renderExplanation({ decision, facts, segments, tiers, protection }: Explanation, io: Io): string {
  const colors = createColors(io.isTerminal.stdout && !io.env.NO_COLOR);
  const { customer, effectiveFrom, undecided, rateCard, tierRule } = decision;
  const headline =
    undecided === null
      ? `${colors.bold(customer)} is on ${colors.bold(rateCard ?? '')} by ${tierRule}, from ${formatHour(effectiveFrom)}`
      : `${colors.bold(customer)} is ${colors.red('undecided')} at ${formatHour(effectiveFrom)}: ${undecided}`;
  const width = Math.max(...facts.map(({ id }) => id.length), 0);
  const factLines = facts.map(({ id, value, from }) => {
    const shown = value === undefined ? colors.red(from) : JSON.stringify(value);
    return `  ${id.padEnd(width)}  ${shown}${from === 'default' ? colors.dim(' (default)') : ''}`;
  });
  return `${[
    headline,
    '',
    colors.bold('Facts'),
    ...factLines,
    ...section('Segments', segments, colors),
    ...section('Tiers', tiers, colors),
    ...section('Protection', protection, colors),
  ].join('\n')}\n`;
}

function section(title: string, rules: readonly ExplainedRule[], colors: Colors): string[] {
  const held = rules.filter(({ holds }) => holds);
  const near = rules.filter(({ holds }) => !holds).slice(0, NEAR_SHOWN);
  if (rules.length === 0) return [];
  return [
    '',
    colors.bold(title),
    ...(held.length === 0 ? ['  none holds'] : held.flatMap((rule) => heldLines(rule, colors))),
    ...near.flatMap((rule) => nearLines(rule, colors)),
  ];
}

function heldLines({ rule, gives, rationale, decides, conditions }: ExplainedRule, colors: Colors): string[] {
  const outcome = `${rule} -> ${gives}${decides ? ' (decides)' : ''}`;
  return [
    `  ${colors.green('+')} ${outcome}`,
    `      ${colors.dim(rationale)}`,
    ...conditions.map(
      ({ text, found, holds }) => `      ${holds ? 'held' : 'not '}  ${text}, is ${JSON.stringify(found)}`,
    ),
  ];
}

function nearLines({ rule, gives, changes }: ExplainedRule, colors: Colors): string[] {
  return [`  ${colors.dim('-')} ${rule} -> ${gives}, not now`, ...changes.map((change) => `      ${change}`)];
}
