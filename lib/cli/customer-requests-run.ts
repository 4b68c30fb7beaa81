import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { alertStores } from '../adapters/dynamodb-notices/alert-stores.ts';
import { memoryCustomerRequests } from '../adapters/memory/customer-requests.ts';
import { memoryPortalStore } from '../adapters/memory/portal.ts';
import { stripeLimiter } from '../adapters/stripe/limiter.ts';
import { stripeCorrections } from '../adapters/stripe/stripe-corrections.ts';
import { type ErasePorts, eraseCustomer } from '../app/fulfil-requests/erase-customer.ts';
import { type SettlePorts, settleRequest } from '../app/fulfil-requests/settle-request.ts';
import type { BouncedAddresses } from '../app/ports/notices.ts';
import { updateProfile } from '../app/provision-access/profiles.ts';
import { type Runtime, requireEnv } from '../app/runtime.ts';
import { withoutTrouble } from '../domain/entitlement/mail-trouble.ts';
import { InputError } from '../domain/input-error.ts';
import type { CustomerRequest } from '../domain/portal/request.ts';
import { formatTimestamp } from '../domain/time/time.ts';
import { portalStoresOf } from '../local/portal-stores.ts';
import type { StackFlags } from './connect-options.ts';
import type { Io } from './io.ts';
import { operatorOf } from './operating.ts';

/** What the commands work on. */
export type RequestStores = SettlePorts & ErasePorts & { readonly alerts: { readonly bounces: BouncedAddresses } };
/** Finds the stack; a test gives its own stores. */
export type FindRequestStores = (flags: StackFlags, io: Io) => Promise<RequestStores>;

const ofStack: FindRequestStores = async (flags, io) => {
  const { connect } = await import('./connect.ts');
  const { stores, runtime, stripe } = await connect(flags, io);
  const billing = stripeCorrections(stripe, stripeLimiter(runtime));
  // A stack without a portal keeps no people and no requests: there is nothing of them to find, or to erase.
  const portal =
    runtime.env.PORTAL_TABLE === undefined
      ? { store: memoryPortalStore(), requests: memoryCustomerRequests(), alerts: alertStoresOf(runtime) }
      : portalStoresOf(runtime);
  return { ...stores, ...portal, billing, files: stores.records, clock: runtime.clock };
};

/** Alerts are there without a portal too. */
const alertStoresOf = (runtime: Runtime) =>
  alertStores(new DynamoDBClient(runtime.clientConfig('dynamodb')), requireEnv(runtime, 'NOTICES_TABLE'));

type Flags = StackFlags & { readonly json?: true };

export async function runRequests(flags: Flags, io: Io, find: FindRequestStores = ofStack): Promise<void> {
  const waiting = await (await find(flags, io)).requests.waiting();
  if (flags.json) io.stdout.write(`${JSON.stringify({ requests: waiting.map(shown) }, null, 2)}\n`);
  else io.stdout.write(waiting.length === 0 ? 'nothing waits\n' : waiting.map(text).join('\n'));
}

const shown = ({ customer, id, kind, subject, statement, askedAt, askedBy }: CustomerRequest) => ({
  ...{ customer, id, kind, subject, statement, askedBy },
  askedAt: formatTimestamp(askedAt),
});

const text = ({ customer, id, kind, subject, statement, askedAt, askedBy }: CustomerRequest): string =>
  `${customer} ${id}\n  ${kind === 'correct' ? 'correct' : 'objects to'} ${subject}, ${formatTimestamp(askedAt)}, ${askedBy}\n` +
  `${statement
    .split(/\r?\n/)
    .map((line) => `  | ${line}\n`)
    .join('')}`;

export interface SettleFlags extends Flags {
  readonly customer: string;
  readonly request: string;
  readonly answer: string;
  readonly refuse?: true;
  readonly value?: string;
  readonly by?: string;
}

/** @throws InputError see {@link settleRequest} */
export async function runSettle(flags: SettleFlags, io: Io, find: FindRequestStores = ofStack): Promise<void> {
  const { customer, request: id, answer, value } = flags;
  const by = operatorOf({ ...flags, reason: answer }, io).by;
  const state = flags.refuse ? 'refused' : 'done';
  const settlement = { customer, id, answer, by, state, ...(value === undefined ? {} : { value }) } as const;
  const settled = await settleRequest(settlement, await find(flags, io));
  const line = `request ${id} of ${customer} is ${settled.state}${value === undefined ? '' : `, ${settled.subject} is put right`}\n`;
  io.stdout.write(flags.json ? `${JSON.stringify({ ...shown(settled), state: settled.state, answer })}\n` : line);
}

/** @throws InputError `unknown-customer`, `takes-mail` */
export async function runMailAgain(
  flags: Flags & { readonly customer: string; readonly address: string },
  io: Io,
  find: FindRequestStores = ofStack,
): Promise<void> {
  const { directory, alerts } = await find(flags, io);
  const { customer } = flags;
  const address = flags.address.trim().toLowerCase();
  const profile = await directory.profile(customer);
  if (!profile) throw unknownCustomer(customer);
  if (!profile.mailTrouble?.some((trouble) => trouble.address === address)) {
    const hint = `tollgate customers show ${customer} names those that take none`;
    throw new InputError({ code: 'takes-mail', message: `no mail to ${address} of ${customer} came back`, hint });
  }
  await alerts.bounces.forget(address);
  await updateProfile(directory, customer, (known) => withoutTrouble(known, (trouble) => trouble.address === address));
  const line = `${address} of ${customer} is mailed again\n`;
  io.stdout.write(flags.json ? `${JSON.stringify({ customer, address, mailed: true })}\n` : line);
}

const unknownCustomer = (customer: string): InputError =>
  new InputError({
    ...{ code: 'unknown-customer', message: `there is no customer ${customer}` },
    hint: 'tollgate customers list names them all',
  });

/** @throws InputError `unknown-customer` */
export async function runErase(
  flags: Flags & { readonly customer: string; readonly yes?: true },
  io: Io,
  find: FindRequestStores = ofStack,
): Promise<void> {
  const { customer } = flags;
  const stores = await find(flags, io);
  const [profile, keys, members] = await Promise.all([
    stores.directory.profile(customer),
    stores.directory.keys(customer),
    stores.store.members(customer),
  ]);
  if (!profile) throw unknownCustomer(customer);
  const counts = { keys: keys.length, members: members.length, facts: Object.keys(profile.customer.facts).length };
  if (flags.yes) await eraseCustomer(customer, stores);
  const erased = flags.yes === true;
  const what = `the name, ${counts.facts} facts, ${counts.keys} keys and ${counts.members} people of ${customer}`;
  const line = erased
    ? `erased: ${what}; the account is closed\n`
    : `would erase ${what} and close the account: nothing written, say --yes to do it\n`;
  io.stdout.write(flags.json ? `${JSON.stringify({ customer, erased, ...counts })}\n` : line);
}
