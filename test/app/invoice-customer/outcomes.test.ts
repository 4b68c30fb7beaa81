import fc from 'fast-check';
import type { Invoice } from '../../../lib/domain/invoicing/invoice.ts';
import { assertPages } from '../../../lib/domain/invoicing/outcome-pages.ts';
import type { ReportedOutcome } from '../../../lib/domain/metering/meters.ts';
import { add, formatDecimal, parseDecimal, subtract, ZERO } from '../../../lib/domain/money/decimal.ts';
import { decision, FREE, hour } from './fixtures.ts';
import { BOOKINGS, booked, cancelled, inShort, months } from './outcome-months.ts';

/** Reports of a month and its invoice. */
async function month(shop: ReturnType<typeof months>, name: string, ...reports: ReportedOutcome[]): Promise<Invoice> {
  shop.report(...reports);
  shop.close(name);
  return shop.invoice(name);
}

test('a month is charged, and a reversal of a later month gives back what it charged', async () => {
  const shop = months();
  const january = await month(shop, '2026-01', booked('1', '2026-01-10', '80.00'), booked('2', '2026-01-11', '20.00'));
  expect(inShort(january)).toEqual(['usage 10.00']);
  expect(january.outcomes).toEqual([
    {
      start: '2026-01-01T00:00:00Z',
      currency: 'USD',
      charged: [
        { id: '/shop#1', at: '2026-01-10T12:00:00Z', charged: '8.00' },
        { id: '/shop#2', at: '2026-01-11T12:00:00Z', charged: '2.00' },
      ],
      givenBack: [],
      notCounted: [],
    },
  ]);
  const february = await month(shop, '2026-02', cancelled('1', '2026-02-05'), booked('3', '2026-02-06', '30.00'));
  expect(inShort(february)).toEqual(['usage 3.00', 'reversal -8.00', 'carry 5.00']);
  expect(february.lines[1]).toMatchObject({
    creditReason: 'reversal of bookings',
    explanation: 'given back: /shop#1 8.00; together -8.00 USD',
  });
  // What is owed to the customer is not lost: it pays the next bill.
  const march = await month(shop, '2026-03', booked('4', '2026-03-06', '90.00'));
  expect(inShort(march)).toEqual(['usage 9.00', 'credit -5.00']);
  expect(march.total).toBe('4.00');
});

test('reported again months later it does not count again, and says so', async () => {
  const shop = months();
  await month(shop, '2026-01', booked('1', '2026-01-10', '80.00'));
  await month(shop, '2026-02');
  const march = await month(shop, '2026-03', booked('1', '2026-03-10', '80.00'));
  expect(inShort(march)).toEqual(['unattributed 0.00']);
  expect(march.lines[0]?.explanation).toBe('not counted: /shop#1 was counted before');
});

test('twice reversed is given back once, whatever month says it again', async () => {
  const shop = months();
  await month(shop, '2026-01', booked('1', '2026-01-30', '80.00'));
  expect(inShort(await month(shop, '2026-02', cancelled('1', '2026-02-05')))).toContain('reversal -8.00');
  const march = await month(shop, '2026-03', cancelled('1', '2026-03-01', 'again'));
  expect(march.lines.map(({ explanation }) => explanation)).toEqual([
    'not counted: /shop#again reverses /shop#1, which was reversed before',
  ]);
});

