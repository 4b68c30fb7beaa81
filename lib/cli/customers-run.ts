import { resolve } from 'node:path';
import { readCustomersFile } from '../adapters/customers-file/read-customers.ts';
import { readRulesFolder } from '../adapters/rules-folder/read-rules-folder.ts';
import { checkCustomerIds, type ImportSummary, importCustomers } from '../app/import-customers/import-customers.ts';
import { inParallel } from '../app/in-parallel.ts';
import type { AccessQueue, EvaluationQueue } from '../app/ports/access-queue.ts';
import type { Directory } from '../app/ports/directory.ts';
import { createKey, revokeKey } from '../app/provision-access/keys.ts';
import type { Clock, Randomness } from '../app/runtime.ts';
import { hashKey } from '../domain/entitlement/keys.ts';
import type { CustomerProfile } from '../domain/entitlement/profile.ts';
import type { CustomerKey } from '../domain/entitlement/snapshot.ts';
import { InputError } from '../domain/input-error.ts';
import { parseRuleset } from '../domain/rules/parse-ruleset.ts';
import { formatTimestamp } from '../domain/time/time.ts';
import type { StackFlags } from './connect-options.ts';
import type { Io } from './io.ts';

/** What the commands work on. */
export interface CustomerStores {
  readonly directory: Directory;
  readonly queue: AccessQueue;
  readonly evaluations: EvaluationQueue;
  readonly clock: Clock;
  readonly random: Randomness;
}

/** Finds the stack; a test gives its own stores. */
export type FindStores = (flags: StackFlags, io: Io) => Promise<CustomerStores>;

const ofStack: FindStores = async (flags, io) => {
  const { connect } = await import('./connect.ts');
  const { stores, runtime } = await connect(flags, io);
  return { ...stores, clock: runtime.clock, random: runtime.random };
};

export interface CustomersFlags extends StackFlags {
  readonly json?: true;
}

export interface ImportFlags extends CustomersFlags {
  readonly file: string;
  readonly rules: string;
  readonly dryRun?: true;
}

/** @throws InputError for a file that is not right, before anything is written */
export async function runImport(flags: ImportFlags, io: Io, find: FindStores = ofStack): Promise<void> {
  const { facts } = parseRuleset(await readRulesFolder(resolve(io.cwd, flags.rules)));
  const customers = await readCustomersFile(resolve(io.cwd, flags.file), facts);
  checkCustomerIds(customers);
  if (flags.dryRun) {
    const keys = customers.reduce((sum, customer) => sum + customer.keys.length, 0);
    const summary = { customers: customers.length, keys, written: false };
    io.stdout.write(
      flags.json ? `${JSON.stringify(summary)}\n` : `${customers.length} customers, ${keys} keys: nothing written\n`,
    );
    return;
  }
  const summary = await importCustomers(await find(flags, io), customers);
  io.stdout.write(flags.json ? `${JSON.stringify(summary)}\n` : summaryText(summary));
  for (const { customer, hash } of summary.keysTaken) {
    io.stderr.write(`error: sha256:${hash} of ${customer} belongs to another customer already and stays there\n`);
  }
  for (const customer of summary.erased) {
    io.stderr.write(`error: ${customer} was erased, and is not brought back: take it out of the file\n`);
  }
  if (summary.keysTaken.length > 0 || summary.erased.length > 0) io.exitCode = 1;
}

const READ_AT_ONCE = 16;

/** One line for each customer, in the order of their ids. */
export async function runList(flags: CustomersFlags, io: Io, find: FindStores = ofStack): Promise<void> {
  const { directory } = await find(flags, io);
  const ids: string[] = [];
  for await (const id of directory.customers()) ids.push(id);
  const read = await inParallel(ids, READ_AT_ONCE, (id) => directory.profile(id));
  // An id is listed before its profile is written: such a customer is not there yet.
  const profiles = read.flatMap((profile) => profile ?? []);
  const rows = profiles.map(({ customer, status, access, mailTrouble = [] }) => ({
    ...{ id: customer.id, name: customer.name, status, rateCard: access.rateCard },
    takesNoMail: mailTrouble.map(({ address }) => address),
  }));
  if (flags.json) io.stdout.write(`${JSON.stringify({ customers: rows }, null, 2)}\n`);
  else
    io.stdout.write(
      columns(
        rows.map(({ id, status, rateCard, name, takesNoMail }) => [
          ...[id, status, rateCard ?? '-', name ?? ''],
          ...(takesNoMail.length === 0 ? [] : [`takes no mail: ${takesNoMail.join(', ')}`]),
        ]),
      ),
    );
}

/** @throws InputError `unknown-customer` */
export async function runShow(
  flags: CustomersFlags & { readonly customer: string },
  io: Io,
  find: FindStores = ofStack,
): Promise<void> {
  const { directory } = await find(flags, io);
  const profile = await knownCustomer(directory, flags.customer);
  const keys = await directory.keys(flags.customer);
  const shown = { customer: profile.customer, ...standing(profile), keys: keys.map(keyView) };
  io.stdout.write(flags.json ? `${JSON.stringify(shown, null, 2)}\n` : customerText(profile, keys));
}

export interface CreateKeyFlags extends CustomersFlags {
  readonly customer: string;
  readonly name: string;
  readonly test?: true;
}

