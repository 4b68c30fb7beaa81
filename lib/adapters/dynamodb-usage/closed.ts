import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  paginateQuery,
  QueryCommand,
} from '@aws-sdk/client-dynamodb';
import type { ClosedMarker, ClosedUsage } from '../../app/ports/usage.ts';
import { assert } from '../../domain/assert.ts';
import type { ClosedHour } from '../../domain/metering/meters.ts';
import { addHours, type Hour, hourOf, hourStart, monthOf, type Period, parseMonth } from '../../domain/time/time.ts';
import { adjustmentKey, hourFromKey, hourKey } from '../aws/hour-key.ts';
import { writeAll } from './batch-write.ts';
import { type ClosedRow, closedHourOf, closedItems, rowsOf } from './closed-row.ts';

type Item = Record<string, AttributeValue>;

/**
 * Closed usage in the usage table: rows `closed#<customer>` / `<hour>#<n>`, markers `hours#<month>` / `<hour>#<n>`.
 *
 * Hours are closed oldest first and each only after the marker of the one before, so that closed hours have no gap: the
 * newest marker tells all of them, and a customer's month costs two queries however many hours it has.
 * Reading: dynamodb:Query, dynamodb:GetItem. Writing: dynamodb:BatchWriteItem, dynamodb:PutItem as well.
 */
export function dynamodbClosedUsage(client: DynamoDBClient, table: string): ClosedUsage {
  const query = (pk: string, from: string, to: string) => queryAll(client, table, pk, from, to);
  const lastClosedHour = (month: string) => newestMarker(client, table, month);
  // Hours close in order and never open again: once a period is known to be closed to its end, that needs no other query.
  let closedThrough = Number.NEGATIVE_INFINITY;
  const lastClosed = async (period: Period): Promise<Hour | undefined> => {
    const end = hourOf(period.end - 1);
    if (end <= closedThrough) return end;
    const last = await lastClosedIn(period, lastClosedHour);
    closedThrough = Math.max(closedThrough, last ?? closedThrough);
    return last;
  };

  return {
    lastClosedHour,
    async firstOpenHour(period) {
      const last = await lastClosed(period);
      const next = last === undefined ? hourOf(period.start) : addHours(last, 1);
      return hourStart(next) < period.end ? next : undefined;
    },
    async markers(period) {
      const { from, to } = keysOf(period);
      const pages = await Promise.all(monthsOf(period).map((month) => query(`hours#${month}`, from, to)));
      return pages.flat().map(markerOf).sort(byHourThenAdjustment);
    },
    async closedHours(customer, period) {
      const last = await lastClosed(period);
      if (last === undefined) return [];
      const { from, to } = keysOf(period);
      const readRows = async () => {
        const rows = rowsOf(customer, await query(`closed#${customer}`, from, to));
        return rows.filter(({ hour }) => hour <= last);
      };
      const rows = await readRows();
      const marked = await adjustmentsWithMarker(client, table, rows);
      const standing = (row: ClosedRow) => row.adjustment === 0 || marked.has(adjustmentKey(row.hour, row.adjustment));
      // A row in parts may have been read while it was written; its marker has been seen since, so now it is whole.
      const whole = rows.filter(standing).every(({ complete }) => complete) ? rows : await readRows();
      return whole.filter(standing).map(closedHourOf).sort(byHourThenAdjustment);
    },
    putClosedHours: (rows: readonly ClosedHour[]) => writeAll(client, table, rows.flatMap(closedItems)),
    async putMarker(marker) {
      try {
        await client.send(
          new PutItemCommand({
            TableName: table,
            Item: markerItem(marker),
            ConditionExpression: 'attribute_not_exists(pk)',
          }),
        );
        return 'written';
      } catch (fault) {
        if (fault instanceof ConditionalCheckFailedException) return 'exists';
        throw fault;
      }
    },
  };
}

async function queryAll(client: DynamoDBClient, table: string, pk: string, from: string, to: string): Promise<Item[]> {
  const found: Item[] = [];
  // DynamoDB refuses a range that ends before it begins.
  if (from > to) return found;
  const pages = paginateQuery(
    { client },
    {
      TableName: table,
      KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :to',
      ExpressionAttributeValues: { ':pk': { S: pk }, ':from': { S: from }, ':to': { S: to } },
      ConsistentRead: true,
    },
  );
  for await (const { Items = [] } of pages) found.push(...Items);
  return found;
}

