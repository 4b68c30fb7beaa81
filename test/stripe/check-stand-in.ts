import assert from 'node:assert/strict';
import type { Description, Exchange } from './description.ts';
import { KNOWN_DIFFERENCES } from './known-differences.ts';
import { recordedStripe } from './recorder.ts';
import { type Step, scenario } from './scenario.ts';
import { standInPlace } from './stand-in-place.ts';

type RunAll = (steps: readonly Step[]) => Promise<void>;

/** Runs the scenario, then holds everything that went over the wire, and every event, against the description. */
export async function checkStandIn(description: Description, runAll: RunAll): Promise<void> {
  const { place, standIn, recorded } = await standInPlace();
  const refusals: Exchange[] = [];
  try {
    await runAll([
      ...scenario(place),
      {
        name: 'a key that nobody knows, and too many calls',
        run: async () => void refusals.push(...(await refused())),
      },
    ]);
    const found = new Set<string>([
      ...[...recorded.exchanges, ...refusals].flatMap((exchange) => description.differences(exchange)),
      ...standIn.store.events.flatMap((event) => description.eventDifferences(event)),
    ]);
    const endpoints = new Set(
      recorded.exchanges.map(
        ({ method, path }) => `${method} ${path.replace(/\/[a-z]+_\w+$|\/[a-z]+_(test_)?\d+/g, '/:id')}`,
      ),
    );
    await runAll([
      {
        name: `${recorded.exchanges.length} requests to ${endpoints.size} endpoints, and ${standIn.store.events.length} events, are as described`,
        run: async () => {
          assert(
            recorded.exchanges.length > 100 && endpoints.size > 30,
            'the scenario has become too small to say much',
          );
          assert.deepEqual([...found].filter((text) => !(text in KNOWN_DIFFERENCES)).sort(), []);
        },
      },
      {
        name: `each of the ${Object.keys(KNOWN_DIFFERENCES).length} known differences is still one`,
        run: async () =>
          assert.deepEqual(
            Object.keys(KNOWN_DIFFERENCES).filter((text) => !found.has(text)),
            [],
          ),
      },
    ]);
  } finally {
    await standIn.close();
  }
}

/** Errors that the scenario itself cannot cause, on a stand-in that allows two calls a second. */
async function refused(): Promise<readonly Exchange[]> {
  const { standIn } = await standInPlace({ callsPerSecond: 2 });
  try {
    const { host, port } = standIn;
    const place = { host, port, protocol: 'http' } as const;
    const limited = recordedStripe('sk_test_x', place);
    await limited.stripe.customers.list();
    await limited.stripe.customers.list();
    await assert.rejects(limited.stripe.customers.list(), { type: 'StripeRateLimitError' });
    const stranger = recordedStripe('sk_live_x', place);
    await assert.rejects(stranger.stripe.invoices.list(), { type: 'StripeAuthenticationError' });
    return [...limited.exchanges, ...stranger.exchanges];
  } finally {
    await standIn.close();
  }
}
