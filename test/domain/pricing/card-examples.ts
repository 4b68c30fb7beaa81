import { cardOf, cardWith } from './rating.ts';

/** Cards with exactly one fault each, and where it is; `inSchema` when a JSON Schema can say so too. */
export interface BadCard {
  readonly why: string;
  readonly card: unknown;
  readonly code: string;
  readonly pointer: string;
  readonly hint?: string;
  readonly inSchema: boolean;
}

const flat = { model: 'flat', amount: '1' };
const per = { model: 'perUnit', unitPrice: '1' };
const tier = (upTo: unknown, own: object = {}) => ({ upTo, unitPrice: '1', ...own });
const graduated = (...tiers: unknown[]) => cardOf({ model: 'graduated', tiers });
const reserved = (own: object) =>
  cardOf({ model: 'reserved', capacity: { quantity: 1, per: 'hour' }, amount: '1', overage: per, ...own });
const windowed = (own: object, price: object = {}) =>
  cardOf({
    model: 'timeWindow',
    timeZone: 'UTC',
    windows: [{ id: 'w', from: '08:00', to: '18:00', price: per, ...own }],
    ...price,
  });
const without = (key: string) => Object.fromEntries(Object.entries(cardWith({})).filter(([k]) => k !== key));

const bundled = (own: object, include: object = {}, price: object = per) =>
  JSON.parse(
    JSON.stringify(
      cardOf(
        price,
        {},
        {
          features: ['search'],
          bundles: [
            {
              id: 'b',
              features: ['search'],
              price: flat,
              includes: [{ meter: 'calls', quantity: 5, ...include }],
              ...own,
            },
          ],
        },
      ),
    ),
  );
const phased = (...phases: object[]) => cardOf(per, { included: 5 }, { phases });
const inPhase = (change: object) => phased({ id: 'p', days: 1, charges: { c: change } });

const bad = (why: string, card: unknown, code: string, pointer: string, hint?: string): BadCard => ({
  why,
  card,
  code,
  pointer,
  ...(hint && { hint }),
  inSchema: true,
});
/** What a schema cannot express: ids that meet, order, numbers compared, names that only the platform knows. */
const beyondSchema = (...args: Parameters<typeof bad>): BadCard => ({ ...bad(...args), inSchema: false });

