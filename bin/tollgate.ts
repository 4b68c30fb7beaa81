#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { addCreditsCommand } from '../lib/cli/credits.ts';
import { addCustomersCommand } from '../lib/cli/customers.ts';
import { addDecideCommand } from '../lib/cli/decide.ts';
import { addDevCommand } from '../lib/cli/dev.ts';
import { addExplainCommand } from '../lib/cli/explain.ts';
import { addExportCommand } from '../lib/cli/export.ts';
import { addInvoiceCommand } from '../lib/cli/invoice.ts';
import { type AddCommand, fail, main } from '../lib/cli/main.ts';
import { addMeterCommand } from '../lib/cli/meter.ts';
import { addPlanCommand } from '../lib/cli/plan.ts';
import { addRateCommand } from '../lib/cli/rate.ts';
import { addReconcileCommand } from '../lib/cli/reconcile.ts';
import { addReportsCommand } from '../lib/cli/reports.ts';
import { addValidateCommand } from '../lib/cli/validate.ts';
import { addVerifyCommand } from '../lib/cli/verify.ts';

// The commands, in the order in which `--help` lists them.
const COMMANDS: AddCommand[] = [
  addValidateCommand,
  addDecideCommand,
  addExplainCommand,
  addMeterCommand,
  addRateCommand,
  addPlanCommand,
  addCustomersCommand,
  addInvoiceCommand,
  addCreditsCommand,
  addExportCommand,
  addVerifyCommand,
  addReconcileCommand,
  addReportsCommand,
  addDevCommand,
];

// The SDK's reminder that Node 20 ends for it in 2027 is for the maintainers' CI, not for whoever runs a command.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';

const interrupted = new AbortController();
process.once('SIGINT', () => interrupted.abort());
process.once('SIGTERM', () => interrupted.abort());
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

/** The package's own version, found from the sources and from the built form alike. */
function version(): string {
  for (const path of ['../package.json', '../../package.json']) {
    try {
      const { name, version } = JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8'));
      if (name === 'tollgate') return version;
    } catch {}
  }
  throw new Error('package.json of tollgate not found');
}

const io = {
  stdout: process.stdout,
  stderr: process.stderr,
  stdin: process.stdin,
  env: process.env,
  cwd: process.cwd(),
  isTerminal: { stdout: process.stdout.isTTY === true, stderr: process.stderr.isTTY === true },
  clock: { now: () => Date.now() },
  signal: interrupted.signal,
  exitCode: 0,
};
// In a checkout tsx compiles in a process of its own, to which a terminal sends Ctrl-C as well: it may be gone before we are
// told, and Node then ends us with its own code. What is thrown for any other reason is a fault like one in a command.
let compilerGone = false;
process.on('uncaughtException', (error) => {
  compilerGone ||= /node_modules.esbuild/.test(error.stack ?? '');
  if (!compilerGone) void fail(error, io).then(() => process.exit(io.exitCode));
});
process.on('exit', () => {
  if (compilerGone) process.exitCode = 130;
});
await main(process.argv.slice(2), io, COMMANDS, version());
process.exitCode = io.exitCode;
