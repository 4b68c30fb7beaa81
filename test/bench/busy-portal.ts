import { resolve } from 'node:path';
import { FIRST_ATTEMPTS, type InvoiceRecord } from '../../lib/app/ports/invoices.ts';
import { newProfile } from '../../lib/domain/entitlement/profile.ts';
import { digestOf } from '../../lib/domain/invoicing/canonical.ts';
import type { InvoiceLine } from '../../lib/domain/invoicing/invoice.ts';
import { NO_PAYMENT } from '../../lib/domain/invoicing/payment.ts';
import type { ClosedHour } from '../../lib/domain/metering/meters.ts';
import { hashRuleset } from '../../lib/domain/rules/hash-ruleset.ts';
import { parseRuleset } from '../../lib/domain/rules/parse-ruleset.ts';
import { compileRules, decide } from '../../lib/domain/segmentation/decide.ts';
import {
  addHours,
  DAY_MS,
  formatTimestamp,
  type Hour,
  hourOf,
  hourStart,
  monthOf,
  type Period,
  parseMonth,
} from '../../lib/domain/time/time.ts';
import { VirtualClock } from '../../lib/local/cloud/index.ts';
import { synthesize } from '../../lib/local/cloud/synth.ts';
import { type LocalTollgate, startLocalTollgate } from '../../lib/local/tollgate.ts';
import { marker } from '../app/invoice-customer/fixtures.ts';
import { shippedRules } from '../domain/rules/shipped-rules.ts';

export const BUSY = 'busy';
export const LAST_MONTH = '2026-10';
const NOW = Date.UTC(2026, 10, 20, 12, 30);
const MONTHS = 24;
const GROUPS = ['search', 'payments', 'bulk', 'status'];
const KEYS = 40;
const LINES = 24;
/** Hours close 26 hours after they end. */
const OPEN_HOURS = 27;
/** Reports read markers of their period and the one before. */
const MARKED_MONTHS = 4;

/** The embedded cloud with one customer of two years: usage in every hour, an invoice a month, 40 keys, 400 acts. */
export async function busyPortal(): Promise<LocalTollgate> {
  const rules = resolve(import.meta.dirname, '../../rules');
  const template = await synthesize({ rules, commit: 'local', portal: {} });
  const tollgate = await startLocalTollgate({ template, clock: new VirtualClock(NOW), seed: 'bench' });
  await tollgate.cloud.settle(DAY_MS / 24);
  const months = monthsUntil(NOW);
  const [oldest] = months;
  if (oldest === undefined) throw new Error('there are months');
  await placed(tollgate, oldest.start);
  for (const month of months) await used(tollgate, month, months.indexOf(month) >= MONTHS - MARKED_MONTHS);
  for (const month of months.slice(0, -1)) await tollgate.stores.invoices.put(invoiceOf(month));
  await kept(tollgate);
  return tollgate;
}

/** Oldest first; the last one is open. */
function monthsUntil(now: number): Period[] {
  const months = [parseMonth(monthOf(now))];
  while (months.length < MONTHS) months.unshift(parseMonth(monthOf((months[0]?.start ?? 0) - DAY_MS)));
  return months;
}

async function placed({ stores }: LocalTollgate, since: number): Promise<void> {
  const files = shippedRules();
  const hash = hashRuleset(files);
  await stores.rulesets.publish({ hash, commit: 'local', effectiveFrom: hourOf(since), files });
  const facts = { industry: 'fintech', companySize: 12, createdAt: '2024-12-01', startupProgramme: true };
  const customer = { id: BUSY, name: 'Busy Payments', createdAt: '2024-12-01', keys: [], facts, overrides: {} };
  await stores.directory.register(newProfile(customer, since));
  const context = { customer: BUSY, at: hourOf(since), ruleset: { hash, commit: 'local' } };
  await stores.decisions.record(decide(compileRules(parseRuleset(files)), facts, context));
}

async function used({ stores }: LocalTollgate, { start, end }: Period, marked: boolean): Promise<void> {
  const firstOpen = hourOf(NOW) - OPEN_HOURS;
  const until = Math.min(hourOf(end), firstOpen) as Hour;
  const hours = Array.from({ length: until - hourOf(start) }, (_, n) => addHours(hourOf(start), n));
  await stores.usage.putClosedHours(hours.map(rowOf));
  for (const hour of marked ? hours : hours.slice(-1))
    await stores.usage.putMarker(marker(hour, 0, hashRuleset(shippedRules())));
  if (hourStart(until) >= end) return;
  for (let hour = until; hour <= hourOf(NOW); hour = addHours(hour, 1)) {
    const counters = Object.fromEntries(GROUPS.map((group) => [`c:api-calls|${group}`, '1200']));
    await stores.provisional.add({ customer: BUSY, hour, counters, source: `bench ${hour}` });
  }
}

function rowOf(hour: Hour): ClosedHour {
  const usage = GROUPS.map((group, n) => ({
    meter: 'api-calls',
    group,
    quantity: String(300 + ((hour * 7 + n * 131) % 900)),
  }));
  const byGroup = Object.fromEntries(usage.map(({ group, quantity }) => [group, Number(quantity)]));
  const calls = Object.values(byGroup).reduce((sum, n) => sum + n, 0);
  return {
    ...{ customer: BUSY, hour, adjustment: 0, usage, ruleset: hashRuleset(shippedRules()), digest: 'd'.repeat(64) },
    tallies: { calls, errors: 3, byGroup, byClient: { node: calls }, byStatus: { '2xx': calls - 3, '4xx': 3 } },
  };
}

function invoiceOf(period: Period): InvoiceRecord {
  const [start, end] = [formatTimestamp(period.start), formatTimestamp(period.end)];
  const lines = Array.from({ length: LINES }, (_, n): InvoiceLine => {
    const group = GROUPS[n % GROUPS.length] ?? null;
    return {
      ...{ id: String(n + 1).padStart(4, '0'), kind: 'usage', charge: 'calls', meter: 'api-calls', group, tier: 1 },
      ...{ window: null, quantity: '240000', unitPrice: '0.0004', amount: '96.00', rateCard: 'growth@2026-01-01' },
      ...{ rule: 'growth-for-all', rulesCommit: 'local', usageDigest: 'd'.repeat(64), from: start, to: end },
      ...{ creditReason: null, explanation: '240,000 × 0.0004 = 96.00' },
    };
  });
  const content = {
    ...{ customer: BUSY, start, end, kind: 'usage' as const, currency: 'USD', lines, total: '2304.00', credits: [] },
    ...{ grants: [], rated: [], usageDigest: 'd'.repeat(64) },
  };
  const invoice = { ...content, digest: digestOf(content) };
  return {
    ...{ key: { customer: BUSY, period, kind: 'usage' }, state: 'PAID', invoice, held: null, payment: NO_PAYMENT },
    ...{ stripe: { customer: 'cus_1', invoice: `in_${period.start}` }, attempts: FIRST_ATTEMPTS, creditNotes: [] },
    ...{ acts: [], updatedAt: period.end, version: 1 },
  };
}

async function kept(tollgate: LocalTollgate): Promise<void> {
  for (let n = 0; n < KEYS; n++) await tollgate.createKey(BUSY, `key ${n}`, 'live');
}
