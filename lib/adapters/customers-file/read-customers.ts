import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { InputError } from '../../domain/input-error.ts';
import { isDate } from '../../domain/rules/is-date.ts';
import { pointerTo } from '../../domain/rules/json-source.ts';
import type { FactDefinition, FactValue } from '../../domain/rules/ruleset.ts';
import {
  checkEnvelope,
  checkUnique,
  factFromText,
  isHashedKey,
  isTimeZone,
  type ListedCustomer,
  parseCustomer,
  parseCustomerList,
  standsTwice,
} from '../../domain/segmentation/customer-list.ts';
import { csvRows } from './csv-table.ts';
import { JsonEntries } from './json-entries.ts';

/**
 * Reads a customers file: JSON, or CSV with a header.
 * @param path also says where errors are; CSV is what begins with neither `{` nor `[`
 * @throws InputError whose path is `<file> <pointer>` or `<file>:<line>`
 */
export async function readCustomersFile(path: string, facts: readonly FactDefinition[]): Promise<ListedCustomer[]> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw cannotRead(error, path);
  });
  return parseCustomers(text, facts, path);
}

/** A customer as its file says it. */
export interface FiledCustomer {
  readonly customer: ListedCustomer;
  /** What `parseCustomer` makes the same customer of again. */
  readonly json: string;
}

interface PlacedCustomer extends FiledCustomer {
  /** Where in its file, as errors say it. */
  readonly place: string;
}

/**
 * As {@link readCustomersFile}, piece by piece, for as many customers as do not fit in memory as objects.
 * @throws InputError as there
 */
export async function* streamCustomersFile(
  path: string,
  facts: readonly FactDefinition[],
): AsyncGenerator<readonly FiledCustomer[]> {
  const seen = new Set<string>();
  try {
    for await (const found of placedCustomers(path, facts)) {
      for (const { customer, place } of found) {
        if (seen.has(customer.id)) throw standsTwice(customer.id, place.startsWith('/') ? `${place}/id` : place);
        seen.add(customer.id);
      }
      yield found;
    }
  } catch (error) {
    throw inFile(error, path);
  }
}

const PIECE_BYTES = 1024 * 1024;

async function* placedCustomers(path: string, facts: readonly FactDefinition[]): AsyncGenerator<PlacedCustomer[]> {
  const entries = new JsonEntries();
  let begun = false;
  for await (const piece of createReadStream(path, { highWaterMark: PIECE_BYTES })) {
    if (!begun && !isJson((piece as Buffer).toString('utf8'))) break;
    begun = true;
    const before = entries.count;
    yield entries.push(piece as Buffer).map((json, i) => {
      const place = pointerTo('customers', before + i);
      return { customer: parseCustomer(parseJson(json, place), place), json, place };
    });
  }
  if (!begun) {
    for (const { customer, line } of csvCustomers(await readFile(path, 'utf8'), facts)) {
      yield [{ customer, json: JSON.stringify(customer), place: `:${line}` }];
    }
    return;
  }
  const envelope = parseJson(entries.end());
  if (entries.count > 0) return checkEnvelope(envelope);
  yield parseCustomerList(envelope).map((customer, i) => {
    return { customer, json: JSON.stringify(customer), place: pointerTo('customers', i) };
  });
}

/** As {@link readCustomersFile}, of a text at hand. @param name stands before the place in errors */
export function parseCustomers(text: string, facts: readonly FactDefinition[], name: string): ListedCustomer[] {
  try {
    return isJson(text) ? parseCustomerList(parseJson(text)) : customersOfCsv(text, facts);
  } catch (error) {
    throw inFile(error, name);
  }
}