describe('late reports', () => {
  test('a late outcome is a difference of its month, and its reversal of a month after it finds it', async () => {
    const shop = months();
    await month(shop, '2026-01');
    shop.report(booked('1', '2026-01-20', '80.00'));
    const february = await month(shop, '2026-02', cancelled('1', '2026-02-10'));
    expect(inShort(february)).toEqual(['reversal -8.00', 'adjustment 8.00']);
  });
  test('a reversal that came before its outcome was known is given back as soon as it is', async () => {
    const shop = months();
    await month(shop, '2026-01');
    const february = await month(shop, '2026-02', cancelled('1', '2026-02-10'));
    expect(february.lines[0]?.explanation).toMatch(/reverses \/shop#1, for which nothing was charged$/);
    shop.report(booked('1', '2026-01-31', '80.00'));
    const march = await month(shop, '2026-03');
    expect(inShort(march)).toEqual(['adjustment 8.00', 'adjustment -8.00']);
    expect(march.lines[1]?.explanation).toBe(
      'outcomes of 2026-02, for which another month is charged otherwise now: rated again -8.00, rated before 0.00',
    );
    expect((await shop.pages()).map(({ charged, givenBack }) => [charged.length, givenBack.length])).toEqual([
      [1, 0],
      [0, 1],
    ]);
  });
  test('what a later month charged already is not charged by an earlier one that hears of it late', async () => {
    const shop = months();
    await month(shop, '2026-01');
    await month(shop, '2026-02', booked('1', '2026-02-10', '80.00'));
    shop.report(booked('1', '2026-01-31', '80.00'));
    const march = await month(shop, '2026-03');
    expect(inShort(march)).toEqual(['adjustment 0.00']);
  });
  test('a report that is withdrawn takes its commission along, and what was given back for it', async () => {
    const shop = months();
    await month(shop, '2026-01', booked('1', '2026-01-20', '80.00'));
    await month(shop, '2026-02', cancelled('1', '2026-02-10'));
    shop.report({ ...booked('1', '2026-01-20', '80.00'), withdrawn: true });
    expect(inShort(await month(shop, '2026-03'))).toEqual(['adjustment -8.00', 'adjustment 8.00']);
  });
});

test('a corrected price changes what later months gave back', async () => {
  const half = { ...BOOKINGS, id: 'half', charges: BOOKINGS.charges.map(atFivePercent) };
  const shop = months([BOOKINGS, half]);
  await month(shop, '2026-01', booked('1', '2026-01-20', '80.00'), booked('2', '2026-01-20', '20.00'));
  await month(shop, '2026-02', cancelled('1', '2026-02-10'));
  await shop.correct({ id: 'c', from: hour('2026-01-01T00'), to: hour('2026-02-01T00'), rateCard: 'half@2026-01-01' });
  const march = await month(shop, '2026-03');
  expect(inShort(march).filter((line) => line.startsWith('adjustment'))).toEqual([
    'adjustment -5.00',
    'adjustment 4.00',
  ]);
});

const atFivePercent = (charge: (typeof BOOKINGS.charges)[number]) => ({
  ...charge,
  price: { ...charge.price, percent: '5' } as typeof charge.price,
});

test('a change of card within the month knows what its hours before it charged', async () => {
  const other = { ...BOOKINGS, id: 'other', charges: BOOKINGS.charges.map(atFivePercent) };
  const shop = months([BOOKINGS, other, FREE]);
  await shop.decide(decision());
  await shop.decide(decision({ effectiveFrom: hour('2026-01-15T00'), rateCard: 'other@2026-01-01' }));
  const january = await month(
    shop,
    '2026-01',
    booked('1', '2026-01-10', '80.00'),
    booked('1', '2026-01-20', '80.00'),
    booked('2', '2026-01-21', '80.00'),
    cancelled('1', '2026-01-22'),
  );
  expect(inShort(january)).toEqual(['usage 8.00', 'usage 4.00', 'reversal -8.00', 'unattributed 0.00']);
});

test('a percentage off goes off what is given back too, also below zero', async () => {
  const shop = months([{ ...BOOKINGS, discounts: [{ id: 'half', percent: '50' }] }]);
  const january = await month(shop, '2026-01', booked('1', '2026-01-20', '80.00'), booked('2', '2026-01-20', '20.00'));
  expect(inShort(january)).toEqual(['usage 10.00', 'discount -5.00']);
  expect(january.total).toBe('5.00');
  const february = await month(shop, '2026-02', cancelled('1', '2026-02-10'));
  expect(inShort(february)).toEqual(['reversal -8.00', 'discount 4.00', 'carry 4.00']);
  const march = await month(shop, '2026-03', cancelled('2', '2026-03-01'), booked('3', '2026-03-02', '100.00'));
  expect(inShort(march)).toEqual(['usage 10.00', 'reversal -2.00', 'discount -4.00', 'credit -4.00']);
});

test('under a locked price the locked commission is charged, and given back when the lock is over too', async () => {
  const old = { ...BOOKINGS, id: 'old', charges: BOOKINGS.charges.map(atFivePercent) };
  const lock = { kind: 'lock' as const, rateCard: 'old@2026-01-01', until: '2026-03-01' };
  const shop = months([BOOKINGS, old], { 'old-prices': lock });
  await shop.decide(decision({ protection: ['old-prices'] }));
  const january = await month(
    shop,
    '2026-01',
    booked('1', '2026-01-20', '80.00'),
    booked('2', '2026-01-20', '20.00'),
    cancelled('2', '2026-01-21'),
    booked('3', '2026-01-22', '40.00'),
  );
  expect(inShort(january)).toEqual(['usage 14.00', 'reversal -2.00', 'protection -6.00']);
  expect(january.outcomes?.[0]?.charged.map(({ charged }) => charged)).toEqual(['4.00', '1.00', '2.00']);
  const february = await month(shop, '2026-02', cancelled('1', '2026-02-10'));
  expect(inShort(february)).toEqual(['reversal -4.00', 'carry 4.00']);
  const march = await month(shop, '2026-03', cancelled('3', '2026-03-02'));
  expect(inShort(march)).toEqual(['reversal -2.00', 'carry 2.00']);
});

describe('an invoice that nobody pays', () => {
  test.each(['VOID', 'DROPPED', 'SHADOW'] as const)(
    '%s: its outcomes count no more, and give nothing back',
    async (state) => {
      const shop = months();
      shop.report(booked('1', '2026-01-10', '80.00'));
      shop.close('2026-01');
      await shop.invoice('2026-01', state);
      const february = await month(shop, '2026-02', booked('1', '2026-02-01', '80.00'), cancelled('1', '2026-02-02'));
      expect(inShort(february)).toEqual(['unattributed 0.00']);
      expect(february.lines[0]?.explanation).toBe(
        'not counted: /shop#1 was counted before, ' +
          '/shop#r-1 reverses /shop#1, whose invoice was taken back or never sent',
      );
    },
  );
  test('credited in full is the same; in part is not', async () => {
    for (const [amount, line] of [
      ['8.00', 'unattributed 0.00'],
      ['7.99', 'reversal -8.00'],
    ] as const) {
      const shop = months();
      await month(shop, '2026-01', booked('1', '2026-01-10', '80.00'));
      const [record] = await shop.invoices.ofCustomer('acme');
      if (!record) throw new Error('it was invoiced');
      const note = { id: 'n', lines: [], amount, refund: true, reason: '', by: '', at: 0, stripe: null, attempt: 1 };
      await shop.invoices.replace({ ...record, creditNotes: [{ ...note, state: 'ISSUED' }], version: 2 });
      expect(inShort(await month(shop, '2026-02', cancelled('1', '2026-02-02')))).toContain(line);
    }
  });
});

const MONTHS = ['2026-01', '2026-02', '2026-03', '2026-04'];
/** A report, the month in which it happened, and how many invoices are made before anybody hears of it. */
const reports = (ids: readonly string[]) =>
  fc.record({
    id: fc.constantFrom(...ids),
    month: fc.integer({ min: 0, max: 2 }),
    day: fc.integer({ min: 1, max: 28 }),
    late: fc.integer({ min: 0, max: 1 }),
    isReversal: fc.boolean(),
    touched: fc.constantFrom('2025-12-20', '2026-01-01', '2026-01-15'),
  });
type Report = ReturnType<typeof reports> extends fc.Arbitrary<infer R> ? R : never;
const AMOUNTS: Record<string, string> = { a: '80.00', b: '0.33', c: '1000' };

function written({ id, month, day, isReversal, touched }: Report, index: number): ReportedOutcome {
  const at = `${MONTHS[month]}-${String(day).padStart(2, '0')}`;
  return isReversal ? cancelled(id, at, `r${index}`) : booked(id, at, AMOUNTS[id] ?? '1', touched < at ? touched : at);
}

/** All four months, each report heard of before the invoice of its month or of a later one. */
async function year(all: readonly Report[]) {
  const shop = months();
  const invoices: Invoice[] = [];
  for (const [i, name] of MONTHS.entries()) {
    shop.report(...all.flatMap((report, index) => (report.month + report.late === i ? [written(report, index)] : [])));
    shop.close(name);
    invoices.push(await shop.invoice(name));
  }
  const pages = await shop.pages();
  assertPages(pages);
  const net = new Map<string, string>();
  const take = (id: string, amount: string, sign: typeof add) =>
    net.set(id, formatDecimal(sign(parseDecimal(net.get(id) ?? '0.00'), parseDecimal(amount))));
  for (const { charged, givenBack } of pages) {
    for (const { id, charged: amount } of charged) take(id, amount, add);
    for (const { reverses, charged: amount } of givenBack) take(reverses, amount, subtract);
  }
  const billed = invoices
    .flatMap(({ lines }) => lines)
    .filter(({ kind }) => kind !== 'carry' && kind !== 'credit')
    .reduce((sum, { amount }) => add(sum, parseDecimal(amount)), ZERO);
  return { net: new Map([...net].sort()), billed };
}

const COMMISSION: Record<string, string> = { a: '8.00', b: '0.03', c: '100.00' };

test('over all months an outcome costs its commission once or nothing, and the invoices say no more', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(reports(['a', 'b', 'c']), { maxLength: 10 }), async (all) => {
      const { net, billed } = await year(all);
      for (const [id, amount] of net) expect(['0.00', COMMISSION[id.slice('/shop#'.length)]]).toContain(amount);
      const sum = [...net.values()].reduce((total, amount) => add(total, parseDecimal(amount)), ZERO);
      expect(subtract(sum, billed).units).toBe(0n);
    }),
    { seed: 18, numRuns: 40 },
  );
}, 60_000);

test('late or in time, in any order: the year comes to the same', async () => {
  // Each outcome happened once and was taken back at most once: what came late is charged as if it had not.
  const once = fc
    .uniqueArray(reports(['a', 'b', 'c']), { selector: ({ id, isReversal }) => `${id}${isReversal}`, maxLength: 6 })
    .chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })));
  await fc.assert(
    fc.asyncProperty(once, async ([all, shuffled]) => {
      const inTime = await year(all.map((report) => ({ ...report, late: 0 })));
      expect(await year(shuffled)).toEqual(inTime);
    }),
    { seed: 18, numRuns: 40 },
  );
}, 60_000);
