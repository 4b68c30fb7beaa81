import { gunzipSync, gzipSync } from 'node:zlib';
import type { ObjectStore } from '../../app/ports/object-store.ts';
import { assert } from '../../domain/assert.ts';
import { canonicalJson } from '../../domain/invoicing/canonical.ts';
import type { Invoice } from '../../domain/invoicing/invoice.ts';

/** DynamoDB's 400 KB for an item, less what its key and names need and what payments and acts may add later. */
export const ITEM_BYTES_MAX = 350_000;

/** An invoice as gzipped canonical JSON, about a tenth of its size: some thousand lines fit an item. */
export const packInvoice = (invoice: Invoice): Uint8Array => gzipSync(canonicalJson(invoice));

export const unpackInvoice = (packed: Uint8Array): Invoice =>
  JSON.parse(gunzipSync(packed).toString('utf8')) as Invoice;

/** Where the invoice lies that does not fit an item; named by its content, so that it is never written over. */
export const invoiceObject = (digest: string): string => `invoices/${digest}.json.gz`;

/** @throws InvariantError when it is not there */
export async function readInvoiceObject(records: Pick<ObjectStore, 'get'>, digest: string): Promise<Uint8Array> {
  const packed = await records.get(invoiceObject(digest));
  assert(packed !== undefined, `the invoice ${digest} is in the records bucket`);
  return packed;
}
