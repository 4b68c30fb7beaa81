import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { parseUsageEvent } from '../../../lib/app/accept-events/usage-event.ts';
import { InputError } from '../../../lib/domain/input-error.ts';
import { parseTimestamp } from '../../../lib/domain/time/time.ts';

const good = {
  specversion: '1.0',
  type: 'tollgate.usage',
  source: '/billing',
  id: 'e-1',
  subject: 'acme',
  time: '2026-01-15T10:00:00Z',
  data: { meter: 'tokens', quantity: '1532', group: 'large-model' },
};

const SCHEMA = join(import.meta.dirname, '../../../docs/schema/usage-event.schema.json');
const bySchema = new Ajv2020().compile(JSON.parse(readFileSync(SCHEMA, 'utf8')));

test('reads who, what and when', () => {
  expect(parseUsageEvent(good)).toMatchObject({
    source: '/billing',
    id: 'e-1',
    customer: 'acme',
    meter: 'tokens',
    ms: parseTimestamp('2026-01-15T10:00:00Z'),
  });
});

test('the digest does not depend on the order of keys, nor on the content type that is always the same', () => {
  const { digest, line } = parseUsageEvent(good);
  const turned = Object.fromEntries(Object.entries(good).reverse());
  expect(parseUsageEvent({ ...turned, datacontenttype: 'application/json; charset=utf-8' })).toMatchObject({
    digest,
    line,
  });
  expect(line).toBe(
    '{"data":{"group":"large-model","meter":"tokens","quantity":"1532"},"id":"e-1","source":"/billing","specversion":"1.0","subject":"acme","time":"2026-01-15T10:00:00Z","type":"tollgate.usage"}',
  );
});

test.each([
  { title: 'another time', change: { time: '2026-01-15T10:00:01Z' } },
  { title: 'the same instant written otherwise', change: { time: '2026-01-15T11:00:00+01:00' } },
  { title: 'another quantity', change: { data: { meter: 'tokens', quantity: '1533' } } },
  { title: 'an extension', change: { region: 'eu' } },
])('$title is another body', ({ change }) => {
  expect(parseUsageEvent({ ...good, ...change }).digest).not.toBe(parseUsageEvent(good).digest);
});

test.each([
  { title: 'a whole number', data: { meter: 'tokens', quantity: 2 ** 53 } },
  { title: 'nothing used', data: { meter: 'tokens', quantity: '0' } },
  { title: 'money', data: { meter: 'payments', amount: '50.00', currency: 'USD' } },
  { title: 'an outcome', data: { meter: 'bookings', amount: '50.00', currency: 'USD' } },
  {
    title: 'an outcome with the time of our part in it',
    data: { meter: 'bookings', amount: '50.00', currency: 'USD', touchedAt: '2026-01-02T09:00:00Z' },
  },
  { title: 'a reversal', data: { meter: 'bookings', reverses: 'b-1001' } },
])('takes $title, as the schema does', ({ data }) => {
  expect(parseUsageEvent({ ...good, data }).meter).toBe(data.meter);
  expect([bySchema({ ...good, data }), bySchema.errors]).toEqual([true, null]);
});

const without = (key: string) => Object.fromEntries(Object.entries(good).filter(([name]) => name !== key));
const withData = (data: unknown) => ({ ...good, data });

