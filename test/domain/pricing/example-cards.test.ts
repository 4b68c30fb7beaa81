import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkRateCard } from '../../../lib/domain/pricing/check/check-card.ts';
import { warnRateCard } from '../../../lib/domain/pricing/check/warn-card.ts';
import { parseRateCard } from '../../../lib/domain/pricing/parse.ts';
import { validateRuleset } from '../../../lib/domain/rules/validate-ruleset.ts';
import { rateCard, smallRules } from '../../app/publish-rules/small-rules.ts';
import { bill, usageOf } from './rating.ts';

const FOLDER = join(import.meta.dirname, '../../../rules/examples');
const files = readdirSync(FOLDER).filter((name) => name.endsWith('.json'));
const read = (id: string) => JSON.parse(readFileSync(join(FOLDER, `${id}.json`), 'utf8'));

test.each(files)('%s is valid, named as its file, and says where its prices come from', (file) => {
  const card = JSON.parse(readFileSync(join(FOLDER, file), 'utf8'));
  expect(checkRateCard(card)).toEqual([]);
  expect(`${card.id}.json`).toBe(file);
  expect(card.rationale).toContain('Source: ');
});

const credits = [{ id: 'monthly', kind: 'promo', balance: '200.00', expiresAt: '2026-02-01T00:00:00Z' }];

/** A number of units of a meter, or of a group of it. */
const of = (meter: string, quantity: number, group?: string) => ({ meter, quantity, ...(group && { group }) });

test.each([
  {
    id: 'aws-api-gateway-rest',
    used: [of('rest-requests', 1_000_000)],
    lines: ['0.00'],
    due: '0.00',
    why: 'the free tier',
  },
  {
    id: 'aws-api-gateway-rest',
    used: [of('rest-requests', 21_001_000_000)],
    lines: ['0.00', '1165.50', '1867.60', '45220.00', '1510.00'],
    due: '49763.10',
    why: '21 billion requests, published by Infracost, after the free tier',
  },
  {
    id: 'aws-lambda',
    used: [of('requests', 3_000_000), of('gb-seconds', 1_500_000)],
    lines: ['0.00', '0.40', '0.00', '18.34'],
    due: '18.74',
    why: 'example 1 of the pricing page',
  },
  {
    id: 'stripe-graduated-tiers',
    used: [of('projects', 6)],
    lines: ['35.00', '6.50'],
    due: '41.50',
    why: 'each project at the price of its tier',
  },
  {
    id: 'stripe-volume-tiers',
    used: [of('projects', 6)],
    lines: ['39.00'],
    due: '39.00',
    why: 'all projects at the price of the tier reached',
  },
  {
    id: 'twilio-voice-volume',
    used: [of('inbound-minutes', 501_000)],
    lines: ['5000.00', '9.00'],
    due: '5009.00',
    why: 'a thousand minutes at the volume price cost 9 USD, as published',
  },
  {
    id: 'openai-gpt-4o',
    used: [
      of('tokens', 36_000_000, 'input'),
      of('tokens', 4_000_000, 'cached-input'),
      of('tokens', 72_000_000, 'output'),
      of('tokens', 1_000_000, 'batch-output'),
    ],
    lines: ['90.00', '5.00', '720.00', '5.00'],
    due: '820.00',
    why: '36 million in and 72 million out are 810 USD as published; cached input is half the price, batch too',
  },
  {
    id: 'google-maps-geocoding',
    used: [of('geocoding', 40_000)],
    lines: ['200.00'],
    due: '0.00',
    why: '40,000 requests were what the monthly credit paid for',
  },
  {
    id: 'google-maps-geocoding',
    used: [of('geocoding', 150_000)],
    lines: ['500.00', '200.00'],
    due: '500.00',
    why: 'two tiers less the credit',
  },
])('$id: $due ($why)', ({ id, used, lines, due }) => {
  const own = id === 'google-maps-geocoding' ? { credits } : {};
  const result = bill(read(id), usageOf(used, own));
  expect(result.lines.map(({ amount }) => amount)).toEqual(lines);
  expect(result.amountDue).toBe(due);
});

