import { exportInvoice } from '../../lib/app/export-bundle/export-invoice.ts';
import { parsedOnce } from '../../lib/app/invoice-customer/parsed-once.ts';
import { cardRater } from '../../lib/domain/invoicing/rater.ts';
import { formatTimestamp, HOUR_MS } from '../../lib/domain/time/time.ts';
import { readBundle, writeBundle } from '../../lib/domain/verification/bundle.ts';
import { verifyBundle } from '../../lib/domain/verification/verify-bundle.ts';
import type { Passage } from '../../lib/local/cloud/index.ts';
import { anchored, bookingEvent, eventRequest, startShop, stopShops } from './shop.ts';
import { bookingRules } from './shop-rules.ts';

/**
 * The first period ends 12 hours after the shop opens: of the platform fee of 62.00 that is 1.00. Then periods begin on the
 * fourth, so that the next one lasts a day, for 2.00. Early in a month there are few hours to close.
 */
const START = Date.UTC(2026, 0, 2, 12);
const FIRST_END = Date.UTC(2026, 0, 3);
const SECOND_END = Date.UTC(2026, 0, 4);

/** Every record and every notification arrives twice. */
const doubled = (passage: Passage) => (passage === 'firehose-record' || passage === 'object-notification' ? 2 : 1);

const booking = (id: string, time: string, data: object, source?: string) =>
  bookingEvent(id, 'acme', time, data, source);
const worth = (amount: string, touchedAt: string) => ({ amount, currency: 'USD', touchedAt });

afterAll(stopShops);

async function openShop() {
  const { tollgate, clock } = await startShop({ start: START, rules: bookingRules(), faults: { copies: doubled } });
  const { cloud, stores } = tollgate;
  const ingress = (await cloud.listen(cloud.ingress, 0)).url();
  await tollgate.importCustomers([anchored(3, 'acme', 'retail')]);
  await cloud.settle(HOUR_MS / 2);
  await clock.advanceTo(START + HOUR_MS / 2);
  const until = async (end: number) => {
    for (let at = Math.ceil(clock.now() / HOUR_MS) * HOUR_MS; at <= end; at += HOUR_MS) await clock.advanceTo(at);
  };
  const ports = { ...stores, ...cloud.runtime, rater: cardRater(), parseRuleset: parsedOnce() };
  return {
    ...{ tollgate, clock, stores, until },
    post: async (event: object) => (await fetch(`${ingress}/events`, eventRequest(event))).status,
    invoices: async () => (await stores.invoices.ofCustomer('acme')).filter(({ key }) => key.kind === 'usage'),
    /** The invoice's bundle as bytes. */
    async exported(start: number) {
      const request = { customer: 'acme', month: formatTimestamp(start) };
      const bundle = await exportInvoice(request, { ...ports, customers: stores.directory });
      return Buffer.concat([...writeBundle(bundle)]);
    },
  };
}

function read(bytes: Buffer) {
  const reading = readBundle(bytes);
  if (reading.outcome !== 'read') throw new Error(reading.message);
  return reading;
}

function verified(bytes: Buffer) {
  const reading = read(bytes);
  return verifyBundle(reading.bundle, reading.differences, cardRater());
}

