import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { readCustomersFile } from '../adapters/customers-file/read-customers.ts';
import { readRulesFolder } from '../adapters/rules-folder/read-rules-folder.ts';
import { InputError } from '../domain/input-error.ts';
import { parseDecimal } from '../domain/money/decimal.ts';
import { hashRuleset } from '../domain/rules/hash-ruleset.ts';
import { parseRuleset } from '../domain/rules/parse-ruleset.ts';
import type { Ruleset } from '../domain/rules/ruleset.ts';
import { customerFacts, type ListedCustomer, unknownFacts } from '../domain/segmentation/customer-list.ts';
import type { DecisionContext, GivenFacts } from '../domain/segmentation/decide.ts';
import { type CallRecord, callMeter, hoursOfCalls } from '../domain/segmentation/hours-of-calls.ts';
import { usageFacts } from '../domain/segmentation/usage-facts.ts';
import { type Hour, hourOf, parseDate, parseHour, parseTimestamp } from '../domain/time/time.ts';
import type { DecideFlags } from './decide.ts';
import type { Io } from './io.ts';

/** Rules, customers and their facts, ready to decide. */
export interface DecideInput {
  readonly ruleset: Ruleset;
  readonly customers: readonly ListedCustomer[];
  factsOf(customer: ListedCustomer): GivenFacts;
  contextOf(customer: ListedCustomer): DecisionContext;
}

/** Reads everything that `decide` and `explain` need; slips in the customers file are warnings on stderr. @throws InputError */
export async function readDecideInput(flags: DecideFlags, io: Io): Promise<DecideInput> {
  const files = await readRulesFolder(resolve(io.cwd, flags.rules), flags.rules);
  const ruleset = inFolder(flags.rules, () => parseRuleset(files));
  const at = flags.at === undefined ? hourOf(io.clock.now()) : parseAt(flags.at);
  const customers = await readCustomers(flags.customers, ruleset, io);
  const usage = flags.usage === undefined ? null : await readUsage(resolve(io.cwd, flags.usage), flags.usage);
  const meter = callMeter(ruleset.meters);
  const routeGroups = (ruleset.meters.routeGroups ?? []).map(({ id }) => id);
  const version = { hash: hashRuleset(files), commit: 'uncommitted' };
  if (usage) warnOfStrangers(usage, customers, flags, io);
  return {
    ruleset,
    customers,
    factsOf: (customer) => {
      const records = usage?.get(customer.id);
      if (!usage) return customerFacts(customer);
      const hours = hoursOfCalls(records ?? [], meter);
      return { ...usageFacts({ hours, at, routeGroups }, ruleset.facts), ...customerFacts(customer) };
    },
    contextOf: ({ id }) => ({ customer: id, at, ruleset: version }),
  };
}

/** Faults of the rules name the folder as it was typed. */
function inFolder<T>(dir: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    const { code, message, path, hint } = error;
    const file = `${dir.replace(/[\\/]+$/, '')}/${path}`;
    throw new InputError({ code, message, path: file, hint: hint ?? 'tollgate validate shows all of them' });
  }
}

/** A day is its first hour in UTC. @throws InputError */
export function parseAt(text: string): Hour {
  try {
    return hourOf(/^\d{4}-\d\d-\d\d$/.test(text) ? parseDate(text) : parseTimestamp(text));
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new InputError({ code: error.code, message: error.message, path: '--at' });
  }
}

async function readCustomers(file: string, ruleset: Ruleset, io: Io): Promise<ListedCustomer[]> {
  const customers = await readCustomersFile(resolve(io.cwd, file), ruleset.facts).catch((error: unknown) => {
    if (!(error instanceof InputError)) throw error;
    const { code, message, path, hint } = error;
    const shown = path.replace(resolve(io.cwd, file), file);
    throw new InputError({ code, message, path: shown, ...(hint === undefined ? {} : { hint }) });
  });
  for (const { fact, customers: count, hint } of unknownFacts(customers, ruleset.facts)) {
    const more = hint === undefined ? '' : ` (${hint})`;
    const times = count === 1 ? 'once' : `${count} times`;
    io.stderr.write(`warning: ${file}: facts.json has no fact "${fact}", which is given ${times}${more}\n`);
  }
  return customers;
}

