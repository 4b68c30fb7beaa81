import { exportInvoice } from '../app/export-bundle/export-invoice.ts';
import { cardRater } from '../domain/invoicing/rater.ts';
import { readBundle, writeBundle } from '../domain/verification/bundle.ts';
import { verifyBundle } from '../domain/verification/verify-bundle.ts';
import { connect } from './connect.ts';
import { portsOf } from './export-run.ts';
import type { ShowFlags } from './invoice.ts';
import { parseKind } from './invoice-key.ts';
import type { Io } from './io.ts';
import { verificationText } from './verify-text.ts';

/** As export and verify together, without a file. @throws InputError `unknown-customer`, `no-invoice`, `not-rated` */
export async function runInvoiceVerify(flags: ShowFlags, io: Io, open: typeof connect = connect): Promise<void> {
  const { customer, period, json } = flags;
  const kind = parseKind(flags.kind);
  const bundle = await exportInvoice({ customer, month: period, kind }, portsOf(await open(flags, io)));
  const reading = readBundle(Buffer.concat([...writeBundle(bundle)]));
  if (reading.outcome !== 'read') throw new Error(reading.message);
  const verification = verifyBundle(reading.bundle, reading.differences, cardRater());
  if (!verification.verified) io.exitCode = 3;
  const name = `${customer} ${period} ${kind}`;
  io.stdout.write(json ? `${JSON.stringify(verification)}\n` : verificationText(name, verification));
}