async function newestMarker(client: DynamoDBClient, table: string, month: string): Promise<Hour | undefined> {
  const { Items } = await client.send(
    new QueryCommand({
      TableName: table,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': { S: `hours#${month}` } },
      ScanIndexForward: false,
      Limit: 1,
      ConsistentRead: true,
    }),
  );
  const sk = Items?.[0]?.sk?.S;
  return sk === undefined ? undefined : hourFromKey(sk.slice(0, 13));
}

/** The newest closed hour that lies in a period or, for a period that is closed to its end, its last hour. */
async function lastClosedIn(
  period: Period,
  lastClosedHour: (month: string) => Promise<Hour | undefined>,
): Promise<Hour | undefined> {
  const [first, end] = [hourOf(period.start), hourOf(period.end - 1)];
  for (const month of monthsOf(period).reverse()) {
    const last = await lastClosedHour(month);
    if (last !== undefined) return last < first ? undefined : (Math.min(last, end) as Hour);
  }
  return undefined;
}

async function adjustmentsWithMarker(
  client: DynamoDBClient,
  table: string,
  rows: readonly ClosedRow[],
): Promise<Set<string>> {
  const adjusted = rows.filter(({ adjustment }) => adjustment > 0);
  const keys = await Promise.all(
    adjusted.map(async ({ hour, adjustment }) => {
      const sk = adjustmentKey(hour, adjustment);
      const Key = { pk: { S: `hours#${monthOf(hourStart(hour))}` }, sk: { S: sk } };
      const { Item } = await client.send(
        new GetItemCommand({ TableName: table, Key, ProjectionExpression: 'pk', ConsistentRead: true }),
      );
      return Item === undefined ? [] : [sk];
    }),
  );
  return new Set(keys.flat());
}

/** `#` sorts after nothing and before letters, so the hour that ends a period is not in it. */
const keysOf = (period: Period) => ({ from: hourKey(hourOf(period.start)), to: hourKey(hourOf(period.end)) });

function monthsOf(period: Period): string[] {
  const months = [monthOf(period.start)];
  for (let at = parseMonth(monthOf(period.start)).end; at < period.end; at = parseMonth(monthOf(at)).end) {
    months.push(monthOf(at));
  }
  return months;
}

const byHourThenAdjustment = <T extends { hour: Hour; adjustment: number }>(a: T, b: T) =>
  a.hour - b.hour || a.adjustment - b.adjustment;

const TEXTS = ['digest', 'ruleset', 'inputsKey', 'inputsDigest', 'objectsDigest', 'countsDigest'] as const;

function markerItem(marker: ClosedMarker): Item {
  return {
    pk: { S: `hours#${monthOf(hourStart(marker.hour))}` },
    sk: { S: adjustmentKey(marker.hour, marker.adjustment) },
    ...Object.fromEntries(TEXTS.map((name) => [name, { S: marker[name] }])),
    objects: { N: String(marker.objects) },
    customers: { N: String(marker.customers) },
    lines: { S: JSON.stringify(marker.lines) },
  };
}

function markerOf(item: Item): ClosedMarker {
  const [hour = '', adjustment = ''] = (item.sk?.S ?? '').split('#');
  const text = (name: (typeof TEXTS)[number]): string => {
    const value = item[name]?.S;
    assert(value !== undefined, `a closed marker has ${name}`);
    return value;
  };
  return {
    hour: hourFromKey(hour),
    adjustment: Number(adjustment),
    ruleset: text('ruleset'),
    inputsKey: text('inputsKey'),
    inputsDigest: text('inputsDigest'),
    objectsDigest: text('objectsDigest'),
    countsDigest: text('countsDigest'),
    digest: text('digest'),
    objects: Number(item.objects?.N),
    customers: Number(item.customers?.N),
    lines: JSON.parse(item.lines?.S ?? '') as ClosedMarker['lines'],
  };
}
