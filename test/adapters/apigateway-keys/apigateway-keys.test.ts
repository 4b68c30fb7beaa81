import { apiGatewayKeys } from '../../../lib/adapters/apigateway-keys/apigateway-keys.ts';
import { pacer } from '../../../lib/adapters/apigateway-keys/pace.ts';
import { parseTimestamp } from '../../../lib/domain/time/time.ts';
import { controlPlane } from './control-plane.ts';

type Plane = Awaited<ReturnType<typeof controlPlane>>;
let plane: Plane;
let turns = 0;
const pace = async () => void turns++;
beforeEach(async () => {
  plane = await controlPlane();
  turns = 0;
});
afterEach(() => plane.close());

test('a key is made once, whatever happens to the answer', async () => {
  const keys = apiGatewayKeys(plane.client(), pace);
  const id = await keys.create('tollgate-acme-1', 'v1');
  expect(await keys.create('tollgate-acme-1', 'v1')).toBe(id);
  expect([...plane.keys.values()]).toEqual([{ id, name: 'tollgate-acme-1', value: 'v1' }]);
});

test('the existing key is found by its whole name, on whatever page it is', async () => {
  const keys = apiGatewayKeys(plane.client(), pace);
  for (const suffix of ['10', '11', '12', '13']) await keys.create(`tollgate-acme-${suffix}`, `v${suffix}`);
  const id = await keys.create('tollgate-acme-1', 'v1');
  expect(await keys.create('tollgate-acme-1', 'v1')).toBe(id);
});

test('a value that someone else holds stops the work', async () => {
  const keys = apiGatewayKeys(plane.client(), pace);
  await keys.create('of-another-team', 'v1');
  await expect(keys.create('tollgate-acme-1', 'v1')).rejects.toThrow('is taken by the key of that name');
});

test('joining a plan can be repeated; a key that is in another plan is an error', async () => {
  const keys = apiGatewayKeys(plane.client(), pace);
  await keys.join('plan1', 'k');
  await keys.join('plan1', 'k');
  expect(plane.members.get('plan1')).toEqual(new Set(['k']));
  await expect(keys.join('plan2', 'k')).rejects.toMatchObject({ name: 'NotFoundException' });
});

test('usage is read by day and what is left is set', async () => {
  const keys = apiGatewayKeys(plane.client(), pace);
  plane.used.k = [
    [5, 95],
    [0, 95],
    [7, 88],
  ];
  const from = parseTimestamp('2026-03-01T00:00:00Z');
  const days = await keys.dailyUse('plan1', 'k', from, parseTimestamp('2026-03-03T10:00:00Z'));
  expect(days).toEqual([5, 0, 7]);
  await keys.setRemaining('plan1', 'k', 88);
  expect(plane.remaining).toEqual({ '/usageplans/plan1/keys/k/usage': 'replace /remaining 88' });
});

test('removing takes the key out of its plan and deletes it, as often as one likes', async () => {
  const keys = apiGatewayKeys(plane.client(), pace);
  const id = await keys.create('n', 'v');
  await keys.join('plan1', id);
  await keys.remove('plan1', id);
  await keys.remove('plan1', id);
  expect(plane.keys.size).toBe(0);
  expect(plane.members.get('plan1')?.size).toBe(0);
});

test('a flush is one call a stage', async () => {
  await apiGatewayKeys(plane.client(), pace).flush('api1', 'prod');
  expect(plane.calls).toEqual(['DELETE /restapis/api1/stages/prod/cache/authorizers']);
});

test('being throttled is an error that says so: the command goes back to its queue', async () => {
  plane.state.throttled = 10;
  const keys = apiGatewayKeys(plane.client({ maxAttempts: 1 }), pace);
  await expect(keys.create('n', 'v')).rejects.toMatchObject({ name: 'TooManyRequestsException' });
});

test('every call waits for its turn', async () => {
  const keys = apiGatewayKeys(plane.client(), pace);
  const id = await keys.create('n', 'v');
  await keys.join('plan1', id);
  await keys.setRemaining('plan1', id, 1);
  await keys.remove('plan1', id);
  expect(turns).toBe(plane.calls.length);
});

test('turns are an interval apart, and free after a pause', async () => {
  let now = 1_000;
  const slept: number[] = [];
  const turn = pacer(250, { now: () => now }, async (ms) => {
    slept.push(ms);
    now += ms;
  });
  await turn();
  await turn();
  now += 100;
  await turn();
  now += 10_000;
  await turn();
  expect(slept).toEqual([250, 150]);
});
