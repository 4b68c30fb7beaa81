import type { LedgerStream } from '../../app/ports/ledger-stream.ts';

/** A stream that is durable at once: what has been appended stands in `lines`, in order. */
export function memoryLedger(): LedgerStream & { readonly lines: readonly string[] } {
  const lines: string[] = [];
  return {
    lines,
    async append(more) {
      lines.push(...more);
    },
  };
}
