import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { parseUsage } from '../../../lib/domain/pricing/usage.ts';
import { hourOf, parseTimestamp } from '../../../lib/domain/time/time.ts';
import { JANUARY, usageOf } from './rating.ts';

const schema = JSON.parse(readFileSync(join(import.meta.dirname, '../../../docs/schema/usage.schema.json'), 'utf8'));
const ajv = new Ajv2020({ strict: true, strictRequired: false });
(addFormats as unknown as (ajv: Ajv2020) => void)(ajv);
const fitsSchema = ajv.compile(schema);

const entry = (own: object) => usageOf([own]);
const credit = (own: object) => usageOf([], { credits: [{ id: 'a', kind: 'promo', balance: '1', ...own }] });

describe('refused', () => {
  test.each<[string, unknown, string, string, boolean]>([
    ['no object', [], 'not-an-object', '', true],
    ['no period', { usage: [] }, 'missing-key', '', true],
    ['no usage', { period: JANUARY }, 'missing-key', '', true],
    ['an unknown key', usageOf([], { credit: [] }), 'unknown-key', '/credit', true],
    ['a customer of null', usageOf([], { customer: null }), 'not-a-string', '/customer', true],
    ['a period without end', { period: { start: JANUARY.start }, usage: [] }, 'missing-key', '/period', true],
    [
      'a period in the middle of an hour',
      { period: { ...JANUARY, end: '2026-01-31T23:30:00Z' }, usage: [] },
      'not-an-hour',
      '/period/end',
      true,
    ],
    [
      'a period that ends when it begins',
      { period: { start: JANUARY.start, end: JANUARY.start }, usage: [] },
      'empty-period',
      '/period/end',
      false,
    ],
    [
      'a date for a time',
      { period: { ...JANUARY, start: '2026-01-01' }, usage: [] },
      'not-a-timestamp',
      '/period/start',
      true,
    ],
    ['a time as a number', { period: { ...JANUARY, start: 0 }, usage: [] }, 'not-a-timestamp', '/period/start', true],
    [
      'active that ends before it begins',
      usageOf([], { active: { from: '2026-01-03T00:00:00Z', to: '2026-01-02T00:00:00Z' } }),
      'active-ends-first',
      '/active/to',
      false,
    ],
    [
      'active with an unknown key',
      usageOf([], { active: { start: JANUARY.start } }),
      'unknown-key',
      '/active/start',
      true,
    ],
    ['an unknown zone', usageOf([], { timeZone: 'Mars/Olympus' }), 'unknown-time-zone', '/timeZone', false],
    ['usage that is no list', { period: JANUARY, usage: {} }, 'not-a-list', '/usage', true],
    ['usage without meter', { period: JANUARY, usage: [{ quantity: 1 }] }, 'missing-key', '/usage/0', true],
    [
      'an hour in the middle',
      entry({ quantity: 1, hour: '2026-01-05T10:30:00Z' }),
      'not-an-hour',
      '/usage/0/hour',
      true,
    ],
    [
      'an hour before the period',
      entry({ quantity: 1, hour: '2025-12-31T23:00:00Z' }),
      'outside-period',
      '/usage/0/hour',
      false,
    ],
    [
      'an hour at the period’s end',
      entry({ quantity: 1, hour: JANUARY.end }),
      'outside-period',
      '/usage/0/hour',
      false,
    ],
    ['neither quantity nor events', entry({}), 'quantity-or-events', '/usage/0', true],
    ['quantity and events', entry({ quantity: 1, events: [] }), 'quantity-or-events', '/usage/0', true],
    ['a negative quantity', entry({ quantity: '-1' }), 'negative', '/usage/0/quantity', true],
    ['a quantity that is no number', entry({ quantity: '1,000' }), 'not-a-decimal', '/usage/0/quantity', true],
    ['a fraction as a JSON number', entry({ quantity: 0.5 }), 'not-a-quantity', '/usage/0/quantity', true],
    ['a JSON integer above 2^53', entry({ quantity: 2 ** 53 + 2 }), 'not-a-quantity', '/usage/0/quantity', true],
    ['a quantity of true', entry({ quantity: true }), 'not-a-quantity', '/usage/0/quantity', true],
    ['an event as a JSON number', entry({ events: ['1.00', 50] }), 'not-a-string', '/usage/0/events/1', true],
    ['a negative event', entry({ events: ['-0.01'] }), 'negative', '/usage/0/events/0', true],
    ['an empty group', entry({ quantity: 1, group: '' }), 'empty', '/usage/0/group', true],
    ['a credit without kind', usageOf([], { credits: [{ id: 'a', balance: '1' }] }), 'missing-key', '/credits/0', true],
    ['a credit of another kind', credit({ kind: 'gift' }), 'unknown-value', '/credits/0/kind', true],
    ['a balance as a number', credit({ balance: 20 }), 'not-a-string', '/credits/0/balance', true],
    [
      'a credit twice',
      usageOf([], { credits: [1, 2].map(() => ({ id: 'a', kind: 'promo', balance: '1' })) }),
      'duplicate-id',
      '/credits/1/id',
      false,
    ],
    ['an expiry that is no time', credit({ expiresAt: 'never' }), 'not-a-timestamp', '/credits/0/expiresAt', true],
  ])('%s', (_why, json, code, path, inSchema) => {
    expect(() => parseUsage(json)).toThrow(expect.objectContaining({ name: 'InputError', code, path }));
    expect(fitsSchema(json)).toBe(!inSchema);
  });
});

