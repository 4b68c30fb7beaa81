import { advancePeriodsDue, usagePeriodsDue } from '../../../lib/app/start-invoicing/due-invoices.ts';
import type { CustomerProfile } from '../../../lib/domain/entitlement/profile.ts';
import { presentIn } from '../../../lib/domain/entitlement/stays.ts';
import { PLAIN_TERMS } from '../../../lib/domain/invoicing/billing-terms.ts';
import { monthOf, parseMonth, parseTimestamp } from '../../../lib/domain/time/time.ts';
import { profileOf } from '../invoice-customer/fixtures.ts';

const END = parseTimestamp('2026-02-01T00:00:00Z');
/** It cancelled for the end of January; nobody has closed its account yet. */
const leaving: CustomerProfile = { ...profileOf('acme', '2026-01-10T00'), leavesAt: END };
const closed: CustomerProfile = { ...leaving, status: 'closed', statusSince: END };
const names = (periods: readonly { readonly start: number }[]) => periods.map(({ start }) => monthOf(start));

describe.each([
  { what: 'about to close', profile: leaving },
  { what: 'closed', profile: closed },
])('an account that is $what', ({ profile }) => {
  test('is asked for no fee of the time after it, not even in the first minute of that', () => {
    const due = (at: string) => names(advancePeriodsDue(profile, PLAIN_TERMS, [], parseTimestamp(at)));
    expect(due('2026-01-20T00:00:00Z')).toEqual(['2026-01']);
    expect(due('2026-02-01T00:00:00Z')).toEqual([]);
  });

  test('has its last invoice, and those of corrections that can still come', () => {
    const due = (at: string) => names(usagePeriodsDue(profile, PLAIN_TERMS, [], parseTimestamp(at)));
    expect(due('2026-02-01T00:00:00Z')).toEqual(['2026-01']);
    expect(due('2026-06-01T00:00:00Z')).toEqual(['2026-01', '2026-02', '2026-03']);
  });

  test('was there to the end of its last period, and not after', () => {
    expect(presentIn(parseMonth('2026-01'), profile)).toEqual({
      start: parseTimestamp('2026-01-10T00:00:00Z'),
      end: END,
    });
    expect(presentIn(parseMonth('2026-02'), profile)).toEqual({ start: END, end: END });
  });
});