const isJson = (text: string): boolean => /^\uFEFF?\s*[{[]/.test(text);

function inFile(error: unknown, name: string): unknown {
  if (isSystemError(error)) return cannotRead(error, name);
  if (!(error instanceof InputError)) return error;
  const { code, message, path, hint } = error;
  const place = path === '' ? name : path.startsWith('/') ? `${name} ${path}` : `${name}${path}`;
  return new InputError({ code, message, path: place, ...(hint === undefined ? {} : { hint }) });
}

const isSystemError = (error: unknown): error is NodeJS.ErrnoException =>
  typeof error === 'object' && error !== null && 'syscall' in error;

const cannotRead = (error: NodeJS.ErrnoException, path: string): InputError =>
  new InputError({ code: 'cannot-read', path, message: error.code === 'ENOENT' ? 'no such file' : error.message });

function parseJson(text: string, path = ''): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    throw new InputError({ code: 'not-json', path, message: `not JSON: ${(error as SyntaxError).message}` });
  }
}

/** Columns that are not facts. */
const OWN_COLUMNS = ['id', 'name', 'createdAt', 'keys', 'timeZone'];

/** A column per fact, typed as facts.json says; an empty cell is no value. Keys are separated by spaces or semicolons. */
function customersOfCsv(text: string, facts: readonly FactDefinition[]): ListedCustomer[] {
  const rows = [...csvCustomers(text, facts)];
  checkUnique(
    rows.map(({ customer }) => customer),
    (index) => `:${rows[index]?.line}`,
  );
  return rows.map(({ customer }) => customer);
}

interface CustomerOfRow {
  readonly customer: ListedCustomer;
  readonly line: number;
}

function* csvCustomers(text: string, facts: readonly FactDefinition[]): Generator<CustomerOfRow> {
  const rows = csvRows(text);
  const columns = rows.next().value?.cells.map((cell) => cell.trim()) ?? [];
  const twice = columns.find((column, index) => columns.indexOf(column) !== index);
  if (twice !== undefined) throw at(1, 'duplicate-key', `the column ${JSON.stringify(twice)} stands twice`);
  if (!columns.includes('id')) {
    throw at(1, 'missing-key', 'there is no column "id"', 'the first line names the columns');
  }
  const definitions = new Map(facts.map((fact) => [fact.id, fact]));
  for (const { line, cells } of rows) {
    if (cells.length !== columns.length) {
      throw at(line, 'wrong-length', `${cells.length} cells, but the header names ${columns.length} columns`);
    }
    const row = new Map(columns.map((column, i) => [column, (cells[i] as string).trim()]));
    yield { customer: customerOfRow(row, definitions, line), line };
  }
}

function customerOfRow(
  row: ReadonlyMap<string, string>,
  definitions: ReadonlyMap<string, FactDefinition>,
  line: number,
): ListedCustomer {
  const cell = (column: string): string | undefined => row.get(column) || undefined;
  const [id, createdAt, timeZone] = [cell('id'), cell('createdAt'), cell('timeZone')];
  if (id === undefined) throw at(line, 'missing-key', '"id" is blank');
  if (createdAt !== undefined && !isDate(createdAt)) {
    throw at(line, 'not-a-date', `${JSON.stringify(createdAt)} is not a date such as "2026-01-31"`);
  }
  if (timeZone !== undefined && !isTimeZone(timeZone)) {
    throw at(line, 'unknown-time-zone', `${JSON.stringify(timeZone)} is not an IANA time zone`);
  }
  const keys = cell('keys')?.split(/[\s;]+/) ?? [];
  if (!keys.every(isHashedKey)) throw at(line, 'not-a-hashed-key', 'keys are "sha256:" and 64 hex digits');
  const facts: Record<string, FactValue> = {};
  for (const [column, text] of row) {
    if (text === '' || OWN_COLUMNS.includes(column)) continue;
    const definition = definitions.get(column);
    facts[column] = definition ? factFromText(text, definition) : text;
  }
  return {
    id,
    name: cell('name') ?? id,
    ...(createdAt === undefined ? {} : { createdAt }),
    keys,
    facts,
    overrides: {},
    ...(timeZone === undefined ? {} : { timeZone }),
  };
}

const at = (line: number, code: string, message: string, hint?: string): InputError =>
  new InputError({ code, message, path: `:${line}`, ...(hint === undefined ? {} : { hint }) });
