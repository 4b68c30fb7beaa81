import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { exportInvoice } from '../app/export-bundle/export-invoice.ts';
import { InputError } from '../domain/input-error.ts';
import { cardRater } from '../domain/invoicing/rater.ts';
import { parseRuleset } from '../domain/rules/parse-ruleset.ts';
import { type Bundle, writeBundle } from '../domain/verification/bundle.ts';
import { verifyBundle } from '../domain/verification/verify-bundle.ts';
import { type ConnectedStack, connect } from './connect.ts';
import type { ExportFlags } from './export.ts';
import { parseKind } from './invoice-key.ts';
import type { Io } from './io.ts';
import { verificationText } from './verify-text.ts';

/** @throws InputError `unknown-customer`, `no-invoice`, `not-rated`, `cannot-write`, and what {@link connect} throws */
export async function runExport(flags: ExportFlags, io: Io, open: typeof connect = connect): Promise<void> {
  const kind = parseKind(flags.kind);
  const stack = await open(flags, io);
  const bundle = await exportInvoice({ customer: flags.customer, month: flags.period, kind }, portsOf(stack));
  await writeCompressed(bundle, flags.out, io);
  const verification = verifyBundle(bundle, [], cardRater());
  if (!verification.verified) {
    io.exitCode = 3;
    io.stderr.write(verificationText(flags.out, verification));
  }
  const { verified, checked, total, currency } = verification;
  const summary = {
    file: flags.out,
    customer: flags.customer,
    period: flags.period,
    verified,
    total,
    currency,
    checked,
  };
  const text = `${flags.out}: ${bundle.parts.length} parts, ${checked.lines} lines, ${total} ${currency}\n`;
  io.stdout.write(flags.json ? `${JSON.stringify(summary)}\n` : text);
}

/** What exporting needs of a stack. */
export function portsOf({ stores, runtime }: Pick<ConnectedStack, 'stores' | 'runtime'>) {
  const { clock, log, metrics } = runtime;
  return {
    ...{ ...stores, clock, log, metrics, customers: stores.directory, rater: cardRater() },
    parseRuleset: ({ files }: { files: Parameters<typeof parseRuleset>[0] }) => parseRuleset(files),
  };
}

/** The file appears whole or not at all. */
async function writeCompressed(bundle: Bundle, out: string, io: Io): Promise<void> {
  const path = resolve(io.cwd, out);
  const beside = `${path}.${process.pid}.part`;
  const file = createWriteStream(beside);
  try {
    await once(file, 'open');
    await pipeline(Readable.from(writeBundle(bundle), { objectMode: true }), createGzip(), file, { signal: io.signal });
    await rename(beside, path);
  } catch (error) {
    await rm(beside, { force: true });
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === undefined || code === 'ABORT_ERR') throw error;
    throw new InputError({
      code: 'cannot-write',
      path: out,
      message: code === 'ENOENT' ? 'there is no such folder' : message,
    });
  }
}
