import { InputError } from '../../domain/input-error.ts';
import { type CreditNote, overcharged } from '../../domain/invoicing/correction.ts';
import { linesToSend } from '../../domain/invoicing/lines-to-send.ts';
import { compare, formatDecimal, parseDecimal, subtract, ZERO } from '../../domain/money/decimal.ts';
import type { Corrections } from '../ports/invoices.ts';
import { knownInvoice } from '../review-invoices/review-invoices.ts';
import type { CorrectingPorts } from './correct-invoices.ts';
import { creditInvoice } from './credit-note.ts';
import {
  type CorrectionPorts,
  type CorrectionPreview,
  type CorrectionRequest,
  previewCorrection,
  recordCorrection,
} from './price-correction.ts';

export type CreditingPorts = CorrectingPorts & CorrectionPorts & { readonly corrections: Corrections };

/**
 * Gives back at once what a wrong price has charged too much, by a credit note on the lines that were too high, and records
 * the correction as one that was credited: the next usage invoice names it and takes nothing more. The note comes first, so
 * that a crash between leaves nothing that the customer was promised and did not get; the same command then goes on. Twice
 * is once.
 *
 * @throws InputError as previewCorrection, and `nothing-to-credit`, `correction-exists`, `too-much`, `stripe-refused`; RetryLater
 */
export async function creditCorrection(
  request: CorrectionRequest & { readonly refund: boolean },
  ports: CreditingPorts,
): Promise<CorrectionPreview & { readonly note: CreditNote }> {
  const { key, by, reason, refund } = request;
  const preview = await previewCorrection(request, ports);
  const { id } = preview.correction;
  const recorded = (await ports.corrections.ofCustomer(key.customer)).find((one) => one.id === id);
  if (recorded && recorded.credited === undefined) {
    const message = 'it is recorded already, as one that the next usage invoice takes';
    throw new InputError({ code: 'correction-exists', message });
  }
  const record = await knownInvoice(key, ports.invoices);
  const noteId = `cn-${id}`;
  const isDecided = record.creditNotes.some((note) => note.id === noteId);
  const amount = formatDecimal(subtract(ZERO, parseDecimal(preview.difference)));
  if (!isDecided && compare(parseDecimal(amount), ZERO) <= 0) {
    const hint = 'without a credit note the next usage invoice takes the difference';
    throw new InputError({ code: 'nothing-to-credit', message: `the difference is ${preview.difference}`, hint });
  }
  const lines = record.invoice && overcharged(linesToSend(record.invoice), preview.lines, amount);
  const note = await creditInvoice(key, { id: noteId, by, reason, refund, of: lines ?? { amount } }, ports);
  await recordCorrection({ ...request, credited: note.amount }, ports);
  return { ...preview, note };
}
