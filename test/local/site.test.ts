import { site } from '../../lib/local/site.tsx';
import type { CustomerView } from '../../lib/portal/view.ts';

const QUIET: CustomerView = {
  id: 'quiet',
  name: 'Quiet <b>Ltd</b>',
  status: 'active',
  segments: [],
  rateCard: 'free@2026-01-01',
  tierRule: 'otherwise',
  undecided: null,
  reasons: [],
  period: '2026-10',
  days: [],
  groups: [],
  calls: '0',
  provisionalCalls: '0',
  invoice: null,
};
const BUSY: CustomerView = {
  ...QUIET,
  id: 'busy',
  name: 'Busy',
  segments: ['fintech'],
  reasons: [{ kind: 'segment', rule: 'fintech', rationale: 'They pay per payment.', facts: { industry: 'fintech' } }],
  days: [
    { day: '2026-10-01', calls: [1200n, 30n] },
    { day: '2026-10-02', calls: [0n, 0n] },
  ],
  groups: ['search', 'other'],
  calls: '1230',
  invoice: {
    number: 'busy/2026-10',
    state: 'PAID',
    currency: 'USD',
    held: null,
    lines: [
      {
        title: 'calls, tier 1',
        quantity: '1230',
        unitPrice: '0.0004',
        amount: '0.49',
        why: '1230 × 0.0004 = 0.492, rounded to 0.49',
        cites: 'growth@2026-01-01, commit def',
      },
    ],
    total: '0.49',
    digest: 'fed',
  },
};
const pages = site(
  {
    period: '2026-10',
    customers: async () => [
      {
        id: 'busy',
        name: 'Busy',
        status: 'active',
        rateCard: 'growth@2026-01-01',
        segments: ['fintech'],
        calls: '1230',
        total: '0.44',
        state: 'PAID',
      },
    ],
    customer: async (id) => ({ quiet: QUIET, busy: BUSY })[id],
  },
  'curl -s http://127.0.0.1:1/search',
);
const get = async (path: string) => {
  const response = await pages.request(path);
  return { status: response.status, text: await response.text(), headers: response.headers };
};

test('the front page lists customers with their bills and a call to try', async () => {
  const { status, text } = await get('/');
  expect(status).toBe(200);
  expect(text).toMatch(/^<!doctype html>/);
  expect(text).toContain('curl -s http://127.0.0.1:1/search');
  expect(text).toContain('href="/customers/busy"');
  expect(text).toContain('0.44');
});

test('a customer page shows usage, reasons and each line with its why', async () => {
  const { text } = await get('/customers/busy');
  expect(text).toContain('2026-10-01: 1,230 calls');
  expect(text).toContain('They pay per payment.');
  expect(text).toContain('1230 × 0.0004 = 0.492, rounded to 0.49');
});

test('a customer without usage or invoice is told so, and its name cannot become markup', async () => {
  const { text } = await get('/customers/quiet');
  expect(text).toContain('No billable calls in this period.');
  expect(text).toContain('No invoice for this period yet');
  expect(text).toContain('Quiet &lt;b&gt;Ltd&lt;/b&gt;');
});

test.each(['/customers/nobody', '/nowhere', '/customers/%3Cscript%3E'])(
  '%s is a 404 page that leads home',
  async (path) => {
    const { status, text } = await get(path);
    expect(status).toBe(404);
    expect(text).toContain('<a href="/">All customers</a>');
    expect(text).not.toContain('<script>');
  },
);

test('pages allow no script and no framing', async () => {
  const { headers } = await get('/');
  expect(headers.get('content-security-policy')).toContain("default-src 'none'");
  expect(headers.get('x-frame-options')).toBe('SAMEORIGIN');
});
