import { featureConflicts } from '../../entitlement/features.ts';
import { InputError } from '../../input-error.ts';
import type { MeterDefinition } from '../../metering/meters.ts';
import { parseMeters } from '../../metering/parse-meters.ts';
import { checkRateCard } from '../../pricing/check/check-card.ts';
import { escapePointer } from '../../pricing/check/faults.ts';
import { cardOfPhase } from '../../pricing/phases.ts';
import type { Charge, RateCard } from '../../pricing/rate-card.ts';
import { parseDate } from '../../time/time.ts';
import { type FaultAt, nearestHint, withHint } from '../fault.ts';
import { isDate } from '../is-date.ts';
import type { CardRead, RulesReading } from '../read-rules.ts';
import { cardsInUse } from './cards.ts';
import type { Check, Finding } from './checks.ts';

/** meters.json as metering itself reads it: routes, statuses and values that its schema cannot tell right from wrong. */
export const checkMeters: Check = ({ meters, routeGroups, faults }) => {
  if (meters.length === 0 || faults.some(({ file }) => file === 'meters.json')) return [];
  try {
    parseMeters({ meters: meters.map(({ value }) => value), routeGroups: routeGroups.map(({ value }) => value) });
    return [];
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    const { code, message, path, hint } = error;
    // Ids that stand twice are found by the check of unique ids.
    if (code.startsWith('duplicate')) return [];
    return [{ severity: 'error', file: 'meters.json', fault: { pointer: path, code, message, ...withHint(hint) } }];
  }
};

/** Cards price what meters count: no meter without a price, no price without a meter, events where events are priced. */
export const checkCardMeters: Check = (reading, { now }) => {
  if (reading.faults.some(({ file }) => file === 'meters.json')) return [];
  const current = cardsInUse(reading, now, beginsAt);
  return reading.cards.flatMap((read): Finding[] => {
    const { file, card } = read;
    if (!card) return [];
    const finding =
      (severity: Finding['severity']) =>
      (fault: FaultAt): Finding => ({ severity, file, fault });
    return [
      ...card.charges
        .flatMap((charge, index) => chargeFaults(charge, `/charges/${index}`, reading))
        .map(finding('error')),
      ...freeMeterFaults(card, reading).map(finding('error')),
      ...currencyFaults(card, reading).map(finding('error')),
      // A card of the past was complete in its time; that a meter came later is no fault of it.
      ...unpriced(card, '/charges', reading).map(finding(current.has(read) ? 'error' : 'warning')),
      ...phaseFaults(read, card, reading).map(finding('error')),
    ];
  });
};

const beginsAt = ({ effectiveFrom }: RateCard): number => (isDate(effectiveFrom) ? parseDate(effectiveFrom) : 0);

function chargeFaults({ meter, group, price }: Charge, pointer: string, reading: RulesReading): FaultAt[] {
  if (typeof meter !== 'string') return [];
  const known = reading.meters.map(({ value }) => value.id);
  const definition = reading.meters.find(({ value }) => value.id === meter)?.value;
  if (!definition) return [unknownMeter(meter, `${pointer}/meter`, known)];
  const groups = reading.routeGroups.map(({ value }) => value.id);
  const faults: FaultAt[] = [];
  const named = price.model === 'matrix' && Array.isArray(price.groups) ? price.groups.map((entry) => entry.group) : [];
  const places = [
    ...(group === undefined ? [] : [{ group, at: `${pointer}/group` }]),
    ...named.map((name, index) => ({ group: name, at: `${pointer}/price/groups/${index}/group` })),
  ];
  for (const place of places) {
    // Groups of events are whatever the events say.
    if (definition.source !== 'accessLog' || groups.includes(place.group)) continue;
    const message = `meters.json has no route group "${place.group}"`;
    faults.push({ pointer: place.at, code: 'unknown-group', message, ...withHint(nearestHint(place.group, groups)) });
  }
  return [...faults, ...modelFaults(definition, price.model, `${pointer}/price/model`)];
}

/** In each phase the card must price what it prices without, and its new prices must fit their meters. */
function phaseFaults({ json }: CardRead, card: RateCard, reading: RulesReading): FaultAt[] {
  if (card.phases === undefined || checkRateCard(json).length > 0) return [];
  return card.phases.flatMap((phase, i) => {
    const pointer = `/phases/${i}/charges`;
    const { charges } = cardOfPhase(card, phase);
    const changed = charges.filter(({ id }) => phase.charges?.[id]?.price !== undefined);
    const ownGaps = unpriced(card, pointer, reading).map(({ message }) => message);
    return [
      ...changed.flatMap((charge) => chargeFaults(charge, `${pointer}/${escapePointer(charge.id)}`, reading)),
      ...unpriced(cardOfPhase(card, phase), pointer, reading).filter(({ message }) => !ownGaps.includes(message)),
    ];
  });
}

const EVENT_MODELS = ['percentage', 'graduatedPercentage', 'dynamic'];

