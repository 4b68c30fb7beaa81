import { setTimeout as sleep } from 'node:timers/promises';
import { recordedStripe } from './recorder.ts';
import { type Step, scenario } from './scenario.ts';

/** What Stripe does by itself in test mode takes seconds, a test clock up to some minutes. */
const PATIENCE_MS = 180_000;
const LOOK_EVERY_MS = 2_000;

/** Asked for in a way that cannot be done. */
export class Refused extends Error {}

/** The same scenario at Stripe's test mode. It leaves customers and invoices there, named after the run. */
export function liveSteps(apiKey: string | undefined): Step[] {
  if (!apiKey) throw new Refused('STRIPE_API_KEY is not set: a secret key of the test mode, sk_test_…');
  if (!/^(sk|rk)_test_/.test(apiKey)) {
    throw new Refused('STRIPE_API_KEY is no test key: only sk_test_… is used, so that no money can move');
  }
  const { stripe } = recordedStripe(apiKey, {});
  const settle = async (ready: () => Promise<boolean>) => {
    const until = Date.now() + PATIENCE_MS;
    while (!(await ready())) {
      if (Date.now() > until) throw new Error(`what Stripe does by itself has not happened in ${PATIENCE_MS / 1000} s`);
      await sleep(LOOK_EVERY_MS);
    }
  };
  return scenario({ stripe, run: `tollgate-${Date.now().toString(36)}`, settle });
}