describe('read', () => {
  test('every key', () => {
    const json = {
      customer: 'acme',
      period: JANUARY,
      active: { from: '2025-12-15T00:00:00Z', to: '2026-01-10T12:34:56Z' },
      timeZone: 'Europe/Berlin',
      usage: [
        { meter: 'calls', group: 'pay', hour: '2026-01-15T10:00:00Z', quantity: '1.50' },
        { meter: 'calls', group: null, quantity: 9_007_199_254_740_992 },
        { meter: 'fees', events: ['50.00', '0'] },
      ],
      credits: [{ id: 'w', kind: 'paid', balance: '20.00', expiresAt: JANUARY.end }],
    };
    expect(fitsSchema(json)).toBe(true);
    const [start, end] = [parseTimestamp(JANUARY.start), parseTimestamp(JANUARY.end)];
    expect(parseUsage(json)).toEqual({
      customer: 'acme',
      period: { start, end },
      active: { start, end: parseTimestamp('2026-01-10T12:34:56Z') },
      timeZone: 'Europe/Berlin',
      entries: [
        {
          index: 0,
          meter: 'calls',
          group: 'pay',
          hour: hourOf(parseTimestamp('2026-01-15T10:00:00Z')),
          quantity: 15,
          scale: 1,
          events: null,
          outcomes: null,
        },
        {
          index: 1,
          meter: 'calls',
          group: null,
          hour: null,
          quantity: 2n ** 53n,
          scale: 0,
          events: null,
          outcomes: null,
        },
        {
          index: 2,
          meter: 'fees',
          group: null,
          hour: null,
          quantity: 0,
          scale: 0,
          events: [
            { units: 50, scale: 0 },
            { units: 0, scale: 0 },
          ],
          outcomes: null,
        },
      ],
      credits: [{ id: 'w', kind: 'paid', balance: '20.00', expiresAt: end }],
      customerSince: null,
      spendCap: null,
      earlierOutcomes: [],
    });
  });

  test('the least: a period and no usage', () => {
    const period = { start: parseTimestamp(JANUARY.start), end: parseTimestamp(JANUARY.end) };
    expect(parseUsage({ period: JANUARY, usage: [] })).toEqual({
      customer: null,
      period,
      active: period,
      timeZone: null,
      entries: [],
      credits: [],
      customerSince: null,
      spendCap: null,
      earlierOutcomes: [],
    });
  });
});
