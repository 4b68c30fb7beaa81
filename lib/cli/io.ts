import type { Clock } from '../app/runtime.ts';

/** Everything a command touches outside itself, so that a test can run one without a process. */
export interface Io {
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: NodeJS.WritableStream;
  readonly stdin: NodeJS.ReadableStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Colours and progress go only to a terminal. */
  readonly isTerminal: { readonly stdout: boolean; readonly stderr: boolean };
  readonly clock: Clock;
  /** Aborted by Ctrl-C: long work stops at the next safe point and leaves no half-written file. */
  readonly signal: AbortSignal;
  /** The exit code; a command sets it and returns, so that output is flushed. */
  exitCode: number;
}

/** Progress for work over a second: on stderr, only on a terminal, erased when done. */
export function progress(io: Io, label: string): { update(done: number, total?: number): void; end(): void } {
  const started = io.clock.now();
  let shown = 0;
  const write = (text: string) => io.stderr.write(`\r\u001b[2K${text}`);
  return {
    update(done, total) {
      const now = io.clock.now();
      if (!io.isTerminal.stderr || now - started < 1_000 || now - shown < 100) return;
      shown = now;
      const share = total ? ` ${Math.floor((100 * done) / total)} %` : '';
      write(`${label} ${done.toLocaleString('en-US')}${share}`);
    },
    end() {
      if (shown > 0) write('');
    },
  };
}
