import { gunzipSync, gzipSync } from 'node:zlib';
import { assert } from '../../domain/assert.ts';
import { canonicalJson, digestOf } from '../../domain/invoicing/canonical.ts';
import type { Invoice } from '../../domain/invoicing/invoice.ts';

/** DynamoDB's 400 KB for an item, less what the other attributes need. */
const BYTES_MAX = 380_000;

/**
 * An invoice as gzipped canonical JSON, about a tenth of its size: some thousand lines fit an item.
 * @throws InvariantError when they do not: then the invoice stops, and no other
 */
export function packInvoice(invoice: Invoice): Uint8Array {
  const packed = gzipSync(canonicalJson(invoice));
  assert(packed.length <= BYTES_MAX, `an invoice of ${invoice.lines.length} lines fits one item`);
  return packed;
}

/** @throws InvariantError when the bytes are not those that were rated */
export function unpackInvoice(packed: Uint8Array): Invoice {
  const invoice = JSON.parse(gunzipSync(packed).toString('utf8')) as Invoice;
  const { digest, ...content } = invoice;
  assert(digestOf(content) === digest, `the stored invoice of ${invoice.customer} is the one that was rated`);
  return invoice;
}
