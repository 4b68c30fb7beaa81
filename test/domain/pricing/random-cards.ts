import fc from 'fast-check';

/** Random rate cards of all models and usages that fit them: small numbers that meet at the boundaries, and huge ones. */

const DECIMALS: Record<string, number> = { USD: 2, JPY: 0, KWD: 3, CLF: 4 };
const METERS = ['calls', 'tokens', 'payments', 'storage', 'transfers', 'jobs'];
const GROUPS = ['a', 'b', 'c'];
const ZONES = ['UTC', 'Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kolkata', 'customer'];
const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
/** Months with a change of clocks on either hemisphere, and others. */
const PERIODS = [
  ['2026-01-01T00:00:00Z', '2026-02-01T00:00:00Z'],
  ['2026-03-01T00:00:00Z', '2026-04-01T00:00:00Z'],
  ['2026-04-04T05:00:00Z', '2026-04-06T18:00:00Z'],
  ['2026-10-03T10:00:00Z', '2026-11-03T10:00:00Z'],
  ['2026-02-28T23:00:00Z', '2026-03-01T00:00:00Z'],
] as const;

const decimalText = (units: bigint, scale: number): string => {
  const digits = units.toString().padStart(scale + 1, '0');
  return scale === 0 ? digits : `${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
};
const decimal = (max: bigint, scaleMax: number) =>
  fc.tuple(fc.bigInt({ min: 0n, max }), fc.integer({ min: 0, max: scaleMax })).map(([u, s]) => decimalText(u, s));

const price = fc.oneof(
  decimal(1000n, 4),
  decimal(100_000n, 9),
  decimal(10n ** 22n, 12),
  fc.constantFrom('0', '0.00', '0.005', '0.5'),
);
const due = (currency: string) => decimal(50_000n, DECIMALS[currency] as number);
const quantity = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 0, max: 60 }).map(String) },
  { weight: 2, arbitrary: fc.integer({ min: 0, max: 1_000_000 }) },
  { weight: 2, arbitrary: decimal(10_000n, 3) },
  { weight: 1, arbitrary: decimal(10n ** 25n, 6) },
  { weight: 1, arbitrary: fc.constantFrom<string | number>(2 ** 53, 0, '0') },
);
const percent = fc.oneof(decimal(120n, 0), decimal(5_000n, 3));

const upTos = fc
  .uniqueArray(
    fc.oneof(
      fc.integer({ min: 1, max: 80 }),
      fc.integer({ min: 1, max: 3_000 }).map((n) => n / 4),
    ),
    {
      maxLength: 3,
    },
  )
  .map((list) => [...list].sort((a, b) => a - b).map((n) => (Number.isInteger(n) && n % 2 === 0 ? n : String(n))));
const tiers = (key: 'unitPrice' | 'percent') =>
  upTos.chain((list) =>
    fc.tuple(
      ...[...list, null].map((upTo) =>
        fc.record(
          { upTo: fc.constant(upTo), [key]: key === 'percent' ? percent : price, flat: price },
          { requiredKeys: ['upTo', key] },
        ),
      ),
    ),
  );
const tiered = (model: string, key: 'unitPrice' | 'percent' = 'unitPrice') =>
  fc.record(
    { model: fc.constant(model), tiers: tiers(key), zeroUsage: fc.constantFrom('free', 'chargeFirstFlat') },
    { requiredKeys: ['model', 'tiers'] },
  );
const pool = fc.oneof(
  fc.record({ model: fc.constant('perUnit'), unitPrice: price }),
  tiered('graduated'),
  tiered('volume'),
  fc.record(
    {
      model: fc.constant('package'),
      size: fc.oneof(fc.integer({ min: 1, max: 30 }), fc.constantFrom('2.5', '0.1', '100')),
      amount: price,
      rounding: fc.constantFrom('up', 'down'),
    },
    { requiredKeys: ['model', 'size', 'amount'] },
  ),
);
const flat = fc.record(
  {
    model: fc.constant('flat'),
    amount: price,
    due: fc.constantFrom('inArrears', 'inAdvance'),
    proration: fc.constantFrom('none', 'day', 'second'),
  },
  { requiredKeys: ['model', 'amount'] },
);
const percentage = fc
  .record(
    { model: fc.constant('percentage'), percent, fixedFee: price, min: decimal(300n, 3), max: decimal(900n, 2) },
    { requiredKeys: ['model', 'percent'] },
  )
  .map(({ min, ...rest }) =>
    min === undefined || (rest.max && Number(min) > Number(rest.max)) ? rest : { ...rest, min },
  );
const days = fc.constantFrom(1, 3, 30);
const outcome = fc
  .record({ model: fc.constant('outcome'), commission: percentage }, { requiredKeys: ['model', 'commission'] })
  .chain(({ model, commission: { model: _model, ...own } }) =>
    fc.record({ attributionDays: days, reversalDays: days }, { requiredKeys: [] }).map((limits) => ({
      ...{ model, ...own, ...limits },
    })),
  );
const dynamic = fc.record({ model: fc.constant('dynamic'), multiplier: price }, { requiredKeys: ['model'] });
const matrix = fc.record(
  {
    model: fc.constant('matrix'),
    groups: fc.uniqueArray(fc.record({ group: fc.constantFrom(...GROUPS), price: pool }), { selector: (g) => g.group }),
    otherwise: pool,
  },
  { requiredKeys: ['model', 'groups'] },
);
const clock = fc.tuple(fc.integer({ min: 0, max: 23 }), fc.constantFrom('00', '30', '15'));
const clockText = clock.map(([h, m]) => `${String(h).padStart(2, '0')}:${m}`);
const window = fc.record(
  {
    id: fc.constantFrom('peak', 'night', 'weekend'),
    days: fc.subarray(DAYS, { minLength: 1 }),
    from: clockText,
    to: fc.oneof(clockText, fc.constant('24:00')),
    price: pool,
  },
  { requiredKeys: ['id', 'from', 'to', 'price'] },
);
const timeWindow = fc.record(
  {
    model: fc.constant('timeWindow'),
    timeZone: fc.constantFrom(...ZONES),
    windows: fc.uniqueArray(window, { selector: (w) => w.id }),
    otherwise: fc.oneof({ weight: 5, arbitrary: pool }, { weight: 1, arbitrary: fc.constant(undefined) }),
  },
  { requiredKeys: ['model', 'timeZone', 'windows', 'otherwise'] },
);
const reserved = fc.record({
  model: fc.constant('reserved'),
  capacity: fc.record({ quantity, per: fc.constantFrom('hour', 'period') }),
  amount: price,
  overage: pool,
});

const charge = (index: number) =>
  fc
    .record({
      price: fc.oneof(
        flat,
        pool,
        pool,
        percentage,
        tiered('graduatedPercentage', 'percent'),
        dynamic,
        outcome,
        matrix,
        timeWindow,
        reserved,
      ),
      meter: fc.constantFrom(...METERS),
      group: fc.option(fc.constantFrom(...GROUPS), { nil: undefined, freq: 4 }),
      included: fc.option(quantity, { nil: undefined }),
    })
    .map(({ price: own, meter, group, included }) => {
      const { model } = own as { model: string };
      const id = `charge-${index}`;
      if (model === 'flat') return { id, price: own };
      const hasIncluded = included !== undefined && /^(perUnit|graduated|volume|package|timeWindow)$/.test(model);
      const isMatrix = model === 'matrix';
      return {
        id,
        meter,
        ...(group !== undefined && !isMatrix && { group }),
        ...(hasIncluded && { included }),
        price: own,
      };
    });

export interface RandomCharge {
  readonly id: string;
  readonly meter?: string;
  readonly group?: string;
  readonly price: object;
}

const charges = fc
  .tuple(...[0, 1, 2, 3].map(charge))
  .chain((list) => fc.subarray(list as RandomCharge[]))
  .map((list) => {
    const seen = new Set<string>();
    return list.filter(({ meter, group }) => {
      const key = `${meter}|${group}`;
      if (meter !== undefined && seen.has(key)) return false;
      seen.add(key);
      return true;
    });
  });

const WITH_INCLUDED = /^(perUnit|graduated|volume|package|timeWindow)$/;
const modelOf = ({ price: own }: RandomCharge) => (own as { model: string }).model;

/** Bundles that go with the charges: units for those that can have free ones. */
const bundlesFor = (list: readonly RandomCharge[]) => {
  const takers = list.filter((own) => WITH_INCLUDED.test(modelOf(own)));
  const include = (own: RandomCharge) =>
    fc.oneof(fc.integer({ min: 1, max: 60 }), fc.constantFrom<string | number>('0.25', '1000')).map((n) => ({
      meter: own.meter,
      ...(own.group !== undefined && { group: own.group }),
      quantity: n,
    }));
  const includes = fc.subarray([...takers]).chain((some) => fc.tuple(...some.map(include)));
  return fc
    .array(fc.record({ price: flat, includes }), { maxLength: 2 })
    .map((all) => all.map((own, i) => ({ id: `bundle-${i}`, ...own })));
};

/** Phases of a few days or months; what a charge costs in one is priced by the same kind of usage. */
const phasesFor = (list: readonly RandomCharge[], currency: string) => {
  const pools = list.filter((own) => /^(perUnit|graduated|volume|package)$/.test(modelOf(own)));
  const changed = fc.record({ included: fc.constantFrom<unknown>(null, 5, '12.5'), price: pool }, { requiredKeys: [] });
  const changes = fc
    .subarray([...pools])
    .chain((some) => fc.tuple(...some.map(({ id }) => changed.map((own) => [id, own] as const))))
    .map((all) => Object.fromEntries(all));
  const limit = fc.option(fc.record({ amount: due(currency) }), { nil: null });
  const body = fc.record({ charges: changes, percent, minimum: limit, maximum: limit }, { requiredKeys: ['charges'] });
  const length = fc.oneof(
    fc.integer({ min: 1, max: 400 }).map((days) => ({ days })),
    fc.integer({ min: 1, max: 18 }).map((months) => ({ months })),
  );
  return fc
    .array(fc.tuple(length, body), { minLength: 1, maxLength: 3 })
    .map((all) => all.map(([span, own], i) => ({ id: `phase-${i}`, ...span, ...own })));
};

export const randomCard = fc.tuple(fc.constantFrom('USD', 'JPY', 'KWD', 'CLF'), charges).chain(([currency, list]) => {
  const discount = fc
    .record({
      percent: percent,
      amount: due(currency),
      isPercent: fc.boolean(),
      appliesTo: fc.option(fc.constantFrom(...list.map(({ id }) => id), 'none'), { nil: 'none' }),
    })
    .map(({ percent: p, amount, isPercent, appliesTo }) => ({
      ...(isPercent ? { percent: p } : { amount }),
      ...(appliesTo !== 'none' && { appliesTo }),
    }));
  return fc.record(
    {
      id: fc.constant('random'),
      name: fc.constant('Random'),
      effectiveFrom: fc.constant('2026-01-01'),
      currency: fc.constant(currency),
      rationale: fc.constant('for the test'),
      valueDriver: fc.constant('none'),
      owner: fc.constant('pricing@example.com'),
      charges: fc.constant(list),
      freeMeters: fc.subarray(METERS),
      discounts: fc.array(discount, { maxLength: 4 }).map((all) => all.map((d, i) => ({ id: `discount-${i}`, ...d }))),
      minimum: fc.record(
        {
          amount: due(currency),
          order: fc.constantFrom('afterDiscounts', 'beforeDiscounts'),
          proration: fc.constantFrom('none', 'day', 'second'),
        },
        { requiredKeys: ['amount'] },
      ),
      maximum: fc.record({ amount: due(currency) }),
      creditOrder: fc.constantFrom('expiryFirst', 'promoFirst'),
      bundles: bundlesFor(list),
      phases: phasesFor(list, currency),
    },
    {
      requiredKeys: [
        'id',
        'name',
        'effectiveFrom',
        'currency',
        'rationale',
        'valueDriver',
        'owner',
        'charges',
        'freeMeters',
      ],
    },
  );
});

/** Few ids, so that the same is reported often; times on days that meet the windows' ends. */
const outcomesIn = (start: number, hours: number) => {
  const at = fc.nat({ max: Math.ceil(hours / 24) }).map((day) => new Date(start + day * 86_400_000).toISOString());
  const id = fc.constantFrom('o1', 'o2', 'o3', 'o4', 'o5', 'e1');
  const report = fc.record(
    { id, amount: decimal(20_000n, 3), at, touchedAt: at },
    { requiredKeys: ['id', 'amount', 'at'] },
  );
  const reversal = fc.record({ id: fc.constant('r'), at, reverses: id });
  return fc.array(fc.oneof({ weight: 3, arbitrary: report }, { weight: 1, arbitrary: reversal }), { maxLength: 5 });
};

const EVENT_MODELS = /"model":"(percentage|graduatedPercentage|dynamic)"/;

function entryFor(
  card: { charges: readonly RandomCharge[]; freeMeters: readonly string[] },
  start: number,
  hours: number,
) {
  const meters = [...new Set([...card.charges.flatMap(({ meter }) => meter ?? []), ...card.freeMeters])];
  return fc
    .record({
      meter: fc.oneof(
        { weight: 200, arbitrary: fc.constantFrom(...(meters.length > 0 ? meters : METERS)) },
        { weight: 1, arbitrary: fc.constantFrom(...METERS) },
      ),
      group: fc.option(fc.constantFrom<string | null>(...GROUPS, 'd', null), { nil: undefined }),
      hour: fc.nat({ max: hours - 1 }).map((h) => new Date(start + h * 3_600_000).toISOString().replace('.000', '')),
      withoutHour: fc.boolean(),
      quantity,
      outcomes: outcomesIn(start, hours),
      events: fc.array(fc.oneof(decimal(20_000n, 2), decimal(10n ** 20n, 7)), { maxLength: 4 }),
    })
    .map(({ meter, group, hour, withoutHour, quantity: q, events, outcomes }) => {
      const taker =
        card.charges.find((c) => c.meter === meter && c.group !== undefined && c.group === group) ??
        card.charges.find((c) => c.meter === meter && c.group === undefined);
      const model = JSON.stringify(taker?.price ?? {});
      const needsHour = /"model":"timeWindow"|"per":"hour"/.test(model);
      return {
        meter,
        ...(group !== undefined && { group }),
        ...((needsHour || !withoutHour) && { hour }),
        ...(model.startsWith('{"model":"outcome"')
          ? { outcomes }
          : taker && EVENT_MODELS.test(model)
            ? { events }
            : { quantity: q }),
      };
    });
}

const instant = (start: number, end: number) =>
  fc.integer({ min: start / 1000 - 90_000, max: end / 1000 + 90_000 }).map((s) => new Date(s * 1000).toISOString());

/** A card and a usage object for it; some have no price for some usage, which must be refused. */
export const randomCase = randomCard.chain((card) =>
  fc.constantFrom(...PERIODS).chain(([from, to]) => {
    const [start, end] = [Date.parse(from), Date.parse(to)];
    const active = fc
      .tuple(fc.option(instant(start, end), { nil: undefined }), fc.option(instant(start, end), { nil: undefined }))
      .map(([a, b]) => (a && b && a > b ? [b, a] : [a, b]))
      .map(([a, b]) => ({ ...(a && { from: a }), ...(b && { to: b }) }));
    const credit = fc.record({
      kind: fc.constantFrom('promo', 'paid'),
      balance: due(card.currency),
      expiresAt: fc.constantFrom(null, '2025-12-31T00:00:00Z', to, '2027-01-01T00:00:00Z', '2027-06-01T00:00:00Z'),
    });
    const usage = fc.record(
      {
        customer: fc.constant('acme'),
        period: fc.constant({ start: from, end: to }),
        active,
        timeZone: fc.constantFrom('Asia/Tokyo', 'America/Sao_Paulo'),
        usage: fc.array(entryFor(card as never, start, (end - start) / 3_600_000), { maxLength: 8 }),
        earlierOutcomes: fc.record({ at: instant(start, start + 1000), charged: due(card.currency) }).map((own) => [
          { id: 'e1', ...own },
          { id: 'e2', ...own, reversed: true },
        ]),
        spendCap: due(card.currency),
        customerSince: fc.constantFrom('2024-12-31', '2025-05-29', '2025-11-30', '2026-01-01', '2026-02-28'),
        credits: fc.array(credit, { maxLength: 4 }).map((all) => all.map((c, i) => ({ id: `credit-${9 - i}`, ...c }))),
      },
      { requiredKeys: ['period', 'usage'] },
    );
    return fc.record({ card: fc.constant(JSON.parse(JSON.stringify(card))), usage });
  }),
);