export const BAD_CARDS: readonly BadCard[] = [
  ...['id', 'name', 'effectiveFrom', 'currency', 'rationale', 'valueDriver', 'owner', 'charges'].map((key) =>
    bad(`${key} is missing`, without(key), 'missing-key', ''),
  ),
  bad('no object', [], 'not-an-object', ''),
  bad('unknown key', cardWith({ curency: 'USD' }), 'unknown-key', '/curency', 'did you mean "currency"?'),
  bad(
    'unknown key in a charge',
    cardOf(per, { incuded: 5 }),
    'unknown-key',
    '/charges/0/incuded',
    'did you mean "included"?',
  ),
  bad('unknown key in a price', cardOf({ ...per, tiers: [] }), 'unknown-key', '/charges/0/price/tiers'),
  bad(
    'a key like a prototype',
    JSON.parse(JSON.stringify(cardWith({})).replace('{', '{"__proto__":1,')),
    'unknown-key',
    '/__proto__',
  ),
  bad('blank rationale', cardWith({ rationale: ' ' }), 'empty', '/rationale'),
  bad('name is no text', cardWith({ name: 5 }), 'not-a-string', '/name'),
  bad('no day of the calendar', cardWith({ effectiveFrom: '2026-02-29' }), 'not-a-date', '/effectiveFrom'),
  bad('a time for a date', cardWith({ effectiveFrom: '2026-01-01T00:00:00Z' }), 'not-a-date', '/effectiveFrom'),
  bad('currency in small letters', cardWith({ currency: 'usd' }), 'unknown-currency', '/currency'),
  beyondSchema('no currency of ISO 4217', cardWith({ currency: 'ABC' }), 'unknown-currency', '/currency'),
  beyondSchema('gold has no decimals', cardWith({ currency: 'XAU' }), 'unknown-currency', '/currency'),
  bad('charges are no list', cardWith({ charges: {} }), 'not-a-list', '/charges'),
  bad('a charge without price', cardWith({ charges: [{ id: 'a', meter: 'm' }] }), 'missing-key', '/charges/0'),
  bad('a charge without meter', cardWith({ charges: [{ id: 'a', price: per }] }), 'missing-key', '/charges/0'),
  bad('flat with a meter', cardOf(flat), 'meter-not-here', '/charges/0/meter'),
  bad(
    'flat with a group',
    cardWith({ charges: [{ id: 'a', group: 'g', price: flat }] }),
    'group-not-here',
    '/charges/0/group',
  ),
  bad(
    'flat with included',
    cardWith({ charges: [{ id: 'a', included: 1, price: flat }] }),
    'included-not-here',
    '/charges/0/included',
  ),
  bad(
    'percentage with included',
    cardOf({ model: 'percentage', percent: '1' }, { included: 1 }),
    'included-not-here',
    '/charges/0/included',
  ),
  bad(
    'matrix with included',
    cardOf({ model: 'matrix', groups: [] }, { included: 1 }),
    'included-not-here',
    '/charges/0/included',
  ),
  beyondSchema(
    'an id twice',
    cardWith({
      charges: [
        { id: 'a', price: flat },
        { id: 'a', price: flat },
      ],
    }),
    'duplicate-id',
    '/charges/1/id',
  ),
  beyondSchema(
    'a meter twice',
    cardWith({
      charges: [
        { id: 'a', meter: 'm', price: per },
        { id: 'b', meter: 'm', price: per },
      ],
    }),
    'charge-overlap',
    '/charges/1',
    'the other is /charges/0',
  ),
  beyondSchema(
    'a group twice',
    cardWith({
      charges: [
        { id: 'a', meter: 'm', group: 'g', price: per },
        { id: 'b', meter: 'm', group: 'g', price: per },
      ],
    }),
    'charge-overlap',
    '/charges/1',
  ),
  bad('no model', cardOf({ unitPrice: '1' }), 'missing-key', '/charges/0/price'),
  bad(
    'an unknown model',
    cardOf({ model: 'gradated', tiers: [] }),
    'unknown-value',
    '/charges/0/price/model',
    'did you mean "graduated"?',
  ),
  bad('a model of Object.prototype', cardOf({ model: 'constructor' }), 'unknown-value', '/charges/0/price/model'),
  bad(
    'money as a number',
    cardOf({ model: 'perUnit', unitPrice: 0.01 }),
    'not-a-string',
    '/charges/0/price/unitPrice',
    'write it as a string: "0.01"',
  ),
  bad(
    'money with an exponent',
    cardOf({ model: 'perUnit', unitPrice: '1e-3' }),
    'not-a-decimal',
    '/charges/0/price/unitPrice',
  ),
  bad('a negative price', cardOf({ model: 'perUnit', unitPrice: '-1' }), 'negative', '/charges/0/price/unitPrice'),
  bad('a negative quantity', cardOf(per, { included: -1 }), 'negative', '/charges/0/included'),
  bad('a fraction as a JSON number', cardOf(per, { included: 1.5 }), 'not-a-quantity', '/charges/0/included'),
  bad('a JSON integer above 2^53', cardOf(per, { included: 2 ** 53 + 2 }), 'not-a-quantity', '/charges/0/included'),
  bad('a quantity of null', cardOf(per, { included: null }), 'not-a-quantity', '/charges/0/included'),
  bad('no tiers', graduated(), 'empty', '/charges/0/price/tiers'),
  beyondSchema('the last tier is closed', graduated(tier(5)), 'tier-not-open', '/charges/0/price/tiers/0/upTo'),
  beyondSchema(
    'an open tier in between',
    graduated(tier(null), tier(null)),
    'tier-open',
    '/charges/0/price/tiers/0/upTo',
  ),
  beyondSchema(
    'tiers that descend',
    graduated(tier(5), tier(4), tier(null)),
    'tiers-not-ascending',
    '/charges/0/price/tiers/1/upTo',
  ),
  beyondSchema(
    'tiers that stand still',
    graduated(tier('5'), tier(5), tier(null)),
    'tiers-not-ascending',
    '/charges/0/price/tiers/1/upTo',
  ),
  beyondSchema(
    'a first tier up to 0',
    graduated(tier(0), tier(null)),
    'tiers-not-ascending',
    '/charges/0/price/tiers/0/upTo',
  ),
  bad('a tier without upTo', graduated({ unitPrice: '1' }), 'missing-key', '/charges/0/price/tiers/0'),
  bad(
    'a tier with a negative flat',
    graduated(tier(null, { flat: '-1' })),
    'negative',
    '/charges/0/price/tiers/0/flat',
  ),
  bad(
    'an unknown zeroUsage',
    cardOf({ model: 'volume', tiers: [tier(null)], zeroUsage: 'none' }),
    'unknown-value',
    '/charges/0/price/zeroUsage',
  ),
  bad(
    'a package of nothing',
    cardOf({ model: 'package', size: '0.0', amount: '1' }),
    'not-above-zero',
    '/charges/0/price/size',
  ),
  bad(
    'an unknown rounding',
    cardOf({ model: 'package', size: 1, amount: '1', rounding: 'nearest' }),
    'unknown-value',
    '/charges/0/price/rounding',
  ),
  beyondSchema(
    'min above max',
    cardOf({ model: 'percentage', percent: '1', min: '2', max: '1.99' }),
    'min-above-max',
    '/charges/0/price/min',
  ),
  bad(
    'flat inside a matrix',
    cardOf({ model: 'matrix', groups: [{ group: 'g', price: flat }] }),
    'model-not-here',
    '/charges/0/price/groups/0/price/model',
  ),
  bad(
    'events inside an overage',
    reserved({ overage: { model: 'dynamic' } }),
    'model-not-here',
    '/charges/0/price/overage/model',
  ),
  beyondSchema(
    'a group of a matrix twice',
    cardOf({
      model: 'matrix',
      groups: [
        { group: 'g', price: per },
        { group: 'g', price: per },
      ],
    }),
    'duplicate-id',
    '/charges/0/price/groups/1/group',
  ),
  beyondSchema(
    'an unknown zone',
    windowed({}, { timeZone: 'Europe/Berlim' }),
    'unknown-time-zone',
    '/charges/0/price/timeZone',
  ),
  bad('a time of day that is none', windowed({ from: '8:00' }), 'not-a-time-of-day', '/charges/0/price/windows/0/from'),
  bad(
    'a window that begins at 24:00',
    windowed({ from: '24:00' }),
    'not-a-time-of-day',
    '/charges/0/price/windows/0/from',
  ),
  bad('no days', windowed({ days: [] }), 'empty', '/charges/0/price/windows/0/days'),
  bad(
    'an unknown day',
    windowed({ days: ['monday'] }),
    'unknown-value',
    '/charges/0/price/windows/0/days/0',
    'did you mean "mon"?',
  ),
  bad('a day twice', windowed({ days: ['mon', 'mon'] }), 'duplicate-id', '/charges/0/price/windows/0/days/1'),
  beyondSchema(
    'a window twice',
    windowed({}, { windows: [1, 2].map(() => ({ id: 'w', from: '01:00', to: '02:00', price: per })) }),
    'duplicate-id',
    '/charges/0/price/windows/1/id',
  ),
  bad(
    'capacity per day',
    reserved({ capacity: { quantity: 1, per: 'day' } }),
    'unknown-value',
    '/charges/0/price/capacity/per',
  ),
  bad('a free meter twice', cardWith({ freeMeters: ['a', 'a'] }), 'duplicate-id', '/freeMeters/1'),
  bad('a feature twice', cardWith({ features: ['a', 'b', 'a'] }), 'duplicate-id', '/features/2'),
  bad('a discount of neither kind', cardWith({ discounts: [{ id: 'd' }] }), 'percent-or-amount', '/discounts/0'),
  bad(
    'a discount of both kinds',
    cardWith({ discounts: [{ id: 'd', percent: '1', amount: '1' }] }),
    'percent-or-amount',
    '/discounts/0',
  ),
  beyondSchema(
    'a discount on no charge',
    cardOf(per, {}, { discounts: [{ id: 'd', percent: '1', appliesTo: 'x' }] }),
    'unknown-charge',
    '/discounts/0/appliesTo',
    'charges: c',
  ),
  beyondSchema(
    'a discount twice',
    cardWith({
      discounts: [
        { id: 'd', percent: '1' },
        { id: 'd', amount: '1' },
      ],
    }),
    'duplicate-id',
    '/discounts/1/id',
  ),
  beyondSchema(
    'a discount in parts of a cent',
    cardWith({ discounts: [{ id: 'd', amount: '1.005' }] }),
    'too-many-decimals',
    '/discounts/0/amount',
  ),
  beyondSchema(
    'a minimum in parts of a yen',
    cardWith({ currency: 'JPY', minimum: { amount: '1.0' } }),
    'too-many-decimals',
    '/minimum/amount',
  ),
  beyondSchema(
    'a maximum in parts of a cent',
    cardWith({ maximum: { amount: '1.000' } }),
    'too-many-decimals',
    '/maximum/amount',
  ),
  bad('an unknown order', cardWith({ minimum: { amount: '1', order: 'before' } }), 'unknown-value', '/minimum/order'),
  bad('an unknown credit order', cardWith({ creditOrder: 'paidFirst' }), 'unknown-value', '/creditOrder'),
  bad(
    'a time at which no change takes effect',
    cardWith({ selfService: { upgrade: 'later' } }),
    'unknown-value',
    '/selfService/upgrade',
  ),
  bad(
    'an unknown key of an offer',
    cardWith({ selfService: { upgrades: 'now' } }),
    'unknown-key',
    '/selfService/upgrades',
  ),
  bad(
    'a rate that is no number',
    cardWith({ usagePlan: { ratePerSecond: '50', burst: 100 } }),
    'not-a-limit',
    '/usagePlan/ratePerSecond',
  ),
  bad(
    'a burst of a half',
    cardWith({ usagePlan: { ratePerSecond: 0.5, burst: 0.5 } }),
    'not-a-limit',
    '/usagePlan/burst',
  ),
  bad(
    'a quota without period',
    cardWith({ usagePlan: { ratePerSecond: 1, burst: 1, quota: { calls: 1 } } }),
    'missing-key',
    '/usagePlan/quota',
  ),
  bad('an outcome that costs nothing', cardOf({ model: 'outcome', min: '1' }), 'missing-key', '/charges/0/price'),
  bad(
    'an outcome window of half a day',
    cardOf({ model: 'outcome', percent: '1', attributionDays: 0.5 }),
    'not-a-length',
    '/charges/0/price/attributionDays',
  ),
  beyondSchema(
    'an outcome whose least is above its most',
    cardOf({ model: 'outcome', percent: '1', min: '2', max: '1' }),
    'min-above-max',
    '/charges/0/price/min',
  ),
  bad('a bundle without a price', bundled({ price: undefined }), 'missing-key', '/bundles/0'),
  bad('a bundle by the unit', bundled({ price: per }), 'model-not-here', '/bundles/0/price/model'),
  bad('a bundle with nothing of it', bundled({}, { quantity: 0 }), 'not-above-zero', '/bundles/0/includes/0/quantity'),
  bad(
    'an unknown key in a bundle',
    bundled({ feature: [] }),
    'unknown-key',
    '/bundles/0/feature',
    'did you mean "features"?',
  ),
  beyondSchema(
    'a bundle of an unknown meter',
    bundled({}, { meter: 'call' }),
    'unknown-charge',
    '/bundles/0/includes/0',
  ),
  beyondSchema('a bundle of an unknown group', bundled({}, { group: 'g' }), 'unknown-charge', '/bundles/0/includes/0'),
  beyondSchema('a bundle with the id of a charge', bundled({ id: 'c' }), 'duplicate-id', '/bundles/0/id'),
  beyondSchema(
    'a bundle of a feature that the card has not',
    bundled({ features: ['serch'] }),
    'unknown-feature',
    '/bundles/0/features/0',
    'did you mean "search"?',
  ),
  beyondSchema(
    'a bundle for a charge without allowance',
    bundled({}, {}, { model: 'matrix', groups: [], otherwise: per }),
    'included-not-here',
    '/bundles/0/includes/0',
  ),
  bad('no phases', phased(), 'empty', '/phases'),
  bad('a phase without length', phased({ id: 'p' }), 'days-or-months', '/phases/0'),
  bad('a phase of two lengths', phased({ id: 'p', days: 1, months: 1 }), 'days-or-months', '/phases/0'),
  bad('a phase of no days', phased({ id: 'p', days: 0 }), 'not-a-length', '/phases/0/days'),
  bad('a phase of half a month', phased({ id: 'p', months: 0.5 }), 'not-a-length', '/phases/0/months'),
  bad('an unknown key in a phase', phased({ id: 'p', days: 1, dayz: 1 }), 'unknown-key', '/phases/0/dayz'),
  bad('a key that a phase cannot change', inPhase({ meter: 'm' }), 'unknown-key', '/phases/0/charges/c/meter'),
  bad('an unknown end of a phase', phased({ id: 'p', days: 1, after: 'stop' }), 'unknown-value', '/phases/0/after'),
  beyondSchema('a phase twice', phased({ id: 'p', days: 1 }, { id: 'p', days: 1 }), 'duplicate-id', '/phases/1/id'),
  beyondSchema(
    'an end before the last phase',
    phased({ id: 'p', days: 1, after: 'end' }, { id: 'q', days: 1 }),
    'after-not-here',
    '/phases/0/after',
  ),
  beyondSchema(
    'a phase for an unknown charge',
    phased({ id: 'p', days: 1, charges: { d: { included: 1 } } }),
    'unknown-charge',
    '/phases/0/charges/d',
  ),
  beyondSchema(
    'a phase with another kind of usage',
    inPhase({ price: { model: 'percentage', percent: '1' }, included: null }),
    'phase-kind',
    '/phases/0/charges/c/price',
  ),
  beyondSchema(
    'a phase whose model has no allowance',
    inPhase({ price: { model: 'matrix', groups: [] } }),
    'included-not-here',
    '/phases/0/charges/c',
    'write "included": null for none in this phase',
  ),
  beyondSchema(
    'a phase with the id of a discount',
    cardOf(per, {}, { discounts: [{ id: 'p', percent: '1' }], phases: [{ id: 'p', days: 1, percent: '2' }] }),
    'duplicate-id',
    '/phases/0/id',
  ),
  beyondSchema(
    'a phase with too fine a minimum',
    phased({ id: 'p', days: 1, minimum: { amount: '0.001' } }),
    'too-many-decimals',
    '/phases/0/minimum/amount',
  ),
];

