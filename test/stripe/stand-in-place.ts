import { MINUTE_MS } from '../../lib/domain/time/time.ts';
import { type StandInOptions, type StripeStandIn, startStripeStandIn } from '../../lib/local/stripe/stand-in.ts';
import { type RecordedStripe, recordedStripe } from './recorder.ts';
import type { Place } from './scenario.ts';

/** The scenario's place at the stand-in: its clock moves when the scenario waits. */
export async function standInPlace(
  options: Partial<StandInOptions> = {},
): Promise<{ place: Place; standIn: StripeStandIn; recorded: RecordedStripe }> {
  let now = Date.UTC(2026, 1, 2);
  const standIn = await startStripeStandIn({ clock: { now: () => now }, cardOf: () => null, ...options });
  const { host, port } = standIn;
  const recorded = recordedStripe('sk_test_stand_in', { host, port, protocol: 'http' });
  const place: Place = {
    stripe: recorded.stripe,
    run: 'run1',
    async settle(ready) {
      await standIn.advance();
      if (!(await ready())) throw new Error('what Stripe does by itself has not happened');
    },
    async storeCard(page) {
      await fetch(page, { method: 'POST', body: new URLSearchParams({ card: 'pm_card_visa' }), redirect: 'manual' });
    },
    async untilSearchable() {
      now += MINUTE_MS;
    },
  };
  return { place, standIn, recorded };
}
