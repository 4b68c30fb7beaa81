import { currencyDecimals } from '../../money/currencies.ts';
import { compare, parseDecimal } from '../../money/decimal.ts';
import type { RateCard } from '../../pricing/rate-card.ts';
import { type FaultAt, nearestHint, withHint } from '../fault.ts';
import type { RulesReading } from '../read-rules.ts';
import type { TierParams } from '../ruleset.ts';
import type { Check, Finding } from './checks.ts';

/** What tiers, protection and experiments grant fits the rate cards that they name. */
export const checkTerms: Check = (reading) => {
  const finding =
    (file: string) =>
    (fault: FaultAt): Finding => ({ severity: 'error', file, fault });
  const cards = cardsById(reading);
  return [
    ...reading.tiers.rules.flatMap(({ pointer, value }) =>
      tierFaults(value.event.params, `${pointer}/event/params`, cards),
    ),
    ...(reading.otherwise ? tierFaults(reading.otherwise, '/otherwise', cards) : []),
  ]
    .map(finding(reading.tiers.file))
    .concat(protectionFaults(reading, cards).map(finding(reading.protection.file)))
    .concat(experimentFaults(reading, cards).map(finding('experiments.json')));
};

/** Versions by id, oldest first; none for a card whose file could not be read, which its own fault says. */
type Cards = ReadonlyMap<string, readonly RateCard[]>;

function cardsById({ cards, cardVersions }: RulesReading): Cards {
  const byId = new Map<string, RateCard[]>(cardVersions.map((version) => [version.split('@')[0] as string, []]));
  for (const { card } of cards) {
    if (card) byId.set(card.id, [...(byId.get(card.id) ?? []), card]);
  }
  return byId;
}

function tierFaults(params: TierParams, pointer: string, cards: Cards): FaultAt[] {
  const versions = cards.get(params.rateCard);
  if (!versions) return [unknownCard(params.rateCard, `${pointer}/rateCard`, cards)];
  return [
    ...discountFaults(params.discounts, pointer, versions),
    ...(params.reservedCapacity
      ? reservedFaults(params.reservedCapacity, `${pointer}/reservedCapacity`, versions)
      : []),
  ];
}

const unknownCard = (id: string, pointer: string, cards: Cards): FaultAt => ({
  pointer,
  code: 'unknown-rate-card',
  message: `there is no rate card "${id}"`,
  ...withHint(nearestHint(id, [...cards.keys()])),
});

function discountFaults(discounts: TierParams['discounts'], pointer: string, versions: readonly RateCard[]): FaultAt[] {
  const seen = new Set<string>();
  return (discounts ?? []).flatMap((discount, index) => {
    const at = `${pointer}/discounts/${index}`;
    const faults: FaultAt[] = [];
    if (seen.has(discount.id)) {
      faults.push({ pointer: `${at}/id`, code: 'duplicate-id', message: `the discount "${discount.id}" stands twice` });
    }
    seen.add(discount.id);
    if ((discount.percent === undefined) === (discount.amount === undefined)) {
      faults.push({ pointer: at, code: 'percent-or-amount', message: 'a discount has either "percent" or "amount"' });
    }
    if (discount.percent !== undefined && compare(parseDecimal(discount.percent), parseDecimal('100')) > 0) {
      faults.push({
        pointer: `${at}/percent`,
        code: 'out-of-range',
        message: `${discount.percent} % is above 100 %`,
        hint: 'the most is "100"',
      });
    }
    if (discount.amount !== undefined) faults.push(...decimalsFaults(discount.amount, `${at}/amount`, versions));
    if (discount.appliesTo !== undefined) {
      faults.push(...chargeFaults(discount.appliesTo, `${at}/appliesTo`, versions.slice(-1)));
    }
    return faults;
  });
}

function reservedFaults(
  { charge, amount }: NonNullable<TierParams['reservedCapacity']>,
  pointer: string,
  versions: readonly RateCard[],
): FaultAt[] {
  const unknown = chargeFaults(charge, `${pointer}/charge`, versions.slice(-1));
  if (unknown.length > 0) return [...unknown, ...decimalsFaults(amount, `${pointer}/amount`, versions)];
  const faults = decimalsFaults(amount, `${pointer}/amount`, versions);
  const refused = notReservable(charge, versions.at(-1));
  return refused === null ? faults : [...faults, { pointer: `${pointer}/charge`, code: 'not-reservable', ...refused }];
}

