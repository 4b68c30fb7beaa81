import { Command, CommanderError } from 'commander';
import { InputError } from '../domain/input-error.ts';
import type { Io } from './io.ts';

/** Adds one command to the program. Light: its real work is imported inside the action, so that `--help` stays fast. */
export type AddCommand = (program: Command, io: Io) => void;

const DESCRIPTION = `API monetization as code: meter the calls of an API, decide what each customer pays,
rate it to the cent and show why.`;

/**
 * Parses the arguments and runs one command. Bad input ends in one line on stderr and exit code 1; a fault of ours in a
 * stack trace and exit code 70 (EX_SOFTWARE).
 */
export async function main(
  args: readonly string[],
  io: Io,
  commands: readonly AddCommand[],
  version: string,
): Promise<void> {
  const program = new Command('tollgate')
    .description(DESCRIPTION)
    .version(version, '-V, --version')
    .showHelpAfterError('(run with --help for the options and an example)')
    .configureOutput({ writeOut: (text) => io.stdout.write(text), writeErr: (text) => io.stderr.write(text) })
    .exitOverride();
  for (const add of commands) add(program, io);
  for (const command of program.commands) command.copyInheritedSettings(program);
  try {
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    await fail(error, io);
  }
}

/** Says what went wrong and sets the exit code; after Ctrl-C it is that which ended the command, whatever failed of it. */
export async function fail(error: unknown, io: Io): Promise<void> {
  // A Ctrl-C that arrived while a module was compiled is told to us only now. Help and bad arguments need not wait for it.
  if (!(error instanceof CommanderError)) await new Promise((done) => setTimeout(done, SIGNALS_MS));
  // Work that held the loop up may have used that time: only after a turn have waiting signals been looked at for sure.
  await new Promise((done) => setImmediate(done));
  report(error, io);
}

const SIGNALS_MS = 100;

function report(error: unknown, io: Io): void {
  if (error instanceof CommanderError) {
    io.exitCode = error.exitCode;
    return;
  }
  if (error instanceof InputError) {
    const hint = error.hint ? ` (${error.hint})` : '';
    io.stderr.write(`error: ${error.path ? `${error.path}: ` : ''}${error.message}${hint}\n`);
    io.exitCode = 1;
    return;
  }
  const code = (error as NodeJS.ErrnoException).code;
  // A terminal sends Ctrl-C to our child processes too (tsx has a compiler in one): what fails after it, failed of it.
  if (code === 'EPIPE' || (error as Error).name === 'AbortError' || io.signal.aborted) {
    io.exitCode = code === 'EPIPE' ? 0 : 130;
    return;
  }
  io.stderr.write(`error: this is a fault in tollgate, please report it\n${(error as Error).stack ?? String(error)}\n`);
  io.exitCode = 70;
}
