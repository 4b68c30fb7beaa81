import { reconciliationText } from '../../lib/cli/reconcile-run.ts';

const AGREED = { month: '2026-10', customers: 2, hours: 744, withoutInvoice: [], notSent: ['globex'], differences: [] };

test('says that everything agrees, and what was not to be compared', () => {
  expect(reconciliationText(AGREED)).toBe(
    '2026-10: everything agrees (2 customers, 744 hours counted again)\n  not at Stripe: globex\n',
  );
});

test('names customer, hours, meter or line, and the place', () => {
  const hour = { from: '2026-10-02T10:00:00Z', to: '2026-10-02T11:00:00Z' };
  const differences = [
    {
      customer: 'acme',
      kind: 'usage' as const,
      place: 'logged' as const,
      ...hour,
      meter: 'api-calls',
      group: 'pay',
      line: null,
      says: {},
      message: 'm1',
    },
    {
      customer: 'acme',
      kind: 'advance' as const,
      place: null,
      ...hour,
      meter: null,
      group: null,
      line: '0003',
      says: {},
      message: 'm2',
    },
  ];
  expect(reconciliationText({ ...AGREED, notSent: [], differences })).toBe(
    [
      '2026-10: 2 differences (2 customers, 744 hours counted again)',
      '  acme, 2026-10-02T10:00:00Z to 2026-10-02T11:00:00Z, api-calls (pay): logged differs: m1',
      '  acme, 2026-10-02T10:00:00Z to 2026-10-02T11:00:00Z, advance line 0003: unclear which differs: m2',
      '',
    ].join('\n'),
  );
});
