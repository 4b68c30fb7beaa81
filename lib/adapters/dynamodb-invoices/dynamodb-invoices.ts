import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  paginateQuery,
} from '@aws-sdk/client-dynamodb';
import type { InvoiceRecord, Invoices, SettledSweep, Sweeps } from '../../app/ports/invoices.ts';
import type { InvoiceKey } from '../../domain/invoicing/invoice.ts';
import { formatTimestamp } from '../../domain/time/time.ts';
import { packInvoice, unpackInvoice } from './packed-invoice.ts';

type Item = Record<string, AttributeValue>;

/**
 * Invoices, one item each: `<customer>` / `<period start>#<period end>#<kind>`; webhook events under `stripe#<event id>`,
 * the last settled sweep under `sweep#invoicing`.
 * The state is readable as it stands; the lines are packed, since a large invoice would not fit an item otherwise.
 * Needs dynamodb:GetItem, dynamodb:Query, dynamodb:PutItem.
 */
export function dynamodbInvoices(client: DynamoDBClient, table: string): Invoices & Sweeps {
  const read = async (Key: Item) =>
    (await client.send(new GetItemCommand({ TableName: table, Key, ConsistentRead: true }))).Item;

  const write = async (record: InvoiceRecord, condition: string, values?: Item): Promise<boolean> => {
    try {
      await client.send(
        new PutItemCommand({
          TableName: table,
          Item: itemOf(record),
          ConditionExpression: condition,
          ...(values ? { ExpressionAttributeValues: values, ExpressionAttributeNames: { '#version': 'version' } } : {}),
        }),
      );
      return true;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return false;
      throw error;
    }
  };

  // What this process knows may be older than what another recorded: it then looks at all customers once more, no less.
  let settled: SettledSweep | undefined;

  return {
    async get(key) {
      const item = await read(itemKey(key));
      return item && recordFrom(item);
    },
    async ofCustomer(customer) {
      const records: InvoiceRecord[] = [];
      const query = {
        TableName: table,
        ConsistentRead: true,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': { S: customer } },
      };
      for await (const { Items = [] } of paginateQuery({ client }, query)) records.push(...Items.map(recordFrom));
      return records;
    },
    async put(record) {
      return (await write(record, 'attribute_not_exists(pk)')) ? 'created' : 'exists';
    },
    async replace(record) {
      const before = { ':before': { N: String(record.version - 1) } };
      return (await write(record, '#version = :before', before)) ? 'replaced' : 'stale';
    },
    async eventSeen(id) {
      return (await read(eventKey(id))) !== undefined;
    },
    async markEventSeen(id, at) {
      const Item = { ...eventKey(id), seenAt: { S: formatTimestamp(at) } };
      await client.send(new PutItemCommand({ TableName: table, Item }));
    },
    async lastSettled() {
      const item = settled ? undefined : await read(SWEEP);
      settled ??= item && { dueUntil: Number(item.dueUntil?.N), at: Number(item.at?.N) };
      return settled;
    },
    async recordSettled(sweep) {
      const { dueUntil, at } = sweep;
      settled = sweep;
      const Item = { ...SWEEP, dueUntil: { N: String(dueUntil) }, at: { N: String(at) } };
      await client.send(new PutItemCommand({ TableName: table, Item }));
    },
  };
}

const SWEEP: Item = { pk: { S: 'sweep#invoicing' }, sk: { S: 'settled' } };

const eventKey = (id: string): Item => ({ pk: { S: `stripe#${id}` }, sk: { S: 'event' } });

function itemKey({ customer, period, kind }: InvoiceKey): Item {
  return { pk: { S: customer }, sk: { S: `${formatTimestamp(period.start)}#${formatTimestamp(period.end)}#${kind}` } };
}

function itemOf(record: InvoiceRecord): Item {
  const { key, state, invoice, version, ...rest } = record;
  return {
    ...itemKey(key),
    state: { S: state },
    version: { N: String(version) },
    total: { S: invoice?.total ?? '-' },
    currency: { S: invoice?.currency ?? '-' },
    stripeInvoice: { S: record.stripe.invoice ?? '-' },
    document: { S: JSON.stringify({ key, ...rest }) },
    ...(invoice ? { invoice: { B: packInvoice(invoice) } } : {}),
  };
}

function recordFrom(item: Item): InvoiceRecord {
  const document = JSON.parse(item.document?.S ?? '') as Omit<InvoiceRecord, 'state' | 'invoice' | 'version'>;
  return {
    ...document,
    state: item.state?.S as InvoiceRecord['state'],
    version: Number(item.version?.N),
    invoice: item.invoice?.B ? unpackInvoice(item.invoice.B) : null,
  };
}
