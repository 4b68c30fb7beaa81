import type { SSMClient } from '@aws-sdk/client-ssm';
import { ssmApi } from '../../../lib/adapters/ssm-api/ssm-api.ts';

const API = { restApiId: 'api', stages: ['prod'], usagePlans: { free: 'p1' }, region: 'eu-west-1' };

function parameter(value: string | undefined) {
  const state = { now: 1_000, value, reads: 0 };
  const send = async () => {
    state.reads += 1;
    return { Parameter: { Value: state.value } };
  };
  return { state, describe: ssmApi({ send } as unknown as SSMClient, '/tollgate/api', { now: () => state.now }) };
}

test('the API is read once a minute, so that a new plan is found while the function lives', async () => {
  const { state, describe } = parameter(JSON.stringify(API));
  expect(await describe()).toEqual(API);
  state.value = JSON.stringify({ ...API, usagePlans: { free: 'p1', new: 'p2' } });
  state.now += 59_999;
  expect((await describe()).usagePlans).toEqual({ free: 'p1' });
  state.now += 1;
  expect((await describe()).usagePlans).toEqual({ free: 'p1', new: 'p2' });
  expect(state.reads).toBe(2);
});

test.each([
  undefined,
  '',
  '{}',
  JSON.stringify({ ...API, stages: 'prod' }),
  JSON.stringify({ ...API, usagePlans: null }),
])('what the deployment did not write is an error: %s', async (value) => {
  await expect(parameter(value).describe()).rejects.toThrow();
});