export const GOOD_CARDS: readonly (readonly [string, unknown])[] = [
  ['no charges at all', cardWith({})],
  [
    'every optional key',
    cardWith({
      $schema: '../../schema/rate-card.schema.json',
      usagePlan: { ratePerSecond: 0.5, burst: 100, quota: { calls: 1_000_000, per: 'month' } },
      features: ['search'],
      charges: [{ id: 'a', price: { ...flat, due: 'inAdvance', proration: 'second' } }],
      freeMeters: ['pings'],
      discounts: [
        { id: 'd', percent: '150.125', appliesTo: 'a' },
        { id: 'e', amount: '1.50' },
      ],
      minimum: { amount: '1.00', order: 'beforeDiscounts', proration: 'day' },
      maximum: { amount: '0' },
      creditOrder: 'promoFirst',
      selfService: { upgrade: 'periodEnd', downgrade: 'now' },
    }),
  ],
  ['a bundle', bundled({})],
  [
    'every key of an outcome',
    cardOf({
      ...{ model: 'outcome', percent: '5', fixedFee: '1', min: '2', max: '9' },
      attributionDays: 30,
      reversalDays: 14,
    }),
  ],
  [
    'every key of a phase',
    phased(
      {
        id: 'trial',
        days: 14,
        minimum: null,
        maximum: null,
        charges: { c: { included: null, price: { model: 'graduated', tiers: [tier(null)] } } },
      },
      { id: 'ramp', months: 3, percent: '50', minimum: { amount: '1.00' }, maximum: { amount: '5.00' }, after: 'end' },
    ),
  ],
  ['tiers in both ways of writing', graduated(tier('0.5'), tier(1, { flat: '0.00001' }), tier('2.50'), tier(null))],
  ['quantities at the limit', cardOf(per, { included: 2 ** 53 })],
  ['an empty matrix with otherwise', cardOf({ model: 'matrix', groups: [], otherwise: per })],
  ['a window over midnight', windowed({ from: '22:30', to: '06:00', days: ['mon', 'sun'] }, { otherwise: per })],
  ['a window to the end of the day, in the customer’s zone', windowed({ to: '24:00' }, { timeZone: 'customer' })],
  ['reserved without saying per what', reserved({ capacity: { quantity: '1.5' } })],
  ['min that is max', cardOf({ model: 'percentage', percent: '0', fixedFee: '0.001', min: '1', max: '1.0' })],
  [
    'graduated percentage',
    cardOf({
      model: 'graduatedPercentage',
      tiers: [{ upTo: null, percent: '2.9', flat: '1' }],
      zeroUsage: 'chargeFirstFlat',
    }),
  ],
  [
    'the same meter by group and without',
    cardWith({
      charges: [
        { id: 'a', meter: 'm', price: per },
        { id: 'b', meter: 'm', group: 'g', price: per },
      ],
    }),
  ],
  ['a package', cardOf({ model: 'package', size: '0.5', amount: '3', rounding: 'down' })],
  ['dynamic', cardOf({ model: 'dynamic', multiplier: '1.2' })],
];
