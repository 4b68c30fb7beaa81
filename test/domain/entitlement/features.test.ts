import { deniedRoutes, featureConflicts } from '../../../lib/domain/entitlement/features.ts';
import type { Meters, RouteGroup } from '../../../lib/domain/metering/meters.ts';
import type { RateCard } from '../../../lib/domain/pricing/rate-card.ts';

const card = (id: string, features?: string[]): RateCard => ({
  id,
  name: id,
  effectiveFrom: '2026-01-01',
  currency: 'USD',
  rationale: 'r',
  valueDriver: 'v',
  owner: 'o',
  charges: [],
  ...(features === undefined ? {} : { features }),
});
const meters = (...routeGroups: RouteGroup[]): Meters => ({ meters: [], routeGroups });

const RULES = meters(
  { id: 'payments', routes: ['/payments', '/payments/**'] },
  { id: 'search', methods: ['GET', 'POST'], routes: ['/search/{index}/items'] },
  { id: 'static', routes: ['/assets/*'] },
);
const FREE = card('free');
const GROWTH = card('growth', ['search']);
const BUSINESS = card('business', ['search', 'payments', 'sso']);
const CARDS = [FREE, GROWTH, BUSINESS];

describe('deniedRoutes', () => {
  test.each([
    { name: 'a card with every feature', card: BUSINESS, denied: [] },
    { name: 'a card without one feature', card: GROWTH, denied: ['*/payments', '*/payments', '*/payments/*'] },
    {
      name: 'a card without features',
      card: FREE,
      denied: ['*/payments', '*/payments', '*/payments/*', 'GET/search/*/items', 'POST/search/*/items'],
    },
  ])('$name', ({ card: of, denied }) => {
    expect(deniedRoutes(of, RULES, CARDS)).toEqual([...new Set(denied)]);
  });

  test('a group that no card names is open to all', () => {
    expect(deniedRoutes(FREE, RULES, [FREE])).toEqual([]);
  });

  test('a route that begins with ** closes the path wherever it stands', () => {
    expect(deniedRoutes(FREE, meters({ id: 'x', routes: ['**/admin'] }), [FREE, card('pro', ['x'])])).toEqual([
      '*/*/admin',
    ]);
  });
});

describe('featureConflicts', () => {
  test('rules whose groups stand apart have none', () => {
    expect(featureConflicts(RULES, CARDS)).toEqual([]);
  });

  test('a closed group above an open one is found, with both routes', () => {
    const nested = meters(
      { id: 'refunds', routes: ['/payments/{id}/refunds'] },
      { id: 'payments', routes: ['/payments/**'] },
    );
    expect(featureConflicts(nested, [GROWTH, card('pro', ['payments'])])).toEqual([
      {
        rateCard: 'growth@2026-01-01',
        closed: { group: 'payments', route: '/payments/**' },
        open: { group: 'refunds', route: '/payments/{id}/refunds' },
      },
    ]);
  });

  test('the same path with other methods is no conflict', () => {
    const split = meters(
      { id: 'read', methods: ['GET'], routes: ['/things/**'] },
      { id: 'write', methods: ['POST', 'PUT'], routes: ['/things/**'] },
    );
    expect(featureConflicts(split, [card('a', ['read']), card('b', ['read', 'write'])])).toEqual([]);
  });

  test('dots in a route are dots', () => {
    const dots = meters({ id: 'a', routes: ['/a.b'] }, { id: 'b', routes: ['/aXb'] });
    expect(featureConflicts(dots, [card('x', ['b']), card('y', ['a', 'b'])])).toEqual([]);
  });
});