/** The capacity takes the place of the charge's free units, and what exceeds it is overage. */
function notReservable(charge: string, card: RateCard | undefined): Pick<FaultAt, 'message' | 'hint'> | null {
  const target = card?.charges.find(({ id }) => id === charge);
  const model = target?.price.model ?? 'flat';
  if (!RESERVABLE.includes(model)) {
    const message = `"${charge}" is priced by "${model}", on which no capacity can be reserved`;
    return { message, hint: `the model of such a charge is one of ${RESERVABLE.join(', ')}` };
  }
  const bundles = Array.isArray(card?.bundles) ? card.bundles : [];
  const bundle = bundles.find(
    ({ includes }) =>
      Array.isArray(includes) &&
      includes.some(({ meter, group }) => meter === target?.meter && group === target?.group),
  );
  if (!bundle) return null;
  const message = `units of "${charge}" come with the bundle "${bundle.id}", and a capacity would take their place`;
  return { message, hint: 'reserve on a card without that bundle' };
}

/** What exceeds the capacity is priced as overage, which only these can be. */
const RESERVABLE: readonly string[] = ['perUnit', 'graduated', 'volume', 'package'];

/** @param versions those that must have the charge: the newest, since old ones are there for the past */
function chargeFaults(charge: string, pointer: string, versions: readonly RateCard[]): FaultAt[] {
  return versions.flatMap(({ id, effectiveFrom, charges, bundles }) => {
    // A card's own check says what is wrong with its bundles.
    const known = [...charges, ...(Array.isArray(bundles) ? bundles : [])].map((one) => one?.id);
    if (known.includes(charge)) return [];
    const message = `${id}@${effectiveFrom} has no charge "${charge}"`;
    return [{ pointer, code: 'unknown-charge', message, ...withHint(nearestHint(charge, known)) }];
  });
}

/** Amounts that are due or granted have no more decimals than the currency. */
function decimalsFaults(amount: string, pointer: string, versions: readonly RateCard[]): FaultAt[] {
  const currency = versions.at(-1)?.currency ?? '';
  const decimals = decimalsOf(currency);
  if (decimals === null || parseDecimal(amount).scale <= decimals) return [];
  const message = `"${amount}" has more decimals than ${currency}, which has ${decimals}`;
  return [{ pointer, code: 'too-many-decimals', message, hint: `write at most ${decimals} decimals` }];
}

/** null for what is no currency: the card's own check says so. */
export function decimalsOf(currency: string): number | null {
  try {
    return currencyDecimals(currency);
  } catch {
    return null;
  }
}

function protectionFaults(reading: RulesReading, cards: Cards): FaultAt[] {
  const read = [...cards.values()].flat().map(({ id, effectiveFrom }) => `${id}@${effectiveFrom}`);
  const versions = [...new Set([...read, ...reading.cardVersions])];
  return reading.protection.rules.flatMap(({ pointer, value }) => {
    const { rateCard } = value.event.params;
    if (rateCard === undefined || versions.includes(rateCard)) return [];
    return [
      {
        pointer: `${pointer}/event/params/rateCard`,
        code: 'unknown-rate-card',
        message: `there is no rate card "${rateCard}"`,
        ...withHint(nearestHint(rateCard, versions)),
      },
    ];
  });
}

function experimentFaults({ experiments }: RulesReading, cards: Cards): FaultAt[] {
  return experiments.flatMap(({ pointer, value: { arms, control } }) => {
    const ids = arms.map(({ id }) => id);
    const faults: FaultAt[] = [];
    if (!ids.includes(control)) {
      const message = `the control "${control}" is not one of the arms`;
      faults.push({
        pointer: `${pointer}/control`,
        code: 'unknown-arm',
        message,
        ...withHint(nearestHint(control, ids)),
      });
    }
    for (const [index, { id, rateCard }] of arms.entries()) {
      const at = `${pointer}/arms/${index}`;
      if (ids.indexOf(id) !== index) {
        faults.push({ pointer: `${at}/id`, code: 'duplicate-id', message: `the arm "${id}" stands twice` });
      }
      if (rateCard !== undefined && !cards.has(rateCard)) faults.push(unknownCard(rateCard, `${at}/rateCard`, cards));
    }
    return faults;
  });
}
