import { FIRM_HOURS, isDue } from '../../domain/entitlement/choices.ts';
import type { CustomerProfile } from '../../domain/entitlement/profile.ts';
import { opensBy, returned } from '../../domain/entitlement/stays.ts';
import { InputError } from '../../domain/input-error.ts';
import type { Decision } from '../../domain/segmentation/decision.ts';
import { addHours, type EpochMs, type Hour, hourOf, hourStart, SECOND_MS } from '../../domain/time/time.ts';
import { inParallel } from '../in-parallel.ts';
import type { EvaluationCommand } from '../ports/access-queue.ts';
import { syncSnapshots } from '../provision-access/profiles.ts';
import { applyDecision } from './apply-decision.ts';
import { decideCustomer } from './decide-customer.ts';
import type { EvaluationPorts } from './ports.ts';

/** Customers at a time: enough to hide the waiting, few enough for the usage table. */
const PARALLEL = 8;
/** The longest that SQS holds a message back; a later moment is reached in several steps. */
const DELAY_SECONDS_MAX = 900;
/** More than a choice takes to become firm, and what a schedule may miss. */
const CHANGES_BEFORE_HOURS = 3;
/** A message holds so many names; with more of them all customers are looked at. */
const WAITING_MAX = 500;
/** Names in one log line. */
const NAMED_MAX = 50;

export interface EvaluationSummary {
  readonly customers: number;
  /** Decisions recorded. */
  readonly decided: number;
  /** Reported by name: each keeps its last decision. */
  readonly undecided: readonly { readonly customer: string; readonly reason: string }[];
  /** Asked to be placed in a usage plan. */
  readonly placed: number;
}

/**
 * Does one command. `evaluate`: decides anew and lets access follow what is in force; what will be in force later is
 * applied by a message that waits for its hour. `changes`: the same for those who were noted for an hour about now.
 * `apply`: only lets access follow. Everything can be repeated.
 *
 * @throws Error naming the customers that failed, after all others were done
 */
export function evaluateCustomers(ports: EvaluationPorts) {
  return async (command: EvaluationCommand): Promise<EvaluationSummary | 'too-early'> => {
    if (command.task === 'apply') {
      if (await waitFor(ports, command.notBefore, command.customers)) return 'too-early';
      return sweep(ports, command.customers, false);
    }
    if (command.task === 'changes') return sweepChanges(ports);
    return sweep(ports, command.customers, true);
  };
}

/** @returns true when the moment has not come, and a message for later is sent */
async function waitFor(
  { clock, evaluations }: EvaluationPorts,
  notBefore: EpochMs,
  customers: readonly string[] | undefined,
): Promise<boolean> {
  const wait = Math.ceil((notBefore - clock.now()) / SECOND_MS);
  if (wait <= 0) return false;
  const named = customers === undefined || customers.length > WAITING_MAX ? {} : { customers };
  await evaluations.send({ task: 'apply', notBefore, ...named }, Math.min(wait, DELAY_SECONDS_MAX));
  return true;
}

/**
 * What a customer asked for and then took back, and a writer that died between the two, may have left key snapshots that
 * end with a period: they are brought up to the profile before that.
 */
async function sweepChanges(ports: EvaluationPorts): Promise<EvaluationSummary> {
  const ids = await changesAbout(ports);
  const summary = await sweep(ports, ids, true);
  for (const id of ids) {
    const profile = await ports.directory.profile(id);
    if (profile) await syncSnapshots(ports.directory, profile);
  }
  return summary;
}

/** Whose choices become firm now, and whose accounts close; those too that an earlier run should have found. */
async function changesAbout({ directory, clock }: EvaluationPorts): Promise<string[]> {
  const now = hourOf(clock.now());
  const found = new Set<string>();
  for (let hour = addHours(now, -CHANGES_BEFORE_HOURS); hour <= addHours(now, FIRM_HOURS); hour = addHours(hour, 1)) {
    for (const id of await directory.changesAt(hour)) found.add(id);
  }
  return [...found];
}

interface Tally {
  customers: number;
  decided: number;
  placed: number;
  readonly undecided: { customer: string; reason: string }[];
  readonly failed: string[];
  /** Hours of decisions that are not in force yet. */
  readonly later: Set<Hour>;
}

