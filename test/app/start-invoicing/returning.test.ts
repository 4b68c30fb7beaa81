import { invoiceCustomer } from '../../../lib/app/invoice-customer/invoice-customer.ts';
import { updateProfile } from '../../../lib/app/provision-access/profiles.ts';
import { usagePeriodsDue } from '../../../lib/app/start-invoicing/due-invoices.ts';
import { returned } from '../../../lib/domain/entitlement/stays.ts';
import { PLAIN_TERMS } from '../../../lib/domain/invoicing/billing-terms.ts';
import { DAY_MS, formatDate, parseMonth, parseTimestamp } from '../../../lib/domain/time/time.ts';
import { closed, decision, FREE, GROWTH, hour, JANUARY, key, ruleset } from '../invoice-customer/fixtures.ts';
import { type World, world } from '../invoice-customer/world.ts';

let open: World | undefined;
afterEach(() => open?.close());
const MONTHS = ['2026-01', '2026-02', '2026-03', '2026-04'].map(parseMonth);
const BACK = parseTimestamp('2026-03-16T12:00:00Z');

/** Half of March: 372 hours of 744. */
async function leftAndBack(cards = [GROWTH, FREE]) {
  const w = await world({
    rows: [closed('2026-01-15T10', '20000'), closed('2026-03-20T10', '20000')],
    decisions: [decision(), decision({ effectiveFrom: hour('2026-03-16T12'), tierRule: 'growth-chosen' })],
    rulesets: { r1: ruleset(cards) },
  });
  open = w;
  for (const month of MONTHS.slice(1)) w.usage.close(month);
  await updateProfile(w.directory, 'acme', (profile) => ({
    ...profile,
    ...{ status: 'closed', statusReason: 'customer-left', statusSince: JANUARY.end, leavesAt: JANUARY.end },
  }));
  return w;
}

test('a customer that was away is billed for what it was there: nothing for the time between, its fee shared, one allowance', async () => {
  const w = await leftAndBack();
  expect(await invoiceCustomer(key(), w.ports)).toBe('invoiced');
  await updateProfile(w.directory, 'acme', (profile) => returned({ ...profile, reopensAt: BACK }));
  w.later(90 * DAY_MS);
  const profile = await w.directory.profile('acme');
  if (!profile) throw new Error('it is registered');
  const due = usagePeriodsDue(profile, PLAIN_TERMS, await w.invoices.headsOf('acme'), w.clock.now());
  expect(due.map(({ start }) => formatDate(start))).toEqual(['2026-02-01', '2026-03-01', '2026-04-01']);
  const outcomes = [];
  for (const month of due) outcomes.push(await invoiceCustomer(key('acme', month), w.ports));
  expect(outcomes).toEqual(['nothing-due', 'invoiced', 'invoiced']);
  const totals = [];
  for (const month of MONTHS) totals.push((await w.invoices.get(key('acme', month)))?.invoice?.total);
  // 49 + 10,000 × 0.0004; nothing; 24.50 + 10,000 × 0.0004; 49.
  expect(totals).toEqual(['53.00', '0', '28.50', '49.00']);
  expect(w.remoteInvoices()).toHaveLength(3);
});

test('fees whose card shares nothing are charged once for the month in which it comes back', async () => {
  const platform = { id: 'platform', price: { model: 'flat', amount: '49.00', proration: 'none' } } as const;
  const w = await leftAndBack([{ ...GROWTH, charges: [platform, ...GROWTH.charges.slice(1)] }, FREE]);
  await invoiceCustomer(key(), w.ports);
  await updateProfile(w.directory, 'acme', (profile) => returned({ ...profile, reopensAt: BACK }));
  w.later(90 * DAY_MS);
  for (const month of MONTHS.slice(1, 3)) await invoiceCustomer(key('acme', month), w.ports);
  expect((await w.invoices.get(key('acme', parseMonth('2026-03'))))?.invoice?.total).toBe('53.00');
});

test('fees in advance are asked for when it is back, for what is left of the period, and taken off its usage', async () => {
  const platform = {
    id: 'platform',
    price: { model: 'flat', amount: '49.00', due: 'inAdvance', proration: 'second' },
  } as const;
  const w = await leftAndBack([{ ...GROWTH, charges: [platform, ...GROWTH.charges.slice(1)] }, FREE]);
  await invoiceCustomer(key(), w.ports);
  const advance = { ...key('acme', parseMonth('2026-03')), kind: 'advance' as const };
  w.later(BACK - w.clock.now());
  expect(await invoiceCustomer(advance, w.ports)).toBe('not-due');
  await updateProfile(w.directory, 'acme', (profile) => returned({ ...profile, reopensAt: BACK }));
  expect(await invoiceCustomer(advance, w.ports)).toBe('invoiced');
  expect((await w.invoices.get(advance))?.invoice?.total).toBe('24.50');
  w.later(30 * DAY_MS);
  for (const month of MONTHS.slice(1, 3)) await invoiceCustomer(key('acme', month), w.ports);
  expect((await w.invoices.get(key('acme', parseMonth('2026-03'))))?.invoice?.total).toBe('4.00');
});