test.each([
  { title: 'text', event: 'hello', path: '', code: 'not-an-object' },
  { title: 'a list', event: [good], path: '', code: 'not-an-object' },
  { title: 'no specversion', event: without('specversion'), path: '/specversion', code: 'bad-specversion' },
  { title: 'another type', event: { ...good, type: 'other' }, path: '/type', code: 'bad-type' },
  { title: 'no source', event: without('source'), path: '/source', code: 'missing' },
  { title: 'a source with NUL', event: { ...good, source: 'a\0b' }, path: '/source', code: 'bad-source' },
  { title: 'an empty id', event: { ...good, id: '' }, path: '/id', code: 'not-text' },
  { title: 'an id that is a number', event: { ...good, id: 7 }, path: '/id', code: 'not-text' },
  { title: 'an endless id', event: { ...good, id: 'x'.repeat(1_025) }, path: '/id', code: 'too-long' },
  { title: 'no subject', event: without('subject'), path: '/subject', code: 'missing' },
  {
    title: 'a subject that is no customer id',
    event: { ...good, subject: 'a/b' },
    path: '/subject',
    code: 'bad-subject',
  },
  { title: 'no time', event: without('time'), path: '/time', code: 'missing' },
  {
    title: 'a time without a zone',
    event: { ...good, time: '2026-01-15T10:00:00' },
    path: '/time',
    code: 'not-a-timestamp',
  },
  {
    title: 'a day that does not exist',
    event: { ...good, time: '2026-02-30T10:00:00Z' },
    path: '/time',
    code: 'not-a-date',
  },
  { title: 'an attribute in capitals', event: { ...good, traceId: 'x' }, path: '/traceId', code: 'bad-attribute' },
  { title: 'an extension that is an object', event: { ...good, trace: {} }, path: '/trace', code: 'bad-attribute' },
  { title: 'base64 data', event: { ...good, data_base64: 'e30=' }, path: '/data_base64', code: 'bad-data' },
  {
    title: 'data that is not JSON',
    event: { ...good, datacontenttype: 'text/xml' },
    path: '/datacontenttype',
    code: 'bad-datacontenttype',
  },
  { title: 'no data', event: without('data'), path: '/data', code: 'missing' },
  { title: 'no meter', event: withData({ quantity: '1' }), path: '/data/meter', code: 'missing' },
  { title: 'neither quantity nor amount', event: withData({ meter: 'm' }), path: '/data/quantity', code: 'missing' },
  {
    title: 'both',
    event: withData({ meter: 'm', quantity: '1', amount: '1', currency: 'USD' }),
    path: '/data/quantity',
    code: 'quantity-and-amount',
  },
  {
    title: 'a negative quantity',
    event: withData({ meter: 'm', quantity: '-1' }),
    path: '/data/quantity',
    code: 'negative',
  },
  { title: 'minus nothing', event: withData({ meter: 'm', quantity: '-0' }), path: '/data/quantity', code: 'negative' },
  {
    title: 'a quantity with an exponent',
    event: withData({ meter: 'm', quantity: '1e3' }),
    path: '/data/quantity',
    code: 'not-a-decimal',
  },
  {
    title: 'a fraction as a number',
    event: withData({ meter: 'm', quantity: 0.5 }),
    path: '/data/quantity',
    code: 'bad-quantity',
  },
  {
    title: 'a number beyond 2^53',
    event: withData({ meter: 'm', quantity: 2 ** 54 }),
    path: '/data/quantity',
    code: 'bad-quantity',
  },
  {
    title: 'more digits than a counter holds',
    event: withData({ meter: 'm', quantity: '1'.repeat(31) }),
    path: '/data/quantity',
    code: 'too-precise',
  },
  {
    title: 'money as a number',
    event: withData({ meter: 'm', amount: 5, currency: 'USD' }),
    path: '/data/amount',
    code: 'bad-amount',
  },
  {
    title: 'money without a currency',
    event: withData({ meter: 'm', amount: '5' }),
    path: '/data/currency',
    code: 'bad-currency',
  },
  {
    title: 'a currency without money',
    event: withData({ meter: 'm', quantity: '5', currency: 'USD' }),
    path: '/data/currency',
    code: 'currency-without-amount',
  },
  {
    title: 'a touch without an outcome',
    event: withData({ meter: 'm', quantity: '5', touchedAt: '2026-01-01T00:00:00Z' }),
    path: '/data/touchedAt',
    code: 'touchedAt-without-amount',
  },
  {
    title: 'a touch that is no time',
    event: withData({ meter: 'm', amount: '5', currency: 'USD', touchedAt: '2026-13-01T00:00:00Z' }),
    path: '/data/touchedAt',
    code: 'not-a-date',
  },
  {
    title: 'a touch that is a number',
    event: withData({ meter: 'm', amount: '5', currency: 'USD', touchedAt: 5 }),
    path: '/data/touchedAt',
    code: 'not-text',
  },
  {
    title: 'a reversal with an amount',
    event: withData({ meter: 'm', reverses: 'b-1', amount: '5', currency: 'USD' }),
    path: '/data/amount',
    code: 'reversal-with-amount',
  },
  {
    title: 'a reversal of nothing',
    event: withData({ meter: 'm', reverses: '' }),
    path: '/data/reverses',
    code: 'not-text',
  },
  {
    title: 'a reversal of itself',
    event: withData({ meter: 'm', reverses: good.id }),
    path: '/data/reverses',
    code: 'reverses-itself',
  },
  {
    title: 'an empty group',
    event: withData({ meter: 'm', quantity: '5', group: '' }),
    path: '/data/group',
    code: 'not-text',
  },
])('refuses $title', ({ event, path, code }) => {
  const fault = faultOf(() => parseUsageEvent(event));
  expect({ path: fault.path, code: fault.code }).toEqual({ path, code });
});

test('an unknown key in data is named with the nearest known one', () => {
  const fault = faultOf(() => parseUsageEvent(withData({ meter: 'm', quantiti: '5' })));
  expect(fault).toMatchObject({ code: 'unknown-key', path: '/data/quantiti', hint: 'did you mean quantity?' });
});

function faultOf(work: () => unknown): InputError {
  try {
    work();
  } catch (fault) {
    if (fault instanceof InputError) return fault;
    throw fault;
  }
  throw new Error('nothing was refused');
}
