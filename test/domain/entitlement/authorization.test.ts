import { allowUnattributed, authorize, stageArnOf } from '../../../lib/domain/entitlement/authorization.ts';
import type { KeySnapshot } from '../../../lib/domain/entitlement/snapshot.ts';

const STAGE = 'arn:aws:execute-api:eu-west-1:123456789012:api123/prod';
const SNAPSHOT: KeySnapshot = {
  customer: 'acme',
  keyState: 'active',
  mode: 'live',
  status: 'active',
  reason: null,
  spend: 'open',
  rateCard: 'growth@2026-01-01',
  denied: [],
  usageKey: 'a'.repeat(64),
  version: 3,
};
const answer = (changes: Partial<KeySnapshot>) => authorize({ ...SNAPSHOT, ...changes }, STAGE, 'python');

describe('authorize', () => {
  test('an active customer may call the whole stage, and is named for the log', () => {
    expect(answer({})).toEqual({
      principalId: 'acme',
      policyDocument: {
        Version: '2012-10-17',
        Statement: [{ Action: 'execute-api:Invoke', Effect: 'Allow', Resource: [`${STAGE}/*`] }],
      },
      context: { customerId: 'acme', rateCard: 'growth@2026-01-01', client: 'python', mode: 'live' },
      usageIdentifierKey: 'a'.repeat(64),
    });
  });

  test.each([
    { name: 'grace still calls', changes: { status: 'grace', reason: 'payment-overdue' } },
    { name: 'a test key calls', changes: { mode: 'test' } },
  ] as const)('$name', ({ changes }) => {
    expect(answer(changes)).toMatchObject({ policyDocument: { Statement: [{ Effect: 'Allow' }] } });
  });

  test.each([
    {
      name: 'suspended, with its reason',
      changes: { status: 'suspended', reason: 'payment-overdue' },
      reason: 'payment-overdue',
    },
    { name: 'suspended, without one', changes: { status: 'suspended' }, reason: 'suspended' },
    {
      name: 'suspended, with text that is not a token',
      changes: { status: 'suspended', reason: '"},{' },
      reason: 'suspended',
    },
    { name: 'closed', changes: { status: 'closed' }, reason: 'closed' },
    { name: 'closed and out of its usage plan', changes: { status: 'closed', usageKey: null }, reason: 'closed' },
    { name: 'spend cap reached', changes: { spend: 'capReached' }, reason: 'spend-cap-reached' },
    { name: 'suspended with a test key', changes: { mode: 'test', status: 'suspended' }, reason: 'suspended' },
  ] as const)('403 for a customer that is $name', ({ changes, reason }) => {
    const denied = answer(changes);
    expect(denied).toMatchObject({
      principalId: 'acme',
      policyDocument: { Statement: [{ Effect: 'Deny', Resource: [`${STAGE}/*`] }] },
      context: { customerId: 'acme', reason },
    });
    expect(denied).not.toHaveProperty('usageIdentifierKey');
  });

  test.each([
    { name: 'revoked key', changes: { keyState: 'revoked' } },
    { name: 'revoked key of a suspended customer', changes: { keyState: 'revoked', status: 'suspended' } },
    { name: 'customer not placed in a usage plan yet', changes: { usageKey: null } },
  ] as const)('401 for a $name', ({ changes }) => {
    expect(answer(changes)).toBe('unauthorized');
  });

  test('403 for a route outside the features, in the same policy as what is allowed, since it is cached for all', () => {
    expect(answer({ denied: ['*/bulk', 'GET/exports/*'] })).toMatchObject({
      policyDocument: {
        Statement: [
          { Effect: 'Allow', Resource: [`${STAGE}/*`] },
          { Effect: 'Deny', Resource: [`${STAGE}/*/bulk`, `${STAGE}/GET/exports/*`] },
        ],
      },
      context: { customerId: 'acme', reason: 'feature-not-included' },
      usageIdentifierKey: 'a'.repeat(64),
    });
  });

  test('a call with a test key carries the rate card "test"', () => {
    expect(answer({ mode: 'test' })).toMatchObject({ context: { rateCard: 'test', mode: 'test' } });
  });

  test.each(['a b', 'a"b', 'a\nb', 'ümlaut', ''])('an id that could break a log line is refused: %j', (customer) => {
    const denied = answer({ customer });
    expect(denied).toMatchObject({ policyDocument: { Statement: [{ Effect: 'Deny' }] }, principalId: 'unknown' });
    expect(JSON.stringify(denied)).not.toContain(JSON.stringify(customer).slice(1, -1) || '"customerId"');
  });

  test('without the store a call passes as nobody', () => {
    expect(allowUnattributed(STAGE, 'go', 'k')).toEqual({
      principalId: 'unknown',
      policyDocument: {
        Version: '2012-10-17',
        Statement: [{ Action: 'execute-api:Invoke', Effect: 'Allow', Resource: [`${STAGE}/*`] }],
      },
      context: { client: 'go' },
      usageIdentifierKey: 'k',
    });
    expect(allowUnattributed(STAGE, 'go', undefined)).not.toHaveProperty('usageIdentifierKey');
  });
});

test.each([
  [`${STAGE}/GET/payments/1/refunds`, STAGE],
  [`${STAGE}/GET/`, STAGE],
  [STAGE, STAGE],
  ['arn:aws-cn:execute-api:cn-north-1:1:api/$default/POST/x', 'arn:aws-cn:execute-api:cn-north-1:1:api/$default'],
])('the stage of %s', (methodArn, stage) => {
  expect(stageArnOf(methodArn)).toBe(stage);
});
