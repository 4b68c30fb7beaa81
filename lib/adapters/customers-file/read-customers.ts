import { readFile } from 'node:fs/promises';
import { InputError } from '../../domain/input-error.ts';
import { isDate } from '../../domain/rules/is-date.ts';
import type { FactDefinition, FactValue } from '../../domain/rules/ruleset.ts';
import {
  checkUnique,
  factFromText,
  isHashedKey,
  isTimeZone,
  type ListedCustomer,
  parseCustomerList,
} from '../../domain/segmentation/customer-list.ts';
import { csvTable } from './csv-table.ts';

/**
 * Reads a customers file: JSON, or CSV with a header.
 * @param path also says where errors are; CSV is what begins with neither `{` nor `[`
 * @throws InputError whose path is `<file> <pointer>` or `<file>:<line>`
 */
export async function readCustomersFile(path: string, facts: readonly FactDefinition[]): Promise<ListedCustomer[]> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new InputError({
      code: 'cannot-read',
      path,
      message: error.code === 'ENOENT' ? 'no such file' : error.message,
    });
  });
  return parseCustomers(text, facts, path);
}

/** As {@link readCustomersFile}, of a text at hand. @param name stands before the place in errors */
export function parseCustomers(text: string, facts: readonly FactDefinition[], name: string): ListedCustomer[] {
  try {
    return /^\uFEFF?\s*[{[]/.test(text) ? parseCustomerList(parseJson(text)) : customersOfCsv(text, facts);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    const { code, message, path, hint } = error;
    const place = path === '' ? name : path.startsWith('/') ? `${name} ${path}` : `${name}${path}`;
    throw new InputError({ code, message, path: place, ...(hint === undefined ? {} : { hint }) });
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    throw new InputError({ code: 'not-json', message: `not JSON: ${(error as SyntaxError).message}` });
  }
}

/** Columns that are not facts. */
const OWN_COLUMNS = ['id', 'name', 'createdAt', 'keys', 'timeZone'];

/** A column per fact, typed as facts.json says; an empty cell is no value. Keys are separated by spaces or semicolons. */
function customersOfCsv(text: string, facts: readonly FactDefinition[]): ListedCustomer[] {
  const [header, ...rows] = csvTable(text);
  const columns = header?.cells.map((cell) => cell.trim()) ?? [];
  const twice = columns.find((column, index) => columns.indexOf(column) !== index);
  if (twice !== undefined) throw at(1, 'duplicate-key', `the column ${JSON.stringify(twice)} stands twice`);
  if (!columns.includes('id')) {
    throw at(1, 'missing-key', 'there is no column "id"', 'the first line names the columns');
  }
  const definitions = new Map(facts.map((fact) => [fact.id, fact]));
  const customers = rows.map(({ line, cells }) => {
    if (cells.length !== columns.length) {
      throw at(line, 'wrong-length', `${cells.length} cells, but the header names ${columns.length} columns`);
    }
    return customerOfRow(new Map(columns.map((column, i) => [column, (cells[i] as string).trim()])), definitions, line);
  });
  checkUnique(customers, (index) => `:${rows[index]?.line}`);
  return customers;
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
