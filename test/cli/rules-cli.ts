import { Writable } from 'node:stream';
import { addDecideCommand } from '../../lib/cli/decide.ts';
import { addExplainCommand } from '../../lib/cli/explain.ts';
import { main } from '../../lib/cli/main.ts';
import { addValidateCommand } from '../../lib/cli/validate.ts';
import { parseTimestamp } from '../../lib/domain/time/time.ts';

export interface CliRun {
  readonly out: string;
  readonly err: string;
  readonly code: number;
}

/** Runs one of the commands about rules in process, on 2026-02-10 at noon. */
export async function tollgate(
  cwd: string,
  args: readonly string[],
  options: { terminal?: boolean } = {},
): Promise<CliRun> {
  const written = { out: '', err: '' };
  const sink = (to: 'out' | 'err') =>
    new Writable({
      write(chunk, _encoding, done) {
        written[to] += String(chunk);
        done();
      },
    });
  const io = {
    stdout: sink('out'),
    stderr: sink('err'),
    stdin: process.stdin,
    env: { NO_COLOR: '1' },
    cwd,
    isTerminal: { stdout: options.terminal === true, stderr: false },
    clock: { now: () => parseTimestamp('2026-02-10T12:00:00Z') },
    signal: new AbortController().signal,
    exitCode: 0,
  };
  await main(args, io, [addValidateCommand, addDecideCommand, addExplainCommand], '0.0.0');
  return { ...written, code: io.exitCode };
}
