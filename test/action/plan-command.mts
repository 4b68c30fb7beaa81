import { main } from '../../lib/cli/main.ts';
import { addMeterCommand } from '../../lib/cli/meter.ts';
import { addPlanCommand } from '../../lib/cli/plan.ts';

/** `tollgate` from the sources, as far as these tests need it, with the clock of the tests: what stands in for the package from npm. */
const io = {
  stdout: process.stdout,
  stderr: process.stderr,
  stdin: process.stdin,
  env: process.env,
  cwd: process.cwd(),
  isTerminal: { stdout: false, stderr: false },
  clock: { now: () => Date.UTC(2026, 10, 15) },
  signal: new AbortController().signal,
  exitCode: 0,
};
await main(process.argv.slice(2), io, [addMeterCommand, addPlanCommand], '0.0.0');
process.exitCode = io.exitCode;
