import { gunzipSync, gzipSync } from 'node:zlib';
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { assert } from '../../domain/assert.ts';
import type { ClosedHour } from '../../domain/metering/meters.ts';
import type { Hour } from '../../domain/time/time.ts';
import { adjustmentKey, hourFromKey } from '../aws/hour-key.ts';

type Item = Record<string, AttributeValue>;
type Body = Pick<ClosedHour, 'usage' | 'tallies'>;

/** Below this the JSON is stored as it is, so that a person can read it in the console; above it compressed. */
const PLAIN_BYTES_MAX = 64 * 1024;
/** DynamoDB's limit for an item is 400 KB with its keys; meters that carry money keep every event, so a row may need several. */
const PART_BYTES_MAX = 350 * 1024;

/** One row as read: its parts joined once all are there. */
export interface ClosedRow {
  readonly customer: string;
  readonly hour: Hour;
  readonly adjustment: number;
  readonly ruleset: string;
  readonly digest: string;
  readonly complete: boolean;
  readonly parts: readonly Item[];
}

/** The items of one row: `<hour>#<n>`, and `<hour>#<n>#<part>` for what does not fit. The same row makes the same bytes. */
export function closedItems(row: ClosedHour): Item[] {
  const { customer, hour, adjustment, ruleset, digest, usage, tallies } = row;
  const body: Body = tallies === undefined ? { usage } : { usage, tallies };
  const json = Buffer.from(JSON.stringify(body), 'utf8');
  const bodies =
    json.length <= PLAIN_BYTES_MAX
      ? [{ body: { S: json.toString('utf8') } }]
      : slices(gzipSync(json)).map((slice) => ({ body: { B: slice } }));
  return bodies.map((part, i) => ({
    pk: { S: `closed#${customer}` },
    sk: { S: adjustmentKey(hour, adjustment) + (i === 0 ? '' : `#${i}`) },
    ruleset: { S: ruleset },
    digest: { S: digest },
    parts: { N: String(bodies.length) },
    ...part,
  }));
}

/** Groups the items of one customer into rows. */
export function rowsOf(customer: string, items: readonly Item[]): ClosedRow[] {
  const parts = new Map<string, Item[]>();
  for (const item of items) {
    const key = (item.sk?.S ?? '').split('#').slice(0, 2).join('#');
    parts.set(key, [...(parts.get(key) ?? []), item]);
  }
  return [...parts].map(([key, found]) => {
    const [hour = '', adjustment = ''] = key.split('#');
    const [first] = found;
    return {
      customer,
      hour: hourFromKey(hour),
      adjustment: Number(adjustment),
      ruleset: first?.ruleset?.S ?? '',
      digest: first?.digest?.S ?? '',
      complete: found.length === Number(first?.parts?.N),
      parts: found.sort((a, b) => partOf(a) - partOf(b)),
    };
  });
}

/** @throws InvariantError for a row that lacks a part: nobody may be billed on half of one */
export function closedHourOf(row: ClosedRow): ClosedHour {
  const { customer, hour, adjustment, ruleset, digest } = row;
  assert(row.complete, `closed row ${customer} ${adjustmentKey(hour, adjustment)} has all its parts`);
  const plain = row.parts[0]?.body?.S;
  const json = plain ?? gunzipSync(Buffer.concat(row.parts.map(({ body }) => body?.B ?? new Uint8Array()))).toString();
  const { usage, tallies } = JSON.parse(json) as Body;
  const closed = { customer, hour, adjustment, usage, ruleset, digest };
  return tallies === undefined ? closed : { ...closed, tallies };
}

const partOf = (item: Item): number => Number((item.sk?.S ?? '').split('#')[2] ?? 0);

function slices(bytes: Uint8Array): Uint8Array[] {
  const count = Math.ceil(bytes.length / PART_BYTES_MAX);
  return Array.from({ length: count }, (_, i) => bytes.subarray(i * PART_BYTES_MAX, (i + 1) * PART_BYTES_MAX));
}
