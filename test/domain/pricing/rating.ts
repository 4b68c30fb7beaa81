import type { RatedBill } from '../../../lib/domain/pricing/bill.ts';
import { compileRateCard } from '../../../lib/domain/pricing/compile.ts';
import { parseRateCard } from '../../../lib/domain/pricing/parse.ts';
import { type RateOptions, rate } from '../../../lib/domain/pricing/rate.ts';
import { parseUsage, type UsageEntry } from '../../../lib/domain/pricing/usage.ts';

/** January 2026: 744 hours, 31 days. */
export const JANUARY = { start: '2026-01-01T00:00:00Z', end: '2026-02-01T00:00:00Z' };

const CARD = {
  id: 'test',
  name: 'Test',
  effectiveFrom: '2026-01-01',
  currency: 'USD',
  rationale: 'for the test',
  valueDriver: 'calls',
  owner: 'pricing@example.com',
  charges: [],
};

/** A valid card with some keys of its own. */
export const cardWith = (own: object): Record<string, unknown> => ({ ...CARD, ...own });

/** A card with one charge for the meter `calls`; `more` goes on the charge, not on the price. */
export const cardOf = (price: object, more: object = {}, own: object = {}): Record<string, unknown> =>
  cardWith({ charges: [{ id: 'c', meter: 'calls', ...more, price }], ...own });

/** Usage of `calls`: a quantity, or entries that name `calls` unless they say otherwise. */
export const usageOf = (used: string | number | object[], own: object = {}): Record<string, unknown> => ({
  period: JANUARY,
  usage: (Array.isArray(used) ? used : [{ quantity: used }]).map((entry) => ({ meter: 'calls', ...entry })),
  ...own,
});

export function bill(card: object, usage: object, options: RateOptions & { explain?: boolean } = {}): RatedBill {
  return rate(compileRateCard(parseRateCard(card)), parseUsage(usage), options);
}

/** Entries as `options.before` takes them. */
export const entriesOf = (usage: object): readonly UsageEntry[] => parseUsage(usage).entries;

/** A line in short: `included 100 = 0.00`, `usage tier 2 50 × 0.5 + 3 = 28.00`. */
export const linesInShort = ({ lines }: RatedBill): string[] =>
  lines.map(({ kind, window, group, tier, packages, quantity, unitPrice, flat, amount }) => {
    const where = [
      kind,
      window === undefined ? '' : `window ${window}`,
      group === null ? '' : `group ${group}`,
      tier === undefined ? '' : `tier ${tier}`,
      packages === undefined ? '' : `${packages} packages of`,
    ];
    const product = unitPrice === null ? quantity : `${quantity} × ${unitPrice}`;
    const fixed = flat === '0' ? '' : kind === 'flat' || kind === 'reserved' ? ` at ${flat}` : ` + ${flat}`;
    return `${where.filter(Boolean).join(' ')} ${quantity === null ? '' : product}${fixed} = ${amount}`.replaceAll(
      '  ',
      ' ',
    );
  });
