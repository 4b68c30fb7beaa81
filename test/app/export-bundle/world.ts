import { gzipSync } from 'node:zlib';
import { memoryRulesets } from '../../../lib/adapters/memory/rulesets.ts';
import { asInvoiced, exportBundle } from '../../../lib/app/export-bundle/export-bundle.ts';
import {
  citable,
  type DraftInput,
  draftInvoice,
  type EarlierPeriod,
  PLAIN_DRAFT,
} from '../../../lib/domain/invoicing/draft.ts';
import type { Invoice } from '../../../lib/domain/invoicing/invoice.ts';
import { newestPages } from '../../../lib/domain/invoicing/outcome-pages.ts';
import { cardRater } from '../../../lib/domain/invoicing/rater.ts';
import { hashRuleset, hashWhole } from '../../../lib/domain/rules/hash-ruleset.ts';
import { parseRuleset } from '../../../lib/domain/rules/parse-ruleset.ts';
import type { RulesFiles } from '../../../lib/domain/rules/ruleset.ts';
import { compileRules, decide } from '../../../lib/domain/segmentation/decide.ts';
import { addHours, formatHour, type Hour, hourStart, type Period } from '../../../lib/domain/time/time.ts';
import { type Bundle, writeBundle } from '../../../lib/domain/verification/bundle.ts';
import { call, meteringWorld, TEN, usageEvent, WATERMARK_HOURS } from '../../support/metering-world.ts';

const WHY = { rationale: 'told in the contract', valueDriver: 'calls', owner: 'pricing@example.com' };
const card = (id: string, unitPrice: string, from = '2026-01-01') =>
  JSON.stringify({
    ...{ id, name: id, effectiveFrom: from, currency: 'USD', ...WHY },
    charges: [
      { id: 'platform', price: { model: 'flat', amount: '62.00' } },
      { id: 'calls', meter: 'api-calls', included: '1', price: { model: 'perUnit', unitPrice } },
      { id: 'tokens', meter: 'tokens', price: { model: 'perUnit', unitPrice: '0.01' } },
      { id: 'bookings', meter: 'bookings', price: { model: 'outcome', percent: '10', reversalDays: 30 } },
    ],
  });

const rule = (name: string, type: string, params: object, conditions: object, priority = 1) => ({
  ...{ name, ...WHY, priority, conditions },
  event: { type, params },
});
const industry = (value: string) => ({ fact: 'industry', operator: 'equal', value });

/** acme and rival have a segment, a rule, a named condition and a card each. */
export const FILES: RulesFiles = {
  'meters.json': JSON.stringify({
    meters: [
      { id: 'api-calls', unit: 'call', source: 'accessLog', aggregation: 'count' },
      { id: 'tokens', unit: 'token', source: 'event', aggregation: 'sum', value: 'quantity' },
      { id: 'bookings', unit: 'USD', source: 'event', aggregation: 'outcomes' },
    ],
  }),
  'facts.json': JSON.stringify({ facts: [{ id: 'industry', type: 'string', source: 'customer', use: 'price' }] }),
  'segments.json': JSON.stringify({
    conditions: { 'is-bank': { all: [industry('bank')] }, 'is-casino': { all: [industry('casino')] } },
    rules: [
      rule('casinos', 'segment', { segment: 'gambling-house' }, { condition: 'is-casino' }),
      rule('banks', 'segment', { segment: 'bank' }, { condition: 'is-bank' }),
    ],
  }),
  'tiers.json': JSON.stringify({
    otherwise: { rateCard: 'free' },
    rules: [
      rule(
        'deal-of-rival',
        'tier',
        { rateCard: 'rival-special', discounts: [{ id: 'rival-rebate', percent: '90' }] },
        {
          all: [{ fact: 'segments', operator: 'contains', value: 'gambling-house' }],
        },
        20,
      ),
      rule(
        'growth-for-banks',
        'tier',
        { rateCard: 'growth', discounts: [{ id: 'year', percent: '10' }] },
        {
          all: [{ fact: 'segments', operator: 'contains', value: 'bank' }],
        },
        10,
      ),
    ],
  }),
  'protection.json': JSON.stringify({
    rules: [
      rule(
        'rise-of-banks',
        'protection',
        { kind: 'cap', rateCard: 'growth@2025-01-01', percent: '5' },
        {
          all: [industry('bank')],
        },
      ),
      rule(
        'lock-of-rival',
        'protection',
        { kind: 'lock', rateCard: 'rival-special@2026-01-01' },
        {
          all: [industry('casino')],
        },
      ),
    ],
  }),
  'rate-cards/free/2026-01-01.json': card('free', '0.90'),
  'rate-cards/growth/2025-01-01.json': card('growth', '0.10', '2025-01-01'),
  'rate-cards/growth/2026-01-01.json': card('growth', '0.20'),
  'rate-cards/rival-special/2026-01-01.json': card('rival-special', '0.031337'),
};

/** What only others know: none of it may stand in acme's bundle. */
export const SECRETS = [
  ...['rival', 'Rival', 'rival-special', 'deal-of-rival', 'rival-rebate', 'lock-of-rival', '0.031337'],
  ...['casino', 'is-casino', 'gambling-house', 'RIVALPYTHON', 'call-of-rival'],
  ...['booking-of-rival', '4711.00', '471.10'],
];

