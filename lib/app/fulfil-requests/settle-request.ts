import { InputError } from '../../domain/input-error.ts';
import { type CustomerRequest, needsPerson } from '../../domain/portal/request.ts';
import { parseRuleset } from '../../domain/rules/parse-ruleset.ts';
import type { FactValue } from '../../domain/rules/ruleset.ts';
import { factFromText } from '../../domain/segmentation/customer-list.ts';
import { isOfType, WANTED } from '../../domain/segmentation/resolve-facts.ts';
import { hourOf } from '../../domain/time/time.ts';
import { setFact } from '../portal/portal-data.ts';
import type { EvaluationQueue } from '../ports/access-queue.ts';
import type { CustomerRequests } from '../ports/customer-requests.ts';
import type { Directory } from '../ports/directory.ts';
import type { PortalStore } from '../ports/portal-store.ts';
import type { Rulesets } from '../ports/rulesets.ts';
import type { Clock } from '../runtime.ts';

export interface SettlePorts {
  readonly requests: CustomerRequests;
  readonly store: Pick<PortalStore, 'appendAudit'>;
  readonly directory: Directory;
  readonly rulesets: Pick<Rulesets, 'inForceAt'>;
  readonly evaluations: EvaluationQueue;
  readonly clock: Clock;
}

export interface Settlement {
  readonly customer: string;
  readonly id: string;
  readonly state: 'done' | 'refused';
  /** In words: the customer reads them. */
  readonly answer: string;
  readonly by: string;
  /** Of a correction: the fact's right value, as text. */
  readonly value?: string;
}

/**
 * A person's answer to what a customer asked. With a value, the fact is put right first and the customer decided anew, so that
 * an answer never says what has not been done; whoever repeats it after a crash finds the fact right already.
 *
 * @throws InputError `unknown-request`, `not-waiting`, `no-correction`, `unknown-fact`, `wrong-type`
 */
export async function settleRequest(settlement: Settlement, ports: SettlePorts): Promise<CustomerRequest> {
  const { customer, id, state, answer, by, value } = settlement;
  const { requests, store, clock } = ports;
  const request = await requests.one(customer, id);
  const hint = 'tollgate customers requests lists those that wait';
  if (!request) throw new InputError({ code: 'unknown-request', message: `${customer} has no request ${id}`, hint });
  if (!needsPerson(request)) {
    throw new InputError({ code: 'not-waiting', message: `request ${id} is ${request.state} already`, hint });
  }
  if (value !== undefined) await putRight(request, state, value, ports);
  const settled = { ...request, state, answer, settledAt: clock.now(), settledBy: by, version: request.version + 1 };
  if ((await requests.put(settled)) === 'conflict') {
    throw new InputError({ code: 'not-waiting', message: `request ${id} was settled by somebody else just now`, hint });
  }
  const entry = { customer, at: clock.now(), id: `settled-${id}`, action: 'request-settled' as const };
  await store.appendAudit({ ...entry, actor: by, subject: request.subject });
  return settled;
}

async function putRight(
  { customer, kind, subject }: CustomerRequest,
  state: Settlement['state'],
  text: string,
  { directory, rulesets, evaluations, clock }: SettlePorts,
): Promise<void> {
  if (kind !== 'correct' || state !== 'done') {
    throw new InputError({
      code: 'no-correction',
      path: '--value',
      message: 'only a correction that is followed has one',
    });
  }
  const record = await rulesets.inForceAt(hourOf(clock.now()));
  const definition = record && parseRuleset(record.files).facts.find(({ id }) => id === subject);
  if (definition?.source !== 'customer') {
    const message = `${subject} is not a fact that is told: what is counted from usage is put right there`;
    throw new InputError({ code: 'unknown-fact', path: '--value', message });
  }
  const value: FactValue = factFromText(text, definition);
  if (!isOfType(value, definition.type)) {
    const message = `${JSON.stringify(value)} is not ${WANTED[definition.type]}`;
    throw new InputError({ code: 'wrong-type', path: '--value', message });
  }
  await setFact(directory, customer, subject, value);
  await evaluations.send({ task: 'evaluate', customers: [customer] });
}