function modelFaults(meter: MeterDefinition, model: string, pointer: string): FaultAt[] {
  const countsOutcomes = meter.aggregation === 'outcomes';
  if (countsOutcomes !== (model === 'outcome')) {
    const message = countsOutcomes
      ? `"${meter.id}" counts reported outcomes, which "${model}" does not price`
      : `"outcome" prices reported outcomes, and "${meter.id}" counts none`;
    const hint = countsOutcomes ? 'use outcome' : 'a meter that does has "aggregation": "outcomes"';
    return [{ pointer, code: 'model-meter', message, hint }];
  }
  if (countsOutcomes) return [];
  const carriesMoney = meter.source === 'event' && meter.value === 'amount' && meter.aggregation === 'sum';
  if (EVENT_MODELS.includes(model) === carriesMoney) return [];
  const message = carriesMoney
    ? `"${meter.id}" carries the amount of each event, which "${model}" does not price`
    : `"${model}" prices the amount of each event, and "${meter.id}" does not carry one`;
  const hint = carriesMoney
    ? `use ${EVENT_MODELS.join(', ')}`
    : 'a meter that does has "aggregation": "sum" and "value": "amount"';
  return [{ pointer, code: 'model-meter', message, hint }];
}

function freeMeterFaults({ freeMeters = [], currency }: RateCard, { meters }: RulesReading): FaultAt[] {
  const known = meters.map(({ value }) => value.id);
  if (!Array.isArray(freeMeters)) return [];
  return freeMeters.flatMap((meter, index) => {
    const pointer = `/freeMeters/${index}`;
    if (!known.includes(meter)) return [unknownMeter(meter, pointer, known)];
    const definition = meters.find(({ value }) => value.id === meter)?.value;
    // Outcomes in another currency are what the card cannot price.
    if (definition?.aggregation !== 'outcomes' || definition.unit !== currency) return [];
    const message = `"${meter}" counts outcomes, and a free meter could give nothing back`;
    return [
      { pointer, code: 'model-meter', message, hint: 'add a charge with { "model": "outcome", "percent": "0" }' },
    ];
  });
}

/** A commission is a share of an amount, so both are in one currency. */
function currencyFaults({ charges, currency }: RateCard, { meters }: RulesReading): FaultAt[] {
  return charges.flatMap(({ meter }, index) => {
    const definition = meters.find(({ value }) => value.id === meter)?.value;
    if (definition?.aggregation !== 'outcomes' || definition.unit === currency) return [];
    const message = `"${meter}" counts outcomes in ${definition.unit}, and the card is in ${currency}`;
    const hint = `list it in "freeMeters", and add a meter in ${currency}`;
    return [{ pointer: `/charges/${index}/meter`, code: 'currency-meter', message, hint }];
  });
}

const unknownMeter = (meter: string, pointer: string, known: readonly string[]): FaultAt => ({
  pointer,
  code: 'unknown-meter',
  message: `meters.json has no meter "${meter}"`,
  ...withHint(nearestHint(meter, known)),
});

/** Usage that no charge takes would stop its invoice, so that every meter has a price for whatever group it is in. */
function unpriced({ charges, freeMeters = [] }: RateCard, pointer: string, { meters }: RulesReading): FaultAt[] {
  return meters.flatMap(({ value: { id } }) => {
    if (freeMeters.includes(id)) return [];
    const taker = charges.find(({ meter, group }) => meter === id && group === undefined);
    const fault = (message: string, hint: string) => [{ pointer, code: 'unpriced-meter', message, hint }];
    if (!taker && charges.some(({ meter }) => meter === id)) {
      return fault(`only some groups of the meter "${id}" have a price`, 'add a charge for it without "group"');
    }
    if (!taker) return fault(`the meter "${id}" has no price`, 'add a charge, or list it in "freeMeters"');
    if (taker.price.model !== 'matrix' || taker.price.otherwise) return [];
    return fault(`"${taker.id}" has no price for usage of "${id}" outside its groups`, 'add "otherwise" to the matrix');
  });
}

/** Features that API Gateway could not enforce: closing one route would close another that the card includes. */
export const checkFeatures: Check = ({ meters, routeGroups, cards, faults }) => {
  if (faults.some(({ file }) => file === 'meters.json')) return [];
  const sound = cards.flatMap(({ card, json }) =>
    card && isFeatureList((json as { features?: unknown }).features) ? [card] : [],
  );
  const conflicts = featureConflicts(
    { meters: meters.map((m) => m.value), routeGroups: routeGroups.map((g) => g.value) },
    sound,
  );
  return conflicts.map(({ rateCard, closed, open }) => ({
    severity: 'error',
    file: cards.find(({ card }) => card && `${card.id}@${card.effectiveFrom}` === rateCard)?.file ?? 'meters.json',
    fault: {
      pointer: '/features',
      code: 'feature-overlap',
      message: `"${closed.group}" is not included; closing its route ${closed.route} would also close ${open.route} of "${open.group}", which is`,
      hint: 'give the two groups paths of which neither lies below the other',
    },
  }));
};

const isFeatureList = (features: unknown): boolean =>
  features === undefined || (Array.isArray(features) && features.every((feature) => typeof feature === 'string'));
