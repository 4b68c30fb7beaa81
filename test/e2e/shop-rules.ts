import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const WHY = { rationale: 'small numbers are checked by hand', valueDriver: 'calls', owner: 'pricing@example.com' };

/** Everything the tests know about prices, small enough to bill in the head. */
export const SHOP = {
  platform: '62.00',
  included: 3,
  firstTier: { upTo: '4', unitPrice: '0.10' },
  beyond: '0.05',
  payment: '0.25',
  tokens: { included: 500, size: 1_000, amount: '0.40' },
  bulkCall: '0.03',
  throttle: { ratePerSecond: 1, burst: 5 },
} as const;

const card = (id: string, charges: readonly object[], change: object = {}) => ({
  ...{ id, name: id, effectiveFrom: '2026-01-01', currency: 'USD', ...WHY },
  charges,
  ...change,
});

/** Shops (`industry` is `retail`) are on `starter`, `wholesale` on `bulk`, which alone opens bulk routes, everyone else on `free`. */
const FILES: Readonly<Record<string, object>> = {
  'meters.json': {
    meters: [
      { id: 'api-calls', unit: 'call', source: 'accessLog', aggregation: 'count' },
      { id: 'tokens', unit: 'token', source: 'event', aggregation: 'sum', value: 'quantity' },
    ],
    routeGroups: [
      { id: 'payments', routes: ['/payments', '/payments/**'] },
      { id: 'bulk', routes: ['/bulk', '/exports/**'] },
    ],
  },
  'facts.json': {
    facts: [
      {
        ...{ id: 'industry', type: 'string', source: 'customer', default: 'unknown', use: 'price' },
        ask: { label: 'What your company does', options: ['retail', 'wholesale', 'other'] },
      },
    ],
  },
  'segments.json': {
    rules: [
      {
        ...{ name: 'shops', ...WHY },
        conditions: { all: [{ fact: 'industry', operator: 'equal', value: 'retail' }] },
        event: { type: 'segment', params: { segment: 'shop' } },
      },
      {
        ...{ name: 'wholesalers', ...WHY },
        conditions: { all: [{ fact: 'industry', operator: 'equal', value: 'wholesale' }] },
        event: { type: 'segment', params: { segment: 'wholesaler' } },
      },
    ],
  },
  'tiers.json': {
    rules: [
      {
        ...{ name: 'starter-for-shops', ...WHY, priority: 10 },
        conditions: { all: [{ fact: 'segments', operator: 'contains', value: 'shop' }] },
        event: { type: 'tier', params: { rateCard: 'starter' } },
      },
      {
        ...{ name: 'bulk-for-wholesalers', ...WHY, priority: 20 },
        conditions: { all: [{ fact: 'segments', operator: 'contains', value: 'wholesaler' }] },
        event: { type: 'tier', params: { rateCard: 'bulk' } },
      },
    ],
    otherwise: { rateCard: 'free' },
  },
  'protection.json': { rules: [] },
  'rate-cards/free/2026-01-01.json': card(
    'free',
    [
      { id: 'calls', meter: 'api-calls', price: { model: 'perUnit', unitPrice: '0' } },
      { id: 'tokens', meter: 'tokens', price: { model: 'perUnit', unitPrice: '0' } },
    ],
    { features: ['payments'], usagePlan: { ratePerSecond: 1, burst: 5, quota: { calls: 4, per: 'month' } } },
  ),
  'rate-cards/bulk/2026-01-01.json': card(
    'bulk',
    [
      { id: 'calls', meter: 'api-calls', price: { model: 'perUnit', unitPrice: SHOP.bulkCall } },
      { id: 'tokens', meter: 'tokens', price: { model: 'perUnit', unitPrice: '0' } },
    ],
    { features: ['payments', 'bulk'], usagePlan: { ratePerSecond: 100, burst: 100 } },
  ),
  'rate-cards/starter/2026-01-01.json': card(
    'starter',
    [
      { id: 'platform', price: { model: 'flat', amount: SHOP.platform, due: 'inArrears', proration: 'second' } },
      {
        id: 'calls',
        meter: 'api-calls',
        included: String(SHOP.included),
        price: { model: 'graduated', tiers: [SHOP.firstTier, { upTo: null, unitPrice: SHOP.beyond }] },
      },
      {
        id: 'payments',
        meter: 'api-calls',
        group: 'payments',
        price: { model: 'perUnit', unitPrice: SHOP.payment },
      },
      {
        id: 'tokens',
        meter: 'tokens',
        included: String(SHOP.tokens.included),
        price: { model: 'package', size: String(SHOP.tokens.size), amount: SHOP.tokens.amount },
      },
    ],
    { features: ['payments'], usagePlan: SHOP.throttle },
  ),
};

/** What `starter` costs from the second day on, once it was published. */
export const NEW_SHOP = { platform: '124.00', firstTier: '0.20', beyond: '0.08', payment: '0.30' } as const;

const BOOKINGS = {
  ...{ id: 'bookings', meter: 'bookings' },
  price: { model: 'outcome', percent: '10', max: '50.00', attributionDays: 30, reversalDays: 45 },
};

/** The booking rules as text by path, with the new version of `starter` in them. */
export function newShopRules(): Record<string, string> {
  const starter = card(
    'starter',
    [
      { id: 'platform', price: { model: 'flat', amount: NEW_SHOP.platform, due: 'inArrears', proration: 'second' } },
      {
        id: 'calls',
        meter: 'api-calls',
        included: String(SHOP.included),
        price: {
          model: 'graduated',
          tiers: [
            { upTo: SHOP.firstTier.upTo, unitPrice: NEW_SHOP.firstTier },
            { upTo: null, unitPrice: NEW_SHOP.beyond },
          ],
        },
      },
      {
        id: 'payments',
        meter: 'api-calls',
        group: 'payments',
        price: { model: 'perUnit', unitPrice: NEW_SHOP.payment },
      },
      { id: 'tokens', meter: 'tokens', price: { model: 'perUnit', unitPrice: '0' } },
      BOOKINGS,
    ],
    { effectiveFrom: '2026-01-02', features: ['payments'], usagePlan: SHOP.throttle },
  );
  const files = { ...bookingRules(), 'rate-cards/starter/2026-01-02.json': starter };
  return Object.fromEntries(Object.entries(files).map(([path, content]) => [path, text(content)]));
}

const text = (content: object) => `${JSON.stringify(content, null, 2)}\n`;

/** The shop takes 10 % of bookings that it brought about in the 30 days before, on every card, and 45 days to take one back. */
export function bookingRules(): Readonly<Record<string, object>> {
  return Object.fromEntries(
    Object.entries(FILES).map(([path, content]) => {
      if (path === 'meters.json') {
        const { meters, ...rest } = content as { meters: object[] };
        const outcomes = { id: 'bookings', unit: 'USD', source: 'event', aggregation: 'outcomes' };
        return [path, { ...rest, meters: [...meters, outcomes] }];
      }
      if (!path.startsWith('rate-cards/')) return [path, content];
      return [path, { ...content, charges: [...(content as { charges: object[] }).charges, BOOKINGS] }];
    }),
  );
}

/** The rules in a temporary folder that goes away with the process. */
export function writeShopRules(files: Readonly<Record<string, object>> = FILES): string {
  const folder = mkdtempSync(join(tmpdir(), 'tollgate-shop-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text(content));
  }
  return folder;
}
