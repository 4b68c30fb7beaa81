import { memoryNotices, memoryWatches } from '../../../lib/adapters/memory/notices.ts';
import { memoryProvisionalUsage } from '../../../lib/adapters/memory/usage.ts';
import { previewCorrection } from '../../../lib/app/correct-invoices/price-correction.ts';
import { periodReader } from '../../../lib/app/make-report/read-periods.ts';
import { usageMeasurer } from '../../../lib/app/watch-usage/measure.ts';
import { PLAIN_TERMS } from '../../../lib/domain/invoicing/billing-terms.ts';
import { totalOf } from '../../../lib/domain/reporting/bill.ts';
import { rateLikeInvoice } from '../../../lib/domain/reporting/rated.ts';
import { addHours, type Hour, hourOf, type Period, parseMonth } from '../../../lib/domain/time/time.ts';
import { FEBRUARY, key, profileOf, record } from '../invoice-customer/fixtures.ts';
import { BOOKINGS, booked, cancelled, months } from '../invoice-customer/outcome-months.ts';

const dear = { ...BOOKINGS, id: 'dear', charges: BOOKINGS.charges.map(atTwentyPercent) };
function atTwentyPercent(charge: (typeof BOOKINGS.charges)[number]) {
  return { ...charge, price: { ...charge.price, percent: '20' } as typeof charge.price };
}

/** January is invoiced; in February, which is closed and not invoiced yet, one of its outcomes is taken back, one told again. */
async function february() {
  const shop = months([BOOKINGS, dear]);
  shop.report(booked('1', '2026-01-10', '80.00'), booked('2', '2026-01-11', '20.00'));
  shop.close('2026-01');
  await shop.invoice('2026-01');
  shop.report(cancelled('1', '2026-02-05'), booked('2', '2026-02-06', '20.00'), booked('3', '2026-02-07', '10.00'));
  shop.close('2026-02');
  const { usage, rulesets } = shop.ports;
  const firstOpenHour = async ({ start, end }: Period): Promise<Hour | undefined> => {
    const closed = new Set((await usage.markers({ start, end })).map(({ hour }) => hour));
    for (let hour = hourOf(start); hour < hourOf(end); hour = addHours(hour, 1)) if (!closed.has(hour)) return hour;
    return undefined;
  };
  const ports = {
    ...{ ...shop.ports, ...memoryNotices(), watches: memoryWatches(), provisional: memoryProvisionalUsage() },
    clock: { now: () => FEBRUARY.end - 1 },
    usage: { ...usage, firstOpenHour, lastClosedHour: async () => undefined },
    rulesets: { ...rulesets, first: async () => record('r1') },
    customers: { profile: async () => profileOf() },
  };
  return { shop, ports };
}

test('reports, outlooks and the watch know what January charged: the bill is that of the invoice to come', async () => {
  const { shop, ports } = await february();
  const reader = periodReader(ports);
  const books = await reader.books(profileOf());
  const { rating, rows } = await reader.counted(books, FEBRUARY);
  const counted = rateLikeInvoice(
    rating,
    rows.filter(({ hour }) => hour >= hourOf(FEBRUARY.start)),
  );
  const over = await reader.over(books, FEBRUARY);
  const again = over && rateLikeInvoice(over.rating, over.rows);
  const measured = await usageMeasurer(ports)(profileOf(), PLAIN_TERMS, FEBRUARY);
  const invoice = await shop.draft('2026-02');
  expect(invoice.rated[0]?.total).toBe('-7.00');
  expect([counted, again].map((rated) => rated?.ok && totalOf(rated.bill))).toEqual(['-7.00', '-7.00']);
  expect(measured.bill).toEqual({ total: '-7.00', fixed: '0.00', currency: 'USD' });
});

test('a correction of an invoiced month is previewed as the next invoice takes it', async () => {
  const { shop, ports } = await february();
  await shop.invoice('2026-02');
  const asked = { by: 'us', reason: 'wrong', rateCard: 'dear@2026-01-01' };
  const january = await previewCorrection({ ...asked, key: key('acme', parseMonth('2026-01')) }, ports);
  expect(january).toMatchObject({ before: '10.00', after: '20.00', difference: '10.00' });
  // What February gave back is what January charged, whatever February's own price would be.
  const corrected = await previewCorrection({ ...asked, key: key('acme', FEBRUARY) }, ports);
  expect(corrected).toMatchObject({ before: '-7.00', after: '-6.00', difference: '1.00' });
});
