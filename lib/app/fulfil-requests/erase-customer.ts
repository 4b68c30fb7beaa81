import { withoutChange } from '../../domain/entitlement/billing-address.ts';
import type { CustomerProfile } from '../../domain/entitlement/profile.ts';
import type { CustomerKey } from '../../domain/entitlement/snapshot.ts';
import { InputError } from '../../domain/input-error.ts';
import { digestOf } from '../../domain/invoicing/canonical.ts';
import { withoutNames } from '../../domain/invoicing/parse-billing-terms.ts';
import type { AuditEntry } from '../../domain/portal/audit.ts';
import { billedCustomer } from '../invoice-customer/stripe-customer.ts';
import type { AccessQueue } from '../ports/access-queue.ts';
import type { BillingCorrections } from '../ports/billing.ts';
import type { CustomerRequests } from '../ports/customer-requests.ts';
import type { Directory } from '../ports/directory.ts';
import type { AlertSettingsStore, Deliveries } from '../ports/notices.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import type { PortalStore } from '../ports/portal-store.ts';
import { entitlement } from '../provision-access/entitlement.ts';
import { revokeKey } from '../provision-access/keys.ts';
import { updateProfile } from '../provision-access/profiles.ts';
import type { Clock } from '../runtime.ts';

export interface ErasePorts {
  readonly directory: Directory;
  readonly queue: AccessQueue;
  readonly store: PortalStore;
  readonly requests: CustomerRequests;
  /** Where files that were made for customers lie. */
  readonly files: Pick<ObjectStore, 'put'>;
  /** Whom it told, and where. */
  readonly alerts: {
    readonly settings: Pick<AlertSettingsStore, 'settings' | 'removeSettings'>;
    readonly deliveries: Pick<Deliveries, 'removeDeliveries'>;
  };
  readonly billing: Pick<BillingCorrections, 'forgetCustomer'>;
  readonly clock: Clock;
}

export const ERASED = 'erased';
/** More than any audit trail; every entry is the customer's. */
const ALL = 100_000;

/**
 * Erases what law allows of one customer: its name, facts and address; its keys and their names; its people and who was
 * invited; the names in its audit trail; its own words in requests; whom alerts went to; the files that were made for it. What bills is kept: the
 * id, the ledger's lines (which hold only the id), closed hours, decisions, agreements, invoices and credits. Usage that is
 * not invoiced yet still is.
 *
 * The account is closed first, so that from the first write on it opens nothing. Each step can be repeated and finds what
 * is left; a run after a crash anywhere goes on, and a second run over all of it changes nothing.
 *
 * @throws InputError `unknown-customer`
 */
export async function eraseCustomer(customer: string, ports: ErasePorts): Promise<void> {
  const { directory, queue, clock } = ports;
  const now = clock.now();
  const profile = await updateProfile(directory, customer, (known) => erasedProfile(known, now));
  if (!profile) throw new InputError({ code: 'unknown-customer', message: `there is no customer ${customer}` });
  await entitlement({ directory, queue, clock }).set(customer, 'closed', 'closed');
  for (const key of await directory.keys(customer)) {
    if (key.state === 'active') await revokeKey(ports, customer, key.hash);
    await directory.putKey(erasedKey(key, now));
  }
  await erasePeople(customer, ports);
  await eraseWords(customer, ports);
  await eraseAlerts(customer, ports);
  await forgetAtStripe(customer, ports);
}

/**
 * Last, so that Stripe being away holds up nothing else. What Stripe was told stands in the profile: a run that was cut off
 * tells it again, and one after it is done asks nothing.
 *
 * @throws Error when Stripe could not be reached, or refuses: the request is tried again, then waits among the dead letters
 */
async function forgetAtStripe(customer: string, { directory, billing, clock }: ErasePorts): Promise<void> {
  const profile = await directory.profile(customer);
  if (!profile || profile.billing.stripeCustomer === null) return;
  const left = billedCustomer(profile);
  const toldStripe = digestOf(left);
  if (profile.billing.toldStripe === toldStripe) return;
  const { stripeCustomer } = profile.billing;
  const answer = await billing.forgetCustomer(stripeCustomer, left, `tollgate-forget-${customer}-${clock.now()}`);
  if (!answer.ok) throw new Error(`Stripe still knows ${customer}: ${answer.fault.kind} ${answer.fault.message}`);
  await updateProfile(directory, customer, (known) => ({ ...known, billing: { ...known.billing, toldStripe } }));
}

/** Undefined when nothing is left to erase, so that repeating it writes nothing. */
function erasedProfile(profile: CustomerProfile, now: number): CustomerProfile | undefined {
  if (profile.erasedAt !== undefined) return undefined;
  const { id } = profile.customer;
  const { mailTrouble: _addresses, reopensAt: _never, ...rest } = withoutChange(profile);
  return {
    ...rest,
    customer: {
      ...profile.customer,
      name: id,
      keys: [],
      facts: {},
      overrides: withoutNames(profile.customer.overrides),
    },
    ...(profile.choices === undefined ? {} : { choices: profile.choices.map((one) => ({ ...one, by: ERASED })) }),
    billing: { ...rest.billing, email: null },
    erasedAt: now,
  };
}

/** Its hash stays: a revoked key must never come back as another's. */
const erasedKey = (key: CustomerKey, now: number): CustomerKey => ({
  ...key,
  ...{ name: ERASED, prefix: null, lastFour: null, state: 'revoked' },
  revokedAt: key.revokedAt ?? now,
});

/**
 * Addresses, its webhook, and which of them got what. Notices themselves name only the id. That an address takes no mail is
 * kept under its hash alone: it must not be written to again, whoever gives it next.
 */
async function eraseAlerts(customer: string, { alerts }: ErasePorts): Promise<void> {
  const { settings, deliveries } = alerts;
  await deliveries.removeDeliveries(customer);
  await settings.removeSettings(customer);
}

async function erasePeople(customer: string, { store }: ErasePorts): Promise<void> {
  // Those that have run out as well.
  for (const { email } of await store.invitations(customer, 0)) await store.removeInvitation(customer, email);
  for (const member of await store.members(customer)) await store.removeMember(member);
  for (const entry of await store.audit(customer, ALL)) {
    const rewritten = pseudonymous(entry);
    if (rewritten.actor !== entry.actor || rewritten.subject !== entry.subject) await store.rewriteAudit(rewritten);
  }
}

/** What was done and when stays; by whom and to what does not. The same names become the same pseudonym nowhere. */
export const pseudonymous = (entry: AuditEntry): AuditEntry =>
  entry.action === 'account-erased' ? entry : { ...entry, actor: ERASED, subject: entry.subject === '' ? '' : ERASED };

async function eraseWords(customer: string, { requests, files }: ErasePorts): Promise<void> {
  for (const request of await requests.ofCustomer(customer)) {
    if (request.file) await files.put(request.file.key, new Uint8Array());
    if (request.kind === 'erase' || request.askedBy === ERASED) continue;
    const settled = request.state === 'open' ? { state: 'failed' as const, answer: 'the account was erased' } : {};
    const erased = { ...request, ...settled, askedBy: ERASED, statement: '', file: null };
    // A writer that is faster has settled it: the next run finds what it left.
    await requests.put({ ...erased, version: request.version + 1 });
  }
}
