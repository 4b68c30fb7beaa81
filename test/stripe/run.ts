import { dirname } from 'node:path';
import { endAllOnExit } from '../deploy/processes.ts';
import { checkMock } from './check-mock.ts';
import { checkStandIn } from './check-stand-in.ts';
import { readDescription } from './description.ts';
import { obtainStripeModule, Unavailable } from './go-module.ts';
import { liveSteps, Refused } from './live.ts';
import { NotHere, type Step } from './scenario.ts';

/**
 * `npm run test:stripe`: the scenario of everything against the stand-in, each request and answer held against Stripe's own
 * description; then the adapter against stripe-mock. `-- --live` runs the scenario at Stripe's test mode instead, with
 * STRIPE_API_KEY. Closes with "N passed, M failed, K skipped".
 */
const root = dirname(dirname(import.meta.dirname));
const counts = { passed: 0, failed: 0, skipped: 0 };

async function all(steps: readonly Step[]): Promise<void> {
  for (const { name, run } of steps) {
    try {
      await run();
      counts.passed += 1;
      console.log(`  ✓ ${name}`);
    } catch (error) {
      if (error instanceof NotHere) {
        counts.skipped += 1;
        console.log(`  - skipped: ${name}: ${error.message}`);
      } else {
        counts.failed += 1;
        console.log(`  ✕ ${name}\n${error instanceof Error ? error.stack : String(error)}`);
      }
    }
  }
}

async function local(): Promise<void> {
  const { description, mock } = await obtainStripeModule(root);
  const stripe = readDescription(description);
  console.log(`the stand-in, against Stripe's description of version ${stripe.version}`);
  await checkStandIn(stripe, all);
  console.log('the adapter, against stripe-mock');
  await checkMock(mock, root, all);
}

endAllOnExit();
try {
  if (process.argv.includes('--live')) await all(liveSteps(process.env.STRIPE_API_KEY));
  else await local();
} catch (error) {
  if (error instanceof Unavailable) {
    counts.skipped += 1;
    console.log(`  - skipped: Stripe's description needs ${error.message}`);
  } else {
    counts.failed += 1;
    console.log(
      `  ✕ ${error instanceof Refused ? error.message : error instanceof Error ? error.stack : String(error)}`,
    );
  }
}
console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
process.exit(counts.failed > 0 ? 1 : 0);
