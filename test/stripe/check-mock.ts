import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../deploy/emulator.ts';
import { end, start } from '../deploy/processes.ts';
import { adapterCalls } from './adapter-calls.ts';
import { recordedStripe } from './recorder.ts';
import type { Step } from './scenario.ts';

/** Each call of the adapter once: stripe-mock refuses what Stripe's description does not allow, and remembers nothing. */
export async function checkMock(
  mock: string,
  root: string,
  runAll: (steps: readonly Step[]) => Promise<void>,
): Promise<void> {
  const port = await freePort();
  const child = start(mock, ['-http-addr', `127.0.0.1:${port}`], { cwd: root, env: process.env });
  child.stdout?.resume();
  child.stderr?.resume();
  try {
    await reachable(port);
    const { stripe } = recordedStripe('sk_test_123', { host: '127.0.0.1', port, protocol: 'http' });
    const calls = adapterCalls(stripe);
    await runAll(
      calls.map(([name, call]) => ({
        name,
        run: async () => {
          const answer = await call();
          assert(answer.ok, answer.ok ? '' : `${answer.fault.kind} ${answer.fault.code}: ${answer.fault.message}`);
        },
      })),
    );
  } finally {
    end(child);
  }
}

async function reachable(port: number): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt++) {
    try {
      await fetch(`http://127.0.0.1:${port}/`);
      return;
    } catch {
      await sleep(100);
    }
  }
  throw new Error('stripe-mock does not answer');
}
