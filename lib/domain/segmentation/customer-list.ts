import type { Customer } from '../customer.ts';
import { InputError } from '../input-error.ts';
import { parseBillingTerms } from '../invoicing/parse-billing-terms.ts';
import { nearestHint, withHint } from '../rules/fault.ts';
import { isDate } from '../rules/is-date.ts';
import { pointerTo } from '../rules/json-source.ts';
import type { FactDefinition, FactValue } from '../rules/ruleset.ts';
import type { GivenFacts } from './decide.ts';

/** A customer as its file says it. Only the id is asked for: what decides without the rest may leave it out. */
export type ListedCustomer = Omit<Customer, 'createdAt'> & { readonly createdAt?: string };

const KEYS = ['id', 'name', 'createdAt', 'keys', 'facts', 'overrides', 'timeZone'];
const HASHED_KEY = /^sha256:[0-9a-f]{64}$/;

/** Keys that a team already issued are imported by hash; a key itself never stands in a file. */
export const isHashedKey = (key: unknown): key is string => typeof key === 'string' && HASHED_KEY.test(key);

/**
 * Reads the JSON form of a customers file. Facts keep the type that they have: whether it is the right one is decided
 * per customer, so that one slip does not stop the others.
 * @throws InputError with the JSON pointer: unknown keys, ids that are missing or stand twice, billing terms that cannot be kept
 */
export function parseCustomerList(json: unknown): ListedCustomer[] {
  const customers = customersIn(json).map((entry, index) => parseCustomer(entry, pointerTo('customers', index)));
  checkUnique(customers, (index) => pointerTo('customers', index, 'id'));
  return customers;
}

function customersIn(json: unknown): unknown[] {
  const list = isRecord(json) ? json.customers : undefined;
  if (!isRecord(json) || !Array.isArray(list)) {
    throw fault('', 'missing-key', 'a customers file is { "customers": [ … ] }');
  }
  checkKeys(json, ['$schema', 'customers'], '');
  return list;
}

/** What is left of a customers file when its objects are taken out of it, one 0 for all of them. @throws InputError */
export function checkEnvelope(json: unknown): void {
  const list = customersIn(json);
  if (list.length === 1 && list[0] === 0) return;
  const message = 'a customer is an object, and nothing else stands among them';
  throw fault('/customers', 'wrong-type', message, 'write one list "customers", of objects');
}

/** @throws InputError `duplicate-id` */
export function checkUnique(customers: readonly ListedCustomer[], pathOf: (index: number) => string): void {
  const seen = new Set<string>();
  for (const [index, { id }] of customers.entries()) {
    if (seen.has(id)) throw standsTwice(id, pathOf(index));
    seen.add(id);
  }
}

export const standsTwice = (id: string, path: string): InputError =>
  fault(path, 'duplicate-id', `the customer ${JSON.stringify(id)} stands twice`);

/** One entry of the list. @throws InputError */
export function parseCustomer(entry: unknown, pointer: string): ListedCustomer {
  if (!isRecord(entry)) throw fault(pointer, 'wrong-type', 'a customer is an object');
  checkKeys(entry, KEYS, pointer);
  const { id, name, createdAt, keys = [], facts = {}, overrides = {}, timeZone } = entry;
  if (typeof id !== 'string' || id.trim() === '')
    throw fault(`${pointer}/id`, 'missing-key', '"id" is missing or blank');
  if (name !== undefined && typeof name !== 'string')
    throw fault(`${pointer}/name`, 'wrong-type', 'a name is a string');
  if (createdAt !== undefined && (typeof createdAt !== 'string' || !isDate(createdAt))) {
    throw fault(
      `${pointer}/createdAt`,
      'not-a-date',
      `${JSON.stringify(createdAt)} is not a date such as "2026-01-31"`,
    );
  }
  if (!Array.isArray(keys) || !keys.every(isHashedKey)) {
    throw fault(
      `${pointer}/keys`,
      'not-a-hashed-key',
      'keys are a list of "sha256:" and 64 hex digits',
      'never write the key itself',
    );
  }
  for (const [key, value] of Object.entries({ facts, overrides })) {
    if (!isRecord(value)) throw fault(`${pointer}/${key}`, 'wrong-type', `"${key}" is an object`);
  }
  parseBillingTerms(overrides, `${pointer}/overrides`);
  if (timeZone !== undefined && (typeof timeZone !== 'string' || !isTimeZone(timeZone))) {
    throw fault(`${pointer}/timeZone`, 'unknown-time-zone', `${JSON.stringify(timeZone)} is not an IANA time zone`);
  }
  return {
    id,
    name: name ?? id,
    ...(createdAt === undefined ? {} : { createdAt }),
    keys,
    facts: facts as ListedCustomer['facts'],
    overrides: overrides as ListedCustomer['overrides'],
    ...(timeZone === undefined ? {} : { timeZone }),
  };
}

