import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  paginateQuery,
} from '@aws-sdk/client-dynamodb';
import type { InvoiceHead, InvoiceRecord, Invoices, SettledSweep, Sweeps } from '../../app/ports/invoices.ts';
import type { ObjectStore } from '../../app/ports/object-store.ts';
import { assert } from '../../domain/assert.ts';
import { isSound } from '../../domain/invoicing/finish.ts';
import type { Invoice, InvoiceKey } from '../../domain/invoicing/invoice.ts';
import { formatTimestamp } from '../../domain/time/time.ts';
import { ITEM_BYTES_MAX, invoiceObject, packInvoice, readInvoiceObject, unpackInvoice } from './packed-invoice.ts';

type Item = Record<string, AttributeValue>;

/**
 * Invoices, one item each: `<customer>` / `<period start>#<kind>`, so that of two periods that begin together, as after a
 * change of anchor, only one is ever invoiced; webhook events under `stripe#<event id>`,
 * the last settled sweep under `sweep#invoicing`.
 * The state is readable as it stands; the lines are packed, and an invoice that still does not fit lies in the records
 * bucket (`invoices/<digest>.json.gz`), written before the item that names it.
 * Needs dynamodb:GetItem and dynamodb:Query, s3:GetObject; to write, dynamodb:PutItem and s3:PutObject.
 */
export function dynamodbInvoices(
  client: DynamoDBClient,
  table: string,
  records: Pick<ObjectStore, 'get' | 'putOnce'>,
): Invoices & Sweeps {
  const read = async (Key: Item) =>
    (await client.send(new GetItemCommand({ TableName: table, Key, ConsistentRead: true }))).Item;

  const readRecord = async (key: InvoiceKey, from: typeof recordFrom) => {
    const item = await read(itemKey(key));
    const record = item && (await from(item, records));
    return record?.key.period.end === key.period.end ? record : undefined;
  };

  const write = async (record: InvoiceRecord, condition: string, values?: Item): Promise<boolean> => {
    const Item = await storedItem(record, records);
    try {
      await client.send(
        new PutItemCommand({
          TableName: table,
          Item,
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

  const itemsOf = async (customer: string, part: object = {}): Promise<Item[]> => {
    const found: Item[] = [];
    const query = {
      TableName: table,
      ConsistentRead: true,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': { S: customer } },
      ...part,
    };
    for await (const { Items = [] } of paginateQuery({ client }, query)) found.push(...Items);
    return found;
  };

  // What this process knows may be older than what another recorded: it then looks at all customers once more, no less.
  let settled: SettledSweep | undefined;

  return {
    get: (key) => readRecord(key, recordFrom),
    asStored: (key) => readRecord(key, recordAsStored),
    headsOf: async (customer) => (await itemsOf(customer, HEADS)).map(headFrom),
    ofCustomer: async (customer) => Promise.all((await itemsOf(customer)).map((item) => recordFrom(item, records))),
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
      settled ??= item && { nextDueAt: Number(item.nextDueAt?.N), at: Number(item.at?.N) };
      return settled;
    },
    async recordSettled(sweep) {
      const { nextDueAt, at } = sweep;
      settled = sweep;
      const Item = { ...SWEEP, nextDueAt: { N: String(nextDueAt) }, at: { N: String(at) } };
      await client.send(new PutItemCommand({ TableName: table, Item }));
    },
  };
}

const SWEEP: Item = { pk: { S: 'sweep#invoicing' }, sk: { S: 'settled' } };

const eventKey = (id: string): Item => ({ pk: { S: `stripe#${id}` }, sk: { S: 'event' } });

function itemKey({ customer, period, kind }: InvoiceKey): Item {
  return { pk: { S: customer }, sk: { S: `${formatTimestamp(period.start)}#${kind}` } };
}

/** The item of a record, its invoice put into the bucket first where it does not fit. */
async function storedItem(record: InvoiceRecord, records: Pick<ObjectStore, 'putOnce'>): Promise<Item> {
  const { key, state, invoice, version, ...rest } = record;
  const document = JSON.stringify({ key, ...rest, invoice: invoice && headInvoice(invoice) });
  const item: Item = {
    ...itemKey(key),
    state: { S: state },
    version: { N: String(version) },
    total: { S: invoice?.total ?? '-' },
    currency: { S: invoice?.currency ?? '-' },
    stripeInvoice: { S: record.stripe.invoice ?? '-' },
    document: { S: document },
  };
  if (invoice === null) return item;
  const packed = packInvoice(invoice);
  if (packed.length + Buffer.byteLength(document) <= ITEM_BYTES_MAX) return { ...item, invoice: { B: packed } };
  await records.putOnce(invoiceObject(invoice.digest), packed);
  return { ...item, invoiceObject: { S: invoice.digest } };
}

function headInvoice(invoice: Invoice): InvoiceHead['invoice'] {
  const { lines: _lines, outcomes: _outcomes, ...head } = invoice;
  return head;
}

/** Without the lines: a customer of years has many, and a page asks for its heads. */
const HEADS = {
  ProjectionExpression: '#document, #state, #version',
  ExpressionAttributeNames: { '#document': 'document', '#state': 'state', '#version': 'version' },
};

function headFrom(item: Item): InvoiceHead {
  const document = JSON.parse(item.document?.S ?? '') as Omit<InvoiceHead, 'state' | 'version'>;
  return { ...document, state: item.state?.S as InvoiceRecord['state'], version: Number(item.version?.N) };
}

/** @throws InvariantError when the invoice is not the one that was rated */
async function recordFrom(item: Item, records: Pick<ObjectStore, 'get'>): Promise<InvoiceRecord> {
  const record = await recordAsStored(item, records);
  if (record.invoice === null) return record;
  const { digest, customer } = record.invoice;
  assert(isSound(record.invoice), `the stored invoice of ${customer} is the one that was rated`);
  assert(headFrom(item).invoice?.digest === digest, `the record of ${customer} and its invoice are one`);
  return record;
}

async function recordAsStored(item: Item, records: Pick<ObjectStore, 'get'>): Promise<InvoiceRecord> {
  const head = headFrom(item);
  if (head.invoice === null) return { ...head, invoice: null };
  const packed = item.invoice?.B ?? (await readInvoiceObject(records, item.invoiceObject?.S ?? ''));
  return { ...head, invoice: unpackInvoice(packed) };
}
