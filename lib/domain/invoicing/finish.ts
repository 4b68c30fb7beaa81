import { digestOf } from './canonical.ts';
import { assertInvoice } from './invariants.ts';
import type { Invoice } from './invoice.ts';
import { money, sum } from './money-units.ts';
import type { DraftLine } from './rate-period.ts';

/** Numbers the lines, sums them, checks what must hold of every invoice, and signs the whole with its digest. */
export function numbered(
  head: Omit<Invoice, 'lines' | 'total' | 'digest'>,
  drafted: readonly DraftLine[],
  decimals: number,
): Invoice {
  const lines = drafted.map((line, index) => ({ id: String(index + 1).padStart(4, '0'), ...line }));
  const content = { ...head, lines, total: money(sum(lines, decimals), decimals) };
  assertInvoice(content);
  return { ...content, digest: digestOf(content) };
}

/** Whether an invoice is still the one that was made: its content is what its digest says. */
export const isSound = ({ digest, ...content }: Invoice): boolean => digestOf(content) === digest;
