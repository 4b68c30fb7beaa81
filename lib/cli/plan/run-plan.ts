import { resolve } from 'node:path';
import { streamCustomersFile } from '../../adapters/customers-file/read-customers.ts';
import { buildReport } from '../../domain/impact/build-report.ts';
import {
  cardNotices,
  newCliffs,
  unexplainedChanges,
  usageNotices,
  warningNotices,
} from '../../domain/impact/change-notices.ts';
import { type Notes, noNotes, planOf } from '../../domain/impact/evaluate.ts';
import { Impacts } from '../../domain/impact/impacts.ts';
import type { Notice, PlanReport } from '../../domain/impact/report.ts';
import { InputError } from '../../domain/input-error.ts';
import { countFacts, unknownAmong } from '../../domain/segmentation/customer-list.ts';
import { formatDate, monthOf, type Period, parseMonth } from '../../domain/time/time.ts';
import type { Io } from '../io.ts';
import type { PlanFlags } from '../plan.ts';
import { type LoadedRules, loadRules } from './load-rules.ts';
import { writeOut } from './output.ts';
import { priceEveryone } from './price-everyone.ts';
import { rendererFor } from './renderers.ts';
import { StoredCustomers } from './stored-customers.ts';

/** Computes the report, renders it, and sets the exit code. @throws InputError */
export async function runPlan(flags: PlanFlags, io: Io): Promise<void> {
  const render = rendererFor(flags, io);
  if (flags.period !== undefined) parsePeriod(flags.period);
  const base = await loadRules(flags.base, flags.rules, io);
  const head = base && (await loadRules(flags.head, flags.rules, io));
  if (!base || !head) {
    io.exitCode = 1;
    return;
  }
  const report = await planReport(base, head, flags, io);
  await writeOut(render(report), flags.out, io);
  io.exitCode = report.exitCode;
}

async function planReport(base: LoadedRules, head: LoadedRules, flags: PlanFlags, io: Io): Promise<PlanReport> {
  const customers = flags.customers === undefined ? null : await readCustomers(flags.customers, head, io);
  const [impacts, notes] = [new Impacts(), noNotes()];
  const { period, notices } = await priceEveryone(
    { base, head, customers: customers?.stored ?? null, flags },
    (found) => ('code' in found ? impacts.leaveOut(found) : impacts.add(found)),
    notes,
    io,
  );
  const today = formatDate(io.clock.now());
  const plan = planOf(base.ruleset, head.ruleset, period);
  return buildReport(impacts, {
    ...plan,
    names: { base: base.name, head: head.name },
    period: monthOf(period.start),
    today,
    notices: [
      ...warningNotices(base.warnings, head.warnings),
      ...cardNotices(plan.base, plan.head, today),
      ...(customers?.notices ?? []),
      ...notices,
      ...usageNotices(notes satisfies Notes, impacts.size + leftOutOf(impacts), plan),
    ],
    cliffs: newCliffs(head.warnings, base.ruleset, head.ruleset),
    unexplained: unexplainedChanges(base.ruleset, head.ruleset),
  });
}

const leftOutOf = (impacts: Impacts): number => impacts.leftOut().reduce((sum, { customers }) => sum + customers, 0);

export function parsePeriod(text: string): Period {
  try {
    return parseMonth(text);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new InputError({ code: error.code, message: error.message, path: '--period' });
  }
}

/** Facts are typed by head's facts.json, which is the one that will be in force. */
async function readCustomers(
  file: string,
  { ruleset }: LoadedRules,
  io: Io,
): Promise<{ stored: StoredCustomers; notices: Notice[] }> {
  const path = resolve(io.cwd, file);
  const [stored, counts] = [new StoredCustomers(), new Map<string, number>()];
  try {
    for await (const found of streamCustomersFile(path, ruleset.facts)) {
      io.signal.throwIfAborted();
      for (const { customer, json } of found) {
        stored.add(customer.id, json);
        countFacts(customer.facts, counts);
      }
    }
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    const { code, message, hint } = error;
    const place = error.path.replace(path, file);
    throw new InputError({ code, message, path: place, ...(hint === undefined ? {} : { hint }) });
  }
  const notices = unknownAmong(counts, ruleset.facts).map(({ fact, customers, hint }): Notice => {
    const message = `facts.json has no fact "${fact}", which the customers file gives ${customers === 1 ? 'once' : `${customers} times`}`;
    return { code: 'unknown-fact', severity: 'warning', file: null, message: hint ? `${message} (${hint})` : message };
  });
  return { stored, notices };
}
