import { liveSteps } from './live.ts';
import { scenario } from './scenario.ts';
import { standInPlace } from './stand-in-place.ts';

test('the scenario of everything passes at the stand-in', async () => {
  const { place, standIn } = await standInPlace();
  try {
    const steps = scenario(place);
    expect(steps.length).toBeGreaterThan(15);
    for (const { run } of steps) await run();
  } finally {
    await standIn.close();
  }
}, 30_000);

test.each([undefined, '', 'sk_live_x', 'rk_live_x', 'whatever'])('it does not run live with the key %p', (key) => {
  expect(() => liveSteps(key)).toThrow('STRIPE_API_KEY');
});
