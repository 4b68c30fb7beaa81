import { Readable } from 'node:stream';
import { createGzip } from 'node:zlib';
import { InputError } from '../../domain/input-error.ts';
import { invoiceNumber, isNeverShown } from '../../domain/portal/account.ts';
import type { CustomerRequest } from '../../domain/portal/request.ts';
import { formatTimestamp } from '../../domain/time/time.ts';
import { writeBundle } from '../../domain/verification/bundle.ts';
import { type ExportInvoicePorts, exportInvoice } from '../export-bundle/export-invoice.ts';

/** What was made for a customer, and what it is called when it is saved. */
export interface MadeFile {
  readonly bytes: Uint8Array;
  readonly name: string;
}

/**
 * The bundle of one of the customer's own invoices, gzipped as it is written, so that its lines are in memory once.
 *
 * @throws InputError for one that cannot be made, with why
 */
export async function makeBundle({ customer, subject }: CustomerRequest, ports: ExportInvoicePorts): Promise<MadeFile> {
  const heads = await ports.invoices.headsOf(customer);
  const head = heads.find(({ key, state }) => invoiceNumber(key) === subject && !isNeverShown(state));
  if (!head) throw new InputError({ code: 'no-invoice', message: `there is no invoice ${subject}` });
  const { kind, period } = head.key;
  const bundle = await exportInvoice({ customer, month: formatTimestamp(period.start), kind }, ports);
  const chunks: Uint8Array[] = [];
  const zipped = Readable.from(writeBundle(bundle), { objectMode: true }).pipe(createGzip());
  for await (const chunk of zipped) chunks.push(chunk as Uint8Array);
  return { bytes: Buffer.concat(chunks), name: `${customer}-${subject}.bundle.gz` };
}