type Usage = ReadonlyMap<string, readonly CallRecord[]>;

/** What `meter` answers, one usage object, or one a line. @throws InputError */
async function readUsage(path: string, name: string): Promise<Usage> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    const message = error.code === 'ENOENT' ? 'no such file' : error.message;
    throw new InputError({ code: 'cannot-read', path: name, message });
  });
  const byCustomer = new Map<string, CallRecord[]>();
  const add = (customer: unknown, record: unknown, path: string) => {
    const checked = callRecord(record, path);
    if (typeof customer !== 'string') {
      throw new InputError({ code: 'missing-key', path, message: 'usage without a "customer"' });
    }
    const list = byCustomer.get(customer);
    if (list) list.push(checked);
    else byCustomer.set(customer, [checked]);
  };
  for (const { json, place } of jsonValues(text.replace(/^\uFEFF/, ''), name)) {
    const { customer, usage, records } = (json ?? {}) as { customer?: unknown; usage?: unknown; records?: unknown };
    const pathTo = (pointer: string) => `${name}${place} ${pointer}`;
    if (Array.isArray(records)) {
      for (const [i, record] of records.entries()) add(record?.customer, record, pathTo(`/records/${i}`));
    } else if (Array.isArray(usage)) {
      for (const [i, record] of usage.entries()) add(customer, record, pathTo(`/usage/${i}`));
    } else {
      const message = 'neither "records", as tollgate meter answers, nor "usage"';
      throw new InputError({ code: 'missing-key', path: `${name}${place}`, message });
    }
  }
  return byCustomer;
}

/** What is no quantity, or no hour, would make facts of nothing. @throws InputError */
function callRecord(record: unknown, path: string): CallRecord {
  if (typeof record !== 'object' || record === null) {
    throw new InputError({ code: 'not-an-object', path, message: 'a usage record is an object' });
  }
  const { quantity = 0, hour } = record as { quantity?: unknown; hour?: unknown };
  if (typeof hour === 'string') at(`${path}/hour`, () => parseHour(hour));
  const found = typeof quantity === 'string' ? at(`${path}/quantity`, () => parseDecimal(quantity).units) : quantity;
  if ((typeof found === 'bigint' || typeof found === 'number') && found >= 0) return record as CallRecord;
  const message = `${JSON.stringify(quantity)} is not a quantity of 0 or more`;
  throw new InputError({ code: 'not-a-quantity', path: `${path}/quantity`, message });
}

function at<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new InputError({ code: error.code, path, message: error.message });
  }
}

/** One JSON value, or one a line. */
function* jsonValues(text: string, name: string): Generator<{ json: unknown; place: string }> {
  try {
    const json: unknown = JSON.parse(text);
    yield { json, place: '' };
    return;
  } catch {
    // Not one value: then one on each line.
  }
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    yield { json: parseLine(line, `${name}:${index + 1}`), place: `:${index + 1}` };
  }
}

function parseLine(line: string, path: string): unknown {
  try {
    return JSON.parse(line);
  } catch (error) {
    throw new InputError({ code: 'not-json', path, message: `not JSON: ${(error as SyntaxError).message}` });
  }
}

function warnOfStrangers(usage: Usage, customers: readonly ListedCustomer[], flags: DecideFlags, io: Io): void {
  const known = new Set(customers.map(({ id }) => id));
  const strangers = [...usage.keys()].filter((id) => !known.has(id));
  if (strangers.length === 0) return;
  const shown = strangers.slice(0, 3).join(', ');
  io.stderr.write(
    `warning: ${flags.usage}: usage of ${strangers.length} customers who are not in ${flags.customers} (${shown}${strangers.length > 3 ? ', …' : ''})\n`,
  );
}