test('outcomes by HTTP: counted once, refused with a reason, taken back on the next invoice, each verified', async () => {
  const { tollgate, stores, post, until, invoices, exported } = await openShop();
  const first = booking('b-1', '2026-01-02T12:05:00Z', worth('80.00', '2025-12-23T09:00:00Z'));
  expect(await post(first)).toBe(202);
  expect(await post(first)).toBe(202);
  expect(await post({ ...first, time: '2026-01-02T12:04:00Z' })).toBe(409);
  expect(await post(booking('b-1', '2026-01-02T12:06:00Z', worth('600.00', '2025-12-23T09:00:00Z'), '/model'))).toBe(
    202,
  );
  expect(await post(booking('b-2', '2026-01-02T12:07:00Z', worth('20.00', '2025-11-01T09:00:00Z')))).toBe(202);
  expect(await post(booking('b-3', '2026-01-02T12:08:00Z', { amount: '5.00', currency: 'EUR' }))).toBe(202);
  expect(await post(booking('b-4', '2026-01-02T12:09:00Z', { reverses: 'b-1', amount: '1', currency: 'USD' }))).toBe(
    400,
  );
  await until(FIRST_END + 15 * HOUR_MS);
  // Said once more after its hour was closed, and taken back.
  expect(await post(first)).toBe(202);
  expect(await post(booking('r-1', '2026-01-03T14:30:00Z', { reverses: 'b-1' }))).toBe(202);
  await until(FIRST_END + 29 * HOUR_MS);

  const [opening] = await invoices();
  expect(opening).toMatchObject({ state: 'PAID', invoice: { total: '59.00' } });
  expect(opening?.invoice?.lines.map(({ kind, quantity, amount }) => [kind, quantity, amount])).toEqual([
    ['flat', null, '1.00'],
    ['usage', '680', '58.00'],
    ['unattributed', '20', '0.00'],
  ]);
  expect(opening?.invoice?.lines.slice(1).map(({ explanation }) => explanation)).toEqual([
    '10 % of each outcome, at most 50.00, each rounded half-even: /partner#b-1 80 → 8.00, /model#b-1 600 → 50.00; together 58.00 USD',
    'not counted: /partner#b-2 came more than 30 days after its touch',
  ]);

  // What is in another currency than the meter was set aside when its hour was closed.
  const [aside, ...others] = await stores.records.list('quarantine/');
  expect([aside?.key, others]).toEqual(['quarantine/2026-01-02/hour-2026-01-02T12-0.json', []]);
  const { entries } = JSON.parse(Buffer.from((await stores.records.get(aside?.key ?? '')) ?? '{}').toString());
  expect(entries).toEqual(
    expect.arrayContaining([expect.objectContaining({ reason: expect.stringMatching(/not USD/) })]),
  );

  await tollgate.importCustomers([anchored(4, 'acme', 'retail')]);
  await until(SECOND_END + 29 * HOUR_MS);
  const [, second] = await invoices();
  expect(second).toMatchObject({ state: 'NOTHING_DUE', invoice: { start: '2026-01-03T00:00:00Z', total: '0.00' } });
  expect(second?.invoice?.lines.map(({ kind, amount, creditReason }) => [kind, amount, creditReason])).toEqual([
    ['flat', '2.00', null],
    ['reversal', '-8.00', 'reversal of bookings'],
    ['carry', '6.00', null],
  ]);
  // What is owed to the customer pays its next invoice.
  expect(second?.invoice?.grants).toMatchObject([{ id: 'carry:2026-01-03T00:00:00Z', amount: '6.00', kind: 'paid' }]);

  for (const start of [Date.UTC(2025, 11, 3), FIRST_END]) {
    expect(verified(await exported(start))).toMatchObject({ verified: true, differences: [], notices: [] });
  }
  // What the earlier invoice charged is in the bundle of the one that gives it back, and cannot be changed unseen.
  const bytes = await exported(FIRST_END);
  const at = bytes.indexOf('"charged":"8.00"', bytes.indexOf('"part":"input","name":"outcomes"'));
  bytes.write('9', at + '"charged":"'.length);
  expect(verified(bytes)).toMatchObject({ verified: false, differences: [{ input: 'outcomes' }] });
  // With every digest made anew it does not make the invoice any more.
  const { differences } = verified(Buffer.concat([...writeBundle(read(bytes).bundle)]));
  expect(differences).toContainEqual({
    input: 'invoice line 0002',
    message: 'rated again it is -9.00 for bookings; the invoice says -8.00 for bookings',
  });
}, 120_000);
