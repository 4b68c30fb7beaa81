import { withBindingCap } from '../../domain/alerts/caps.ts';
import type { Customer } from '../../domain/customer.ts';
import { withAgreedAddress } from '../../domain/entitlement/billing-address.ts';
import { parseKeyHash } from '../../domain/entitlement/keys.ts';
import { type CustomerProfile, newProfile } from '../../domain/entitlement/profile.ts';
import { InputError } from '../../domain/input-error.ts';
import type { ListedCustomer } from '../../domain/segmentation/customer-list.ts';
import { withoutChoices } from '../../domain/segmentation/listed-customer.ts';
import { type EpochMs, formatDate } from '../../domain/time/time.ts';
import type { EvaluationQueue } from '../ports/access-queue.ts';
import type { Directory } from '../ports/directory.ts';
import { importKey } from '../provision-access/keys.ts';
import { updateProfile } from '../provision-access/profiles.ts';
import type { Clock } from '../runtime.ts';

/** Ids in one message to the evaluation: far below what SQS takes. */
const EVALUATED_TOGETHER = 100;
/** What may stand in the authorizer's context, and so in the access log. */
const SAFE_ID = /^[A-Za-z0-9._@-]{1,128}$/;

export interface ImportNeeds {
  readonly directory: Directory;
  readonly evaluations: EvaluationQueue;
  readonly clock: Clock;
}

export interface ImportSummary {
  readonly created: number;
  readonly updated: number;
  readonly unchanged: number;
  readonly keysImported: number;
  /** Keys that belong to another customer already; they stay there. */
  readonly keysTaken: readonly { readonly customer: string; readonly hash: string }[];
  /** Customers of which everything was erased: the file does not bring them back. */
  readonly erased: readonly string[];
}

/**
 * Registers customers and the keys they already use, then asks for their evaluation. Can be repeated: what is there is
 * brought up to date, and a key that is no longer listed keeps working until it is revoked.
 *
 * A customer without `createdAt` is new: the day of its first import is taken, and kept.
 *
 * @throws InputError `unsafe-customer-id`, before anything is written
 */
export async function importCustomers(
  needs: ImportNeeds,
  customers: readonly ListedCustomer[],
): Promise<ImportSummary> {
  checkCustomerIds(customers);
  const counts = { created: 0, updated: 0, unchanged: 0, keysImported: 0 };
  const keysTaken: { customer: string; hash: string }[] = [];
  const toEvaluate: string[] = [];
  const erased: string[] = [];
  for (const listed of customers) {
    const outcome = await store(needs, listed);
    if (outcome === 'erased') {
      erased.push(listed.id);
      continue;
    }
    counts[outcome] += 1;
    toEvaluate.push(listed.id);
    for (const key of listed.keys) {
      const hash = parseKeyHash(key);
      const landed = await importKey(needs, { customer: listed.id, hash, name: 'imported' });
      if (landed === 'imported') counts.keysImported += 1;
      if (landed === 'taken') keysTaken.push({ customer: listed.id, hash });
    }
  }
  for (let i = 0; i < toEvaluate.length; i += EVALUATED_TOGETHER) {
    await needs.evaluations.send({ task: 'evaluate', customers: toEvaluate.slice(i, i + EVALUATED_TOGETHER) });
  }
  return { ...counts, keysTaken, erased };
}

async function store(
  { directory, clock }: ImportNeeds,
  listed: ListedCustomer,
): Promise<'created' | 'updated' | 'unchanged' | 'erased'> {
  const now = clock.now();
  const known = await directory.profile(listed.id);
  if (!known) {
    const made = withAgreedAddress(newProfile(customerOf(listed, now), now), null);
    const outcome = await directory.register(withBindingCap(made, now));
    if (outcome === 'registered') return 'created';
  }
  if (known?.erasedAt !== undefined) return 'erased';
  let changed = false;
  const renew = (profile: CustomerProfile): CustomerProfile | undefined => {
    const said = withoutChoices(listed, profile);
    const customer = { ...customerOf(said, now), createdAt: listed.createdAt ?? profile.customer.createdAt };
    changed = JSON.stringify(customer) !== JSON.stringify(profile.customer);
    const renewed = withAgreedAddress({ ...profile, customer }, profile.customer.overrides);
    return changed ? withBindingCap(renewed, now) : undefined;
  };
  await updateProfile(directory, listed.id, renew, known);
  return changed ? 'updated' : 'unchanged';
}

/** In one order of keys, so that the same customer is the same text. */
function customerOf({ id, name, createdAt, keys, facts, overrides, timeZone }: ListedCustomer, now: EpochMs): Customer {
  return {
    id,
    name,
    createdAt: createdAt ?? formatDate(now),
    keys,
    facts,
    overrides,
    ...(timeZone === undefined ? {} : { timeZone }),
  };
}

/** @throws InputError `unsafe-customer-id` */
export function checkCustomerIds(customers: readonly ListedCustomer[]): void {
  for (const [index, { id }] of customers.entries()) {
    if (SAFE_ID.test(id)) continue;
    throw new InputError({
      code: 'unsafe-customer-id',
      path: `/customers/${index}/id`,
      message: `${JSON.stringify(id)} cannot stand in an access log`,
      hint: 'an id is 1 to 128 of A-Z a-z 0-9 . _ @ -',
    });
  }
}
