import type { RulesFiles } from '../../../lib/domain/rules/ruleset.ts';

const WHY = { rationale: 'because', valueDriver: 'value', owner: 'pricing@example.com' };
const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;

export const rateCard = (id: string, date: string, changes: object = {}): RulesFiles => ({
  [`rate-cards/${id}/${date}.json`]: json({
    ...{ id, name: id, effectiveFrom: date, currency: 'USD', ...WHY },
    charges: [{ id: 'calls', meter: 'api-calls', price: { model: 'perUnit', unitPrice: '0.001' } }],
    ...changes,
  }),
});

/**
 * Two cards; companies of a hundred people and more are on `growth`. Whoever has no `companySize` is undecided.
 *
 * @param from how large a company must be
 */
export const smallRules = (from = 100): RulesFiles => ({
  'meters.json': json({
    meters: [{ id: 'api-calls', unit: 'call', source: 'accessLog', aggregation: 'count' }],
    routeGroups: [{ id: 'bulk', routes: ['/bulk', '/bulk/**'] }],
  }),
  'facts.json': json({
    facts: [
      { id: 'companySize', type: 'number', source: 'customer', use: 'price' },
      { id: 'callsLast30Days', type: 'number', source: 'usage', default: 0, use: 'price' },
    ],
  }),
  'segments.json': json({
    rules: [
      {
        ...{ name: 'large', ...WHY },
        conditions: { all: [{ fact: 'companySize', operator: 'greaterThanInclusive', value: from }] },
        event: { type: 'segment', params: { segment: 'large' } },
      },
      {
        ...{ name: 'busy', ...WHY },
        conditions: { all: [{ fact: 'callsLast30Days', operator: 'greaterThan', value: 1000 }] },
        event: { type: 'segment', params: { segment: 'busy' } },
      },
    ],
  }),
  'tiers.json': json({
    rules: [
      {
        ...{ name: 'growth-for-large', ...WHY, priority: 10 },
        conditions: { all: [{ fact: 'segments', operator: 'contains', value: 'large' }] },
        event: { type: 'tier', params: { rateCard: 'growth' } },
      },
    ],
    otherwise: { rateCard: 'free' },
  }),
  'protection.json': json({ rules: [] }),
  ...rateCard('free', '2026-01-01', {
    usagePlan: { ratePerSecond: 5, burst: 10, quota: { calls: 1000, per: 'month' } },
  }),
  ...rateCard('growth', '2026-01-01', { features: ['bulk'] }),
});

export const without = (files: RulesFiles, ...paths: string[]): RulesFiles =>
  Object.fromEntries(Object.entries(files).filter(([path]) => !paths.includes(path)));