async function sweep(given: EvaluationPorts, only: readonly string[] | undefined, decideToo: boolean) {
  const ports = { ...given, rulesets: askedOnce(given.rulesets) };
  const ids: string[] = only ? [...only] : [];
  if (!only) for await (const id of ports.directory.customers()) ids.push(id);
  const tally: Tally = { customers: 0, decided: 0, placed: 0, undecided: [], failed: [], later: new Set() };
  await inParallel(ids, PARALLEL, async (id) => {
    try {
      await evaluateOne(ports, id, decideToo, tally);
    } catch (error) {
      tally.failed.push(id);
      ports.log.error('a customer could not be evaluated', { customer: id, fault: String(error) });
    }
  });
  for (const hour of [...tally.later].sort((a, b) => a - b)) await waitFor(ports, hourStart(hour), only);
  return report(ports, tally);
}

/**
 * One answer to each question for the whole of one run: all its customers are decided by the same rules, and a run over
 * many asks as often as a run over one.
 */
function askedOnce(rulesets: EvaluationPorts['rulesets']): EvaluationPorts['rulesets'] {
  const asked = new Map<string, ReturnType<typeof rulesets.latest>>();
  const once = (question: string, ask: () => ReturnType<typeof rulesets.latest>) => {
    const answer = asked.get(question) ?? ask();
    asked.set(question, answer);
    return answer;
  };
  return {
    inForceAt: (hour) => once(`in force at ${hour}`, () => rulesets.inForceAt(hour)),
    latest: () => once('latest', rulesets.latest),
    first: () => once('first', rulesets.first),
  };
}

async function evaluateOne(ports: EvaluationPorts, id: string, decideToo: boolean, tally: Tally): Promise<void> {
  const seenAt = ports.clock.now();
  const stored = await ports.directory.profile(id);
  if (!stored) return;
  tally.customers += 1;
  const profile = await opened(ports, stored, seenAt);
  if (hasLeft(profile, seenAt)) return ports.access.send({ do: 'close', customer: id });
  let known: Decision | undefined;
  const { reopensAt } = profile;
  if (reopensAt !== undefined && isDue(hourOf(reopensAt), seenAt)) tally.later.add(hourOf(reopensAt));
  if (decideToo && (profile.status !== 'closed' || reopensAt !== undefined)) {
    const { decisions, undecided, newest } = await decideCustomer(ports, profile, seenAt);
    known = newest;
    if (undecided !== null) tally.undecided.push({ customer: id, reason: undecided });
    tally.decided += decisions.length;
    for (const { effectiveFrom } of decisions) {
      if (hourStart(effectiveFrom) > ports.clock.now()) tally.later.add(effectiveFrom);
    }
  }
  if ((await applyDecision(ports, profile, known)) === 'asked') tally.placed += 1;
}

/** Whoever comes back with this hour is let in first; then, in the same queue, placed where its decision says. */
async function opened({ access }: EvaluationPorts, profile: CustomerProfile, now: EpochMs): Promise<CustomerProfile> {
  if (!opensBy(profile, now)) return profile;
  await access.send({ do: 'open', customer: profile.customer.id });
  return returned(profile);
}

/** It cancelled and its time is over, but its account is not closed yet. */
const hasLeft = ({ status, leavesAt }: CustomerProfile, now: EpochMs): boolean =>
  status !== 'closed' && leavesAt !== undefined && leavesAt <= now;

function report({ log, metrics }: EvaluationPorts, tally: Tally): EvaluationSummary {
  const { customers, decided, placed } = tally;
  const undecided = tally.undecided.sort((a, b) => (a.customer < b.customer ? -1 : 1));
  metrics.count('CustomersDecided', decided);
  metrics.count('UndecidedCustomers', undecided.length);
  for (let i = 0; i < undecided.length; i += NAMED_MAX) {
    log.warn('customers without a decision', { undecided: undecided.slice(i, i + NAMED_MAX) });
  }
  log.info('evaluated', { customers, decided, placed, undecided: undecided.length, failed: tally.failed.length });
  if (tally.failed.length > 0) throw new Error(`could not evaluate ${tally.failed.sort().join(', ')}`);
  return { customers, decided, placed, undecided };
}

/** @throws InputError `not-a-command`: the message goes to the dead letters */
export function parseEvaluationCommand(value: unknown): EvaluationCommand {
  const { task, customers, notBefore } = (value ?? {}) as Record<string, unknown>;
  if (task === 'changes') return { task };
  if (task === 'apply' && typeof notBefore === 'number') {
    return { task, notBefore, ...(Array.isArray(customers) ? { customers: customers.map(String) } : {}) };
  }
  if (task === 'evaluate' && customers === undefined) return { task };
  if (task === 'evaluate' && Array.isArray(customers)) return { task, customers: customers.map(String) };
  throw new InputError({ code: 'not-a-command', message: 'the message is no command to evaluate customers' });
}
