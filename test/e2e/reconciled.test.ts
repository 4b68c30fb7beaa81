import { gunzipSync, gzipSync } from 'node:zlib';
import {
  type AttributeValue,
  DeleteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import { packInvoice } from '../../lib/adapters/dynamodb-invoices/packed-invoice.ts';
import type { Invoice, InvoiceLine } from '../../lib/domain/invoicing/invoice.ts';
import type { PlaceDifference } from '../../lib/domain/reconciliation/reconcile.ts';
import type { LineObject } from '../../lib/local/stripe/objects.ts';
import { type ServedPeriod, STACK, servedPeriod } from './served-period.ts';

let served: ServedPeriod;
beforeAll(async () => {
  served = await servedPeriod();
}, 60_000);
afterAll(() => served?.close());

/** What `tollgate reconcile` answers of the running cloud. */
async function reconciled(...more: string[]) {
  const { code, out, err } = await served.run('reconcile', '--period', '2025-12', '--json', ...STACK, ...more);
  expect(err).toBe('');
  return { code, differences: JSON.parse(out).differences as PlaceDifference[] };
}

type How = 'dropped' | 'doubled' | 'changed';
type Undo = () => unknown;
type Item = Record<string, AttributeValue>;
const HOUR = { from: '2026-01-01T13:00:00Z', to: '2026-01-01T14:00:00Z' };

const LATER = { from: '2026-01-01T18:00:00Z', to: '2026-01-01T19:00:00Z' };

const client = () => new DynamoDBClient(served.tollgate.cloud.clientConfig('dynamodb'));
const put = (TableName: string, Item: Item) => client().send(new PutItemCommand({ TableName, Item }));
const table = (name: string) => served.tollgate.cloud.runtime.env[name] ?? '';

/** The object of the hour in which acme's first call lies, as it is in S3, with its lines changed in place: what object lock forbids. */
function logged(how: How): Undo {
  const bucket = served.tollgate.cloud.objects(served.tollgate.cloud.runtime.env.LEDGER_BUCKET ?? '');
  const keys = bucket.keys('usage/2026/01/01/13/');
  for (const key of keys) {
    const [version] = bucket.versions(key);
    if (!version) continue;
    const lines = gunzipSync(version.body).toString().trimEnd().split('\n');
    const own = lines.filter((line) => line.includes('"customerId":"acme"'));
    const [first] = own;
    if (first === undefined) continue;
    // Each record was delivered twice: a call is gone when both of its lines are, and is another one under another id.
    const rest = lines.filter((line) => line !== first);
    const other = first.replace('"id":"', '"id":"another-');
    const written =
      how === 'dropped'
        ? rest
        : how === 'doubled'
          ? [...lines, other]
          : [...rest, first.replace('"acme"', '"rivalco"')];
    const { body } = version;
    Object.assign(version, { body: gzipSync(`${written.join('\n')}\n`) });
    return () => Object.assign(version, { body });
  }
  throw new Error('acme called in that hour');
}

/** The closed row of that hour. */
async function closed(how: How): Promise<Undo> {
  const TableName = table('USAGE_TABLE');
  const Key = { pk: { S: 'closed#acme' }, sk: { S: '2026-01-01T13#0' } };
  const { Item } = await client().send(new GetItemCommand({ TableName, Key }));
  if (!Item) throw new Error('the hour is closed');
  if (how === 'dropped') await client().send(new DeleteItemCommand({ TableName, Key }));
  if (how === 'changed') {
    const body = (Item.body?.S ?? '').replace(/"meter":"api-calls","group":null,"quantity":"(\d+)"/, (all, n) =>
      all.replace(`"${n}"`, `"${Number(n) + 1}"`),
    );
    await put(TableName, { ...Item, body: { S: body } });
  }
  if (how !== 'doubled') return () => put(TableName, Item);
  // Once more in an hour in which acme did not call.
  const again = { ...Item, sk: { S: '2026-01-01T18#0' } };
  await put(TableName, again);
  return () => client().send(new DeleteItemCommand({ TableName, Key: { pk: Key.pk, sk: again.sk } }));
}

const invoice = async (): Promise<Invoice> => {
  const [record] = await served.tollgate.stores.invoices.ofCustomer('acme');
  if (!record?.invoice) throw new Error('acme is invoiced');
  return record.invoice;
};
const changedAmount = (line: InvoiceLine): InvoiceLine => ({ ...line, amount: `1${line.amount}` });

/** The first priced line of the stored invoice, its digest left as it was. */
async function rated(how: How): Promise<Undo> {
  const TableName = table('INVOICES_TABLE');
  const made = await invoice();
  const Key = { pk: { S: 'acme' }, sk: { S: `${made.start}#usage` } };
  const { Item } = await client().send(new GetItemCommand({ TableName, Key }));
  if (!Item) throw new Error('it is stored');
  const lines = made.lines.flatMap((line) => {
    if (line.id !== LINE) return [line];
    return how === 'dropped' ? [] : how === 'doubled' ? [line, line] : [changedAmount(line)];
  });
  await put(TableName, { ...Item, invoice: { B: packInvoice({ ...made, lines }) } });
  return () => put(TableName, Item);
}

/** The same line at Stripe. */
async function atStripe(how: How): Promise<Undo> {
  const { store } = served.tollgate.stripe;
  const [record] = await served.tollgate.stores.invoices.ofCustomer('acme');
  const id = record?.stripe.invoice ?? '';
  const lines = store.lines.get(id) ?? [];
  const others = (line: LineObject): LineObject[] =>
    how === 'dropped' ? [] : how === 'doubled' ? [line, line] : [{ ...line, amount: line.amount + 1 }];
  store.lines.set(
    id,
    lines.flatMap((line) => (line.metadata.tollgate_line === LINE ? others(line) : [line])),
  );
  return () => store.lines.set(id, lines);
}

/** A line of usage with an amount. */
const LINE = '0003';
const PLACES = { logged, closed, rated, stripe: atStripe } as const;
const hows: readonly How[] = ['dropped', 'doubled', 'changed'];

test('four places that agree', async () => {
  expect(await reconciled()).toEqual({ code: 0, differences: [] });
  expect((await invoice()).lines.find(({ id }) => id === LINE)).toMatchObject({ kind: 'usage', meter: 'api-calls' });
});

describe.each(Object.keys(PLACES) as (keyof typeof PLACES)[])('a line %s', (place) => {
  test.each(hows)(
    'that is %s is named, with its customer and hour or line; exit 3',
    async (how) => {
      const undo = await PLACES[place](how);
      try {
        const { code, differences } = await reconciled();
        expect(code).toBe(3);
        const hour = place === 'closed' && how === 'doubled' ? LATER : HOUR;
        const named = place === 'rated' || place === 'stripe' ? { line: LINE } : { ...hour, meter: 'api-calls' };
        expect(differences).toContainEqual(expect.objectContaining({ customer: 'acme', place, ...named }));
        // No other place is blamed.
        expect(new Set(differences.map((one) => one.place))).toEqual(new Set([place]));
      } finally {
        await undo();
      }
      expect(await reconciled()).toEqual({ code: 0, differences: [] });
    },
    30_000,
  );
});