/** @throws InputError `unknown-customer` */
export async function runCreateKey(flags: CreateKeyFlags, io: Io, find: FindStores = ofStack): Promise<void> {
  const request = { customer: flags.customer, name: flags.name, mode: flags.test ? 'test' : 'live' } as const;
  const { key, stored } = await createKey(await find(flags, io), request);
  if (flags.json) {
    io.stdout.write(`${JSON.stringify({ key, hash: stored.hash, mode: stored.mode, lastFour: stored.lastFour })}\n`);
    return;
  }
  io.stdout.write(`${key}\n`);
  io.stderr.write('Shown this once: only its hash is kept.\n');
}

/** @throws InputError `unknown-customer`, `unknown-key`, `ambiguous-key` */
export async function runRevokeKey(
  flags: CustomersFlags & { readonly customer: string; readonly key: string },
  io: Io,
  find: FindStores = ofStack,
): Promise<void> {
  const stores = await find(flags, io);
  await knownCustomer(stores.directory, flags.customer);
  const key = keyMeant(await stores.directory.keys(flags.customer), flags);
  await revokeKey(stores, flags.customer, key.hash);
  const { name, hash } = key;
  const text = `${name} (${shortHash(hash)}) of ${flags.customer} is revoked\n`;
  io.stdout.write(flags.json ? `${JSON.stringify({ customer: flags.customer, name, hash, revoked: true })}\n` : text);
}

const HASH_PREFIX = /^(?:sha256:)?([0-9a-f]{8,64})$/;

function keyMeant(keys: readonly CustomerKey[], { customer, key }: { customer: string; key: string }): CustomerKey {
  const [, prefix] = HASH_PREFIX.exec(key) ?? [];
  const itself = hashKey(key);
  const meant = keys.filter(
    ({ name, hash }) => name === key || hash === itself || (prefix !== undefined && hash.startsWith(prefix)),
  );
  // A key of that name that was revoked before is not the one to stop now.
  const active = meant.filter(({ state }) => state === 'active');
  const [found, second] = active.length > 0 ? active : meant;
  if (found && !second) return found;
  throw new InputError({
    code: found ? 'ambiguous-key' : 'unknown-key',
    // Not what was given: it may be a key in clear.
    message: found ? `several keys of ${customer} are meant` : `${customer} has no such key`,
    hint: `name it by the start of its hash: tollgate customers show ${customer}`,
  });
}

async function knownCustomer(directory: Directory, customer: string): Promise<CustomerProfile> {
  const profile = await directory.profile(customer);
  if (profile) return profile;
  throw new InputError({
    code: 'unknown-customer',
    message: `there is no customer ${JSON.stringify(customer)}`,
    hint: 'tollgate customers list names them all',
  });
}

/** Where a customer stands, without the internal key: it never leaves the account. */
function standing({ status, statusReason, spend, registeredAt, access, billing, mailTrouble = [] }: CustomerProfile) {
  return {
    billingAddress: billing.email,
    mailTrouble: mailTrouble.map(({ at, ...trouble }) => ({ ...trouble, at: formatTimestamp(at) })),
    ...{ status, statusReason, spend, registeredAt: formatTimestamp(registeredAt) },
    rateCard: access.rateCard,
    usagePlan: access.current?.usagePlan ?? null,
  };
}

const keyView = ({ hash, name, mode, prefix, lastFour, state, createdAt, revokedAt }: CustomerKey) => ({
  ...{ hash, name, mode, prefix, lastFour, state, createdAt: formatTimestamp(createdAt) },
  revokedAt: revokedAt === null ? null : formatTimestamp(revokedAt),
});

function customerText(profile: CustomerProfile, keys: readonly CustomerKey[]): string {
  const { customer } = profile;
  const { status, statusReason, spend, registeredAt, rateCard, usagePlan, billingAddress, mailTrouble } =
    standing(profile);
  const facts = columns([
    ['customer', `${customer.id}${customer.name ? ` (${customer.name})` : ''}`],
    [
      'status',
      `${status}${statusReason === null ? '' : ` (${statusReason})`}${spend === 'open' ? '' : ', cap reached'}`,
    ],
    ['rate card', rateCard ?? 'none yet'],
    ['usage plan', usagePlan ?? 'none yet'],
    ['registered', registeredAt],
    ['billing address', billingAddress ?? 'none yet'],
    ...mailTrouble.map(({ address, at, reason }) => ['takes no mail', `${address} since ${at} (${reason})`]),
  ]);
  const rows = keys.map(({ hash, name, mode, prefix, lastFour, state }) => {
    const shown = lastFour === null ? 'imported' : `${prefix ?? ''}…${lastFour}`;
    return [shortHash(hash), name, mode, state, shown];
  });
  return `${facts}\n${rows.length === 0 ? 'no keys\n' : columns([['key', 'name', 'mode', 'state', 'shown'], ...rows])}`;
}

const shortHash = (hash: string): string => hash.slice(0, 12);

/** Left-aligned columns, two spaces apart. */
function columns(rows: readonly (readonly string[])[]): string {
  const widths = rows.reduce<number[]>((found, row) => {
    return row.map((cell, i) => Math.max(cell.length, found[i] ?? 0));
  }, []);
  return rows
    .map(
      (row) =>
        `${row
          .map((cell, i) => cell.padEnd(widths[i] ?? 0))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
}

function summaryText({ created, updated, unchanged, keysImported }: ImportSummary): string {
  return `${created} created, ${updated} updated, ${unchanged} unchanged; ${keysImported} keys imported\n`;
}
