import type { ClosedMarker } from '../../../lib/app/ports/usage.ts';
import { newProfile } from '../../../lib/domain/entitlement/profile.ts';
import type { InvoiceKey } from '../../../lib/domain/invoicing/invoice.ts';
import type { ClosedHour } from '../../../lib/domain/metering/meters.ts';
import type { RateCard } from '../../../lib/domain/pricing/rate-card.ts';
import type { ProtectionParams, Ruleset, RulesetRecord } from '../../../lib/domain/rules/ruleset.ts';
import type { Decision } from '../../../lib/domain/segmentation/decision.ts';
import { addHours, type Hour, hoursOf, parseHour, parseMonth } from '../../../lib/domain/time/time.ts';

export const JANUARY = parseMonth('2026-01');
export const FEBRUARY = parseMonth('2026-02');
export const key = (customer = 'acme', period = JANUARY): InvoiceKey => ({ customer, period, kind: 'usage' });
export const hour = (text: string): Hour => parseHour(`${text}:00:00Z`);

const people = { rationale: 'because', valueDriver: 'calls', owner: 'pricing@example.com' };

/** A fee of 49, 10,000 calls included, then two tiers. */
export const GROWTH: RateCard = {
  ...people,
  id: 'growth',
  name: 'Growth',
  effectiveFrom: '2026-01-01',
  currency: 'USD',
  charges: [
    { id: 'platform', price: { model: 'flat', amount: '49.00', proration: 'second' } },
    {
      id: 'calls',
      meter: 'api-calls',
      included: '10000',
      price: {
        model: 'graduated',
        tiers: [
          { upTo: '1000000', unitPrice: '0.0004' },
          { upTo: null, unitPrice: '0.0002' },
        ],
      },
    },
  ],
};

export const FREE: RateCard = {
  ...people,
  id: 'free',
  name: 'Free',
  effectiveFrom: '2026-01-01',
  currency: 'USD',
  charges: [{ id: 'calls', meter: 'api-calls', price: { model: 'perUnit', unitPrice: '0' } }],
};

export function ruleset(
  rateCards: readonly RateCard[],
  protection: Readonly<Record<string, ProtectionParams>> = {},
): Ruleset {
  return {
    meters: { meters: [] },
    rateCards,
    segments: [],
    tiers: { rules: [], otherwise: { rateCard: 'free' } },
    protection: Object.entries(protection).map(([name, params]) => ({
      ...people,
      name,
      conditions: { all: [] },
      event: { type: 'protection', params },
    })),
    facts: [],
  };
}

export const record = (hash: string): RulesetRecord => ({
  hash,
  commit: `commit-${hash}`,
  effectiveFrom: hour('2025-01-01T00'),
  files: {},
});

export function decision(change: Partial<Decision> = {}): Decision {
  return {
    customer: 'acme',
    effectiveFrom: hour('2026-01-01T00'),
    segments: [],
    tierRule: 'growth-for-startups',
    rateCard: 'growth@2026-01-01',
    discounts: [],
    reservedCapacity: null,
    protection: [],
    undecided: null,
    reasons: [],
    ruleset: { hash: 'r1', commit: 'commit-r1' },
    ...change,
  };
}

export function closed(
  at: string,
  quantity: string,
  change: Partial<ClosedHour> & { meter?: string; group?: string | null } = {},
): ClosedHour {
  const { meter = 'api-calls', group = null, ...rest } = change;
  const usage = [{ meter, group, quantity }];
  return { customer: 'acme', hour: hour(at), adjustment: 0, usage, ruleset: 'r1', digest: `digest-${at}`, ...rest };
}

export function marker(at: Hour, adjustment = 0, hash = 'r1'): ClosedMarker {
  const lines = { read: 0, counted: 0, notBillable: 0, duplicate: 0, malformed: 0 };
  const digests = { inputsDigest: 'i', objectsDigest: 'o', countsDigest: 'c', digest: 'd' };
  return { hour: at, adjustment, ruleset: hash, inputsKey: 'k', ...digests, objects: 0, customers: 0, lines };
}

export const pinnedTo = (hash: string, period = JANUARY): Map<Hour, string> =>
  new Map([...hoursOf(period)].map((at) => [at, hash]));

export const profileOf = (id = 'acme', registered = '2026-01-01T00') => {
  const customer = { id, name: id.toUpperCase(), createdAt: '2025-06-01', keys: [], facts: {}, overrides: {} };
  const profile = newProfile(customer, addHours(hour(registered), 0) * 3_600_000);
  return { ...profile, billing: { ...profile.billing, email: `${id}@example.com` } };
};