const hours = (from: number, to: number): Period => ({
  start: hourStart(addHours(TEN, from)),
  end: hourStart(addHours(TEN, to)),
});
export const FIRST = hours(0, 2);
export const SECOND = hours(2, 4);
const at = (hour: number, second = 0) => hourStart(addHours(TEN, hour)) + second * 1_000;

/**
 * Two periods of two hours each: acme calls in all of them and reports tokens, rival calls a great deal more. A call of the
 * first hour lands when it is closed already, so that the second invoice corrects the first. A booking of the first period is
 * taken back in the second, and another one is reported late.
 */
export async function twoPeriods(hashed: 'parts' | 'whole' = 'parts') {
  const hash = hashed === 'parts' ? hashRuleset(FILES) : hashWhole(FILES);
  const rulesets = memoryRulesets([{ hash, commit: 'c0ffee', effectiveFrom: TEN, files: FILES }]);
  const world = meteringWorld(rulesets);
  const own = (id: string, when: number, more: object = {}) => call({ id, at: when, ...more });
  const theirs = (id: string, when: number) =>
    call({
      id: `call-of-rival-${id}`,
      at: when,
      customer: 'rival',
      client: 'RIVALPYTHON',
      rateCard: 'rival-special@2026-01-01',
    });
  for (let hour = 0; hour < 4; hour++) {
    const lines = [0, 1, 2].flatMap((n) => [own(`a${hour}${n}`, at(hour, n)), theirs(`${hour}${n}`, at(hour, n))]);
    await world.land([...lines, theirs(`x${hour}`, at(hour, 9))].join(''), addHours(TEN, hour));
  }
  // The same line in a second object counts once; a failed call counts nowhere; one of another hour stays there.
  await world.land(
    own('a00', at(0)) + own('fail', at(0, 5), { status: '500' }) + own('a32', at(3, 2)),
    addHours(TEN, 3),
  );
  await world.land(
    usageEvent('e1', { meter: 'tokens', quantity: '7.5' }, formatHour(addHours(TEN, 2))),
    addHours(TEN, 2),
    'events',
  );
  await world.land(
    usageEvent('e2', { meter: 'tokens', quantity: '66' }, formatHour(addHours(TEN, 2)), 'rival'),
    addHours(TEN, 2),
    'events',
  );
  const booked = (id: string, hour: number, data: object, whose = 'acme') =>
    usageEvent(id, { meter: 'bookings', ...data }, formatHour(addHours(TEN, hour)), whose);
  await world.land(
    booked('b-1', 0, { amount: '80.00', currency: 'USD' }) +
      booked('booking-of-rival', 0, { amount: '4711.00', currency: 'USD' }, 'rival'),
    TEN,
    'events',
  );
  await world.land(booked('r-1', 2, { reverses: 'b-1' }), addHours(TEN, 2), 'events');
  await world.close(addHours(TEN, 4 + WATERMARK_HOURS));
  await world.land(booked('b-2', 0, { amount: '20.00', currency: 'USD' }), addHours(TEN, 40), 'events');
  await world.land(own('late', at(0, 30)) + theirs('late', at(0, 31)), addHours(TEN, 40));
  await world.sweep(addHours(TEN, 41));

  const rules = parseRuleset(FILES);
  const decision = decide(
    compileRules(rules),
    { industry: 'bank' },
    {
      customer: 'acme',
      at: TEN,
      ruleset: { hash, commit: 'c0ffee' },
    },
  );
  const base = {
    ...PLAIN_DRAFT,
    ...{ customer: 'acme', customerSince: '2025-01-01', decisions: [decision], rater: cardRater() },
    rulesets: new Map([[hash, { hash, commit: 'c0ffee', rules }]]),
  };
  const usageOf = async (period: Period, late: boolean) => {
    const rows = await world.usage.closedHours('acme', period);
    const markers = await world.usage.markers(period);
    const pinned = new Map<Hour, string>(markers.map(({ hour, ruleset }) => [hour, ruleset]));
    return { period, active: period, rows: rows.filter(({ adjustment }) => late || adjustment === 0), pinned };
  };
  const first = drafted({ ...base, current: await usageOf(FIRST, false), earlier: [] });
  const earlier: EarlierPeriod = {
    ...(await usageOf(FIRST, true)),
    total: first.rated[0]?.total ?? '',
    taken: [],
    lines: citable(first.lines),
  };
  const outcomes = newestPages([{ invoice: first, state: 'PAID' }]);
  const second = { ...base, outcomes, current: await usageOf(SECOND, true), earlier: [earlier] };
  const firstNow = { ...base, current: await usageOf(FIRST, true), earlier: [] };
  const ports = { ledger: world.ledger, records: world.records, usage: world.usage, rulesets };
  return {
    world,
    hash,
    first: { invoice: first, bundle: () => exportBundle({ invoice: first, input: firstNow }, ports) },
    second: {
      invoice: drafted(second),
      input: second,
      bundle: () => exportBundle({ invoice: drafted(second), input: second }, ports),
    },
    again: (invoice: Invoice) => asInvoiced(invoice, second),
  };
}

function drafted(input: DraftInput): Invoice {
  const outcome = draftInvoice(input);
  if (outcome.outcome !== 'drafted') throw new Error(JSON.stringify(outcome));
  return outcome.invoice;
}

export const bytesOf = (bundle: Bundle): Buffer => Buffer.concat([...writeBundle(bundle)]);
export const gzipped = (bundle: Bundle): Buffer => gzipSync(bytesOf(bundle));