describe('travel-bookings-commission: 8 % of a stay, 12 % of an experience, invented', () => {
  const booked = (id: string, amount: string, day: string, own: object = {}) => ({
    ...{ id: `/hotels#${id}`, amount, at: `2026-01-${day}T12:00:00Z`, touchedAt: '2026-01-02T09:00:00Z' },
    ...own,
  });
  const cancelled = { id: '/hotels#c-1', reverses: '/hotels#s-1', at: '2026-01-20T12:00:00Z' };
  const stays = [booked('s-1', '450.00', '05'), booked('s-2', '1200.00', '06'), booked('s-3', '5.00', '07')];

  test('its price, its bounds, and a cancellation that names no group', () => {
    const late = booked('e-2', '80.00', '30', { touchedAt: '2025-12-20T09:00:00Z' });
    const used = [
      { meter: 'bookings', outcomes: [...stays, cancelled] },
      { meter: 'bookings', group: 'experiences', outcomes: [booked('e-1', '80.00', '08'), late] },
      of('api-calls', 25_000),
    ];
    expect(
      bill(read('travel-bookings-commission'), usageOf(used)).lines.map(({ kind, amount }) => [kind, amount]),
    ).toEqual([
      ['usage', '97.00'],
      ['reversal', '-36.00'],
      ['usage', '9.60'],
      ['unattributed', '0.00'],
      ['usage', '0.00'],
    ]);
  });

  test('a cancellation finds its booking in whichever charge it is', () => {
    const used = [
      { meter: 'bookings', outcomes: [{ ...cancelled, reverses: '/hotels#e-1' }] },
      { meter: 'bookings', group: 'experiences', outcomes: [booked('e-1', '80.00', '08')] },
    ];
    expect(
      bill(read('travel-bookings-commission'), usageOf(used)).lines.map(({ kind, amount }) => [kind, amount]),
    ).toEqual([
      ['reversal', '-9.60'],
      ['usage', '9.60'],
    ]);
  });

  test('it is a rule that the folder can hold: its meter counts outcomes in the currency of the card', () => {
    const files = smallRules();
    const meters = JSON.parse(files['meters.json'] ?? '');
    meters.meters.push({ id: 'bookings', unit: 'USD', source: 'event', aggregation: 'outcomes' });
    const { id, effectiveFrom, ...card } = read('travel-bookings-commission');
    const commission = { charges: card.charges };
    const withUnit = (unit: string) => ({
      ...files,
      'meters.json': JSON.stringify({ ...meters, meters: [meters.meters[0], { ...meters.meters[1], unit }] }),
      ...rateCard('free', '2026-01-01', commission),
      ...rateCard('growth', '2026-01-01', { ...commission, features: ['bulk'] }),
      [`rate-cards/${id}/${effectiveFrom}.json`]: JSON.stringify({ id, effectiveFrom, ...card }),
    });
    const codes = (rules: Record<string, string>) =>
      validateRuleset(rules, { now: Date.UTC(2026, 5, 1) }).errors.map(({ code, pointer }) => `${code} ${pointer}`);
    expect(codes(withUnit('USD'))).toEqual([]);
    const free = { charges: [card.charges[2]], freeMeters: ['bookings'] };
    const given = { ...withUnit('USD'), ...rateCard('free', '2026-01-01', free) };
    expect(codes(given)).toEqual(['model-meter /freeMeters/0']);
    expect(codes({ ...given, ...rateCard('free', '2026-01-01', { ...free, currency: 'EUR' }) })).toEqual([]);
    expect(new Set(codes(withUnit('EUR')))).toEqual(
      new Set(['currency-meter /charges/0/meter', 'currency-meter /charges/1/meter']),
    );
  });
});

test('of all these prices only the volume tiers have cliffs', () => {
  const withCliffs = files.filter((file) => warnRateCard(parseRateCard(read(file.slice(0, -5)))).length > 0);
  expect(withCliffs).toEqual(['stripe-volume-tiers.json']);
});
