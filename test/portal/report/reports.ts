import type { ClosedQuantity } from '../../../lib/domain/metering/meters.ts';
import { type UsageReportInput, usageReport } from '../../../lib/domain/reporting/usage-report.ts';
import { addHours, formatHour, type Hour } from '../../../lib/domain/time/time.ts';
import { calls, cardWith, decisionOf, RULES, reportInput, type World } from '../../domain/reporting/report-world.ts';

export const named = (name: string): Partial<UsageReportInput> => ({
  customer: { id: 'acme', name, timeZone: 'Europe/Berlin' },
});
const groups = (hour: Hour) =>
  hour % 12 === 0 ? Array.from({ length: 40 }, (_, i) => calls(i + 1, `endpoint-class-${i}`)) : [];
const inCurrency = (currency: string, unitPrice: string): World => ({
  rules: {
    ...RULES,
    rateCards: [
      cardWith({ currency, charges: [{ id: 'calls', meter: 'api-calls', price: { model: 'perUnit', unitPrice } }] }),
    ],
  },
  decisions: [decisionOf({ discounts: [] })],
  use: () => [calls(3)],
});
/** A price for each of 250 endpoint classes: an invoice of 250 lines. */
const MANY_LINES: World = {
  rules: {
    ...RULES,
    rateCards: [
      cardWith({
        charges: Array.from({ length: 250 }, (_, i) => ({
          id: `charge-${i}`,
          meter: 'api-calls',
          group: `class-${i}`,
          price: { model: 'perUnit' as const, unitPrice: '0.5' },
        })),
      }),
    ],
  },
  decisions: [decisionOf({ discounts: [] })],
  use: (hour) => (hour % 168 === 9 ? Array.from({ length: 250 }, (_, i) => calls(i + 1, `class-${i}`)) : []),
};

/** A commission on bookings: some counted, more of them than a line names, some too late, one taken back. */
const COMMISSION: World = {
  rules: {
    ...RULES,
    rateCards: [
      cardWith({
        charges: [
          {
            id: 'bookings',
            meter: 'bookings',
            price: { model: 'outcome', percent: '10', attributionDays: 30, reversalDays: 60 },
          },
        ],
      }),
    ],
  },
  decisions: [decisionOf({ discounts: [] })],
  use: (hour) => (hour % 24 === 9 ? [bookings(hour)] : []),
};

function bookings(hour: Hour): ClosedQuantity {
  const at = formatHour(hour);
  const [touchedAt, late] = [formatHour(addHours(hour, -24)), formatHour(addHours(hour, -24 * 31))];
  const outcomes = [
    { id: `/shop#b-${hour}`, at, amount: '80.00', touchedAt: hour % 72 === 9 ? late : touchedAt },
    { id: `/shop#r-${hour}`, at, reverses: `/shop#b-${addHours(hour, -24)}` },
  ].slice(0, hour % 120 === 9 ? 2 : 1);
  return { meter: 'bookings', group: null, quantity: '80', outcomes };
}

/** What customers really look like. */
export const UGLY: Readonly<Record<string, World>> = {
  ordinary: {},
  'no usage': { use: () => [] },
  'a million calls in an hour': { use: (hour) => (hour % 744 === 100 ? [calls(1_000_000, 'search')] : []) },
  '40 groups': { use: groups, decisions: [decisionOf({ rateCard: 'business@2025-01-01', discounts: [] })] },
  'a name of 200 characters in Chinese': { change: named('深圳市創新科技有限公司'.repeat(19).slice(0, 200)) },
  'a name in Greek and Cyrillic': { change: named('Καλημέρα Технологии Ελλάδος') },
  'a name in Arabic': { change: named('شركة الاختبار للتقنية') },
  'a name that is markup': { change: named('<script>alert(1)</script> & "Söhne"') },
  'a zone 14 hours away': { change: { customer: { id: 'acme', name: 'Acme', timeZone: 'Pacific/Kiritimati' } } },
  'a currency without decimals': inCurrency('JPY', '2'),
  'a currency of three decimals': inCurrency('KWD', '0.0015'),
  'an open month': { asOf: '2026-10-20T09:30:00Z' },
  'a suspended customer': { change: { status: 'suspended', statusReason: 'payment-overdue' } },
  'an invoice of 250 lines': MANY_LINES,
  'a commission on outcomes': COMMISSION,
};

export const uglyReport = (name: string) => usageReport(reportInput(UGLY[name] ?? {}));