/** The facts that the file gives: its `facts`, and `createdAt` unless a fact of that name is among them. */
export function customerFacts(customer: Pick<ListedCustomer, 'facts' | 'createdAt'>): GivenFacts {
  const { createdAt, facts } = customer;
  return createdAt === undefined ? facts : { createdAt, ...facts };
}

/** Facts of the file that facts.json does not know: probably slips, and surely without effect. By name, with a hint. */
export function unknownFacts(
  customers: Iterable<ListedCustomer>,
  definitions: readonly FactDefinition[],
): { fact: string; customers: number; hint?: string }[] {
  const counts = new Map<string, number>();
  for (const { facts } of customers) countFacts(facts, counts);
  return unknownAmong(counts, definitions);
}

/** Adds the facts of one customer to how many give each. */
export function countFacts(facts: ListedCustomer['facts'], counts: Map<string, number>): void {
  for (const fact of Object.keys(facts)) counts.set(fact, (counts.get(fact) ?? 0) + 1);
}

/** As {@link unknownFacts}, of facts counted already. */
export function unknownAmong(counts: ReadonlyMap<string, number>, definitions: readonly FactDefinition[]) {
  const defined = new Set(definitions.map(({ id }) => id));
  const known = definitions.filter(({ source }) => source !== 'usage').map(({ id }) => id);
  return [...counts]
    .filter(([fact]) => !defined.has(fact))
    .map(([fact, count]) => ({ fact, customers: count, ...withHint(nearestHint(fact, known)) }));
}

/** One cell of a CSV file as the fact's type wants it; text that does not fit stays text, and is reported as unusable. */
export function factFromText(text: string, definition: FactDefinition): FactValue {
  switch (definition.type) {
    case 'number':
      return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? finite(text) : text;
    case 'boolean':
      return /^(true|yes)$/i.test(text) ? true : /^(false|no)$/i.test(text) ? false : text;
    case 'list':
      return text.split(/[;|]/).map((item) => item.trim());
    case 'object':
      return objectFromText(text);
    default:
      return text;
  }
}

const finite = (text: string): FactValue => (Number.isFinite(Number(text)) ? Number(text) : text);

function objectFromText(text: string): FactValue {
  try {
    return JSON.parse(text) as FactValue;
  } catch {
    return text;
  }
}

function checkKeys(value: Record<string, unknown>, known: readonly string[], pointer: string): void {
  const unknown = Object.keys(value).find((key) => !known.includes(key));
  if (unknown === undefined) return;
  throw fault(
    `${pointer}${pointerTo(unknown)}`,
    'unknown-key',
    `unknown key "${unknown}"`,
    nearestHint(unknown, known),
  );
}

const fault = (path: string, code: string, message: string, hint?: string): InputError =>
  new InputError({ path, code, message, ...withHint(hint) });

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Asking for a zone is slow, and a million customers live in few. */
const zones = new Map<string, boolean>();
const ZONES_REMEMBERED = 1_000;

export function isTimeZone(name: string): boolean {
  const known = zones.get(name);
  if (known !== undefined) return known;
  const found = opensZone(name);
  if (zones.size < ZONES_REMEMBERED) zones.set(name, found);
  return found;
}

function opensZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
