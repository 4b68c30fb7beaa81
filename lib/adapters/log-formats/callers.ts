import { createHash } from 'node:crypto';
import { InputError } from '../../domain/input-error.ts';
import type { CustomerOf } from '../../domain/metering/interned.ts';
import { parseCustomerList, standsTwice } from '../../domain/segmentation/customer-list.ts';
import { csvRows } from './csv-rows.ts';

/** One customer of the file, as far as a log can name it. */
interface Entry {
  readonly id: string;
  readonly addresses: readonly string[];
  readonly keys: readonly string[];
}

/**
 * Reads a customers file (the contract's JSON, or CSV with an `id` column) to find out who a log's caller is: its value
 * is a customer's `id`, else one of the fact `address` or `addresses` (in CSV separated by spaces or semicolons), else a
 * key, plain or as its `sha256:` hash, whose hash is in `keys`. A caller found nowhere is nobody: not billable.
 *
 * @throws InputError when the file cannot be read so, or an address or key belongs to two customers
 */
export function parseCallers(text: string): CustomerOf {
  const entries = text.trimStart().startsWith('{') ? entriesOfJson(text) : entriesOfCsv(text);
  const ids = new Set(entries.map(({ id }) => id));
  const addresses = owners(entries, ({ addresses }) => addresses);
  const keys = owners(entries, ({ keys }) => keys);
  return (caller) => {
    if (ids.has(caller)) return caller;
    const byAddress = addresses.get(caller);
    if (byAddress !== undefined || keys.size === 0) return byAddress ?? null;
    return keys.get(caller) ?? keys.get(`sha256:${createHash('sha256').update(caller).digest('hex')}`) ?? null;
  };
}

function owners(entries: readonly Entry[], of: (entry: Entry) => readonly string[]): Map<string, string> {
  const found = new Map<string, string>();
  for (const entry of entries) {
    for (const value of of(entry)) {
      const other = found.get(value);
      if (other !== undefined && other !== entry.id) {
        const message = `${JSON.stringify(value)} belongs to both ${other} and ${entry.id}`;
        throw new InputError({ code: 'ambiguous-caller', message });
      }
      found.set(value, entry.id);
    }
  }
  return found;
}

function entriesOfJson(text: string): Entry[] {
  return parseCustomerList(parsed(text)).map(({ id, keys, facts }) => {
    const { address, addresses } = facts;
    return { id, keys, addresses: [...texts(address), ...texts(addresses)] };
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\ufeff/, ''));
  } catch (error) {
    throw new InputError({ code: 'not-json', message: `not JSON: ${(error as Error).message}` });
  }
}

const texts = (value: unknown): string[] =>
  (Array.isArray(value) ? value : [value]).filter((item): item is string => typeof item === 'string');

function entriesOfCsv(text: string): Entry[] {
  const rows: (readonly string[])[] = [];
  const sink = csvRows({
    row: (cells) => rows.push(cells),
    malformed: (line, message) => {
      throw new InputError({ code: 'not-csv', message: `line ${line}: ${message}` });
    },
  });
  sink.write(new TextEncoder().encode(text.replace(/^\ufeff/, '')));
  sink.end();
  const [header = [], ...body] = rows;
  const names = header.map((name) => name.trim());
  if (!names.includes('id')) {
    throw new InputError({
      code: 'unknown-column',
      message: 'no column "id"',
      hint: 'the first line names the columns',
    });
  }
  const cellsOf = (row: readonly string[], column: string) =>
    (row[names.indexOf(column)] ?? '').split(/[\s;]+/).filter((cell) => cell !== '');
  const ids = new Set<string>();
  return body.map((row) => {
    const id = (row[names.indexOf('id')] ?? '').trim();
    if (ids.has(id)) throw standsTwice(id, '');
    ids.add(id);
    const addresses = [...cellsOf(row, 'address'), ...cellsOf(row, 'addresses')];
    return { id, addresses, keys: cellsOf(row, 'keys') };
  });
}
