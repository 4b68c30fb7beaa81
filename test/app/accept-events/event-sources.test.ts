import { parseEventSources, principalOf } from '../../../lib/app/accept-events/event-sources.ts';

test.each([
  { arn: 'arn:aws:sts::123456789012:assumed-role/Billing/i-0abc', principal: 'arn:aws:iam::123456789012:role/Billing' },
  {
    arn: 'arn:aws-cn:sts::123456789012:assumed-role/Billing/a@b.c',
    principal: 'arn:aws-cn:iam::123456789012:role/Billing',
  },
  { arn: 'arn:aws:iam::123456789012:role/teams/eu/Billing', principal: 'arn:aws:iam::123456789012:role/Billing' },
  { arn: 'arn:aws:iam::123456789012:role/Billing', principal: 'arn:aws:iam::123456789012:role/Billing' },
  { arn: 'arn:aws:iam::123456789012:user/jobs/Billing', principal: 'arn:aws:iam::123456789012:user/jobs/Billing' },
])('$arn is $principal', ({ arn, principal }) => {
  expect(principalOf(arn)).toBe(principal);
});

test('reads what each caller may report', () => {
  const sources = parseEventSources('{"arn:aws:iam::1:role/p/A":{"sources":["/a"],"meters":["m"]}}');
  expect([...sources]).toEqual([['arn:aws:iam::1:role/A', { sources: ['/a'], meters: ['m'] }]]);
});

test.each([
  { title: 'no JSON', json: '{', message: 'EVENT_SOURCES is not JSON' },
  { title: 'a list', json: '[]', message: 'EVENT_SOURCES is not an object' },
  {
    title: 'a caller without meters',
    json: '{"a":{"sources":[]}}',
    message: 'EVENT_SOURCES/a/meters is not a list of strings',
  },
  {
    title: 'a source that is a number',
    json: '{"a":{"sources":[1],"meters":[]}}',
    message: 'EVENT_SOURCES/a/sources is not a list of strings',
  },
  {
    title: 'one role under two paths',
    json: '{"arn:aws:iam::1:role/A":{"sources":[],"meters":[]},"arn:aws:iam::1:role/p/A":{"sources":[],"meters":[]}}',
    message: 'EVENT_SOURCES/arn:aws:iam::1:role/p/A names arn:aws:iam::1:role/A a second time',
  },
])('refuses $title', ({ json, message }) => {
  expect(() => parseEventSources(json)).toThrow(message);
});
