import type { CustomerProfile } from '../../domain/entitlement/profile.ts';
import { InputError } from '../../domain/input-error.ts';
import { hasAdvanceFees } from '../../domain/invoicing/advance.ts';
import type { BillingTerms } from '../../domain/invoicing/billing-terms.ts';
import type { InvoiceKey } from '../../domain/invoicing/invoice.ts';
import { parseBillingTerms } from '../../domain/invoicing/parse-billing-terms.ts';
import type { Ruleset, RulesetRecord } from '../../domain/rules/ruleset.ts';
import { type EpochMs, HOUR_MS, hourOf, type Period } from '../../domain/time/time.ts';
import { inParallel } from '../in-parallel.ts';
import type { Decisions } from '../ports/decisions.ts';
import type { Directory } from '../ports/directory.ts';
import type { Invoices, SettledSweep, Sweeps } from '../ports/invoices.ts';
import type { Rulesets } from '../ports/rulesets.ts';
import type { Runtime } from '../runtime.ts';
import { advancePeriodsDue, nextDueAt, spanOf, unfinishedOf, usagePeriodsDue } from './due-invoices.ts';

/** Messages to `invoice-customer`, delivered at least once and in any order. */
export interface InvoiceQueue {
  send(keys: readonly InvoiceKey[]): Promise<void>;
}

export interface StartingPorts extends Pick<Runtime, 'clock' | 'log' | 'metrics'> {
  readonly customers: Pick<Directory, 'customers' | 'profile'>;
  readonly invoices: Pick<Invoices, 'headsOf'> & Sweeps;
  readonly decisions: Pick<Decisions, 'inForceAt'>;
  readonly rulesets: Pick<Rulesets, 'inForceAt'>;
  readonly parseRuleset: (record: RulesetRecord) => Ruleset;
  readonly queue: InvoiceQueue;
  /** Hours after its end at which a period is due. */
  readonly delayHours: number;
}

/** Customers looked at together. */
const TOGETHER = 16;
/** However sure it is that nothing is due, all customers are looked at once a day: new ones come, and anchors move. */
const LOOK_AGAIN_MS = 24 * HOUR_MS;

/**
 * Sends one message for each invoice that is due and not yet at Stripe: periods that have ended, fees of periods that have
 * begun, top-ups that were bought. Run every hour: what could not be invoiced in one run (an hour not closed, Stripe away
 * for long) is asked for again by the next. Sending twice is harmless. Once a run has found nothing to ask for, the others
 * cost one read until something becomes due, or for a day.
 */
export async function startInvoicing(ports: StartingPorts): Promise<{ customers: number; sent: number }> {
  const now = ports.clock.now();
  if (isSettled(await ports.invoices.lastSettled(), now)) return { customers: 0, sent: 0 };
  const seen = { customers: 0, sent: 0, nextDueAt: now + LOOK_AGAIN_MS };
  for await (const ids of together(ports.customers.customers())) {
    for (const found of await inParallel(ids, TOGETHER, (id) => lookAt(id, now, ports))) {
      if (!found) continue;
      seen.customers += 1;
      seen.sent += found.sent;
      seen.nextDueAt = Math.min(seen.nextDueAt, found.nextDueAt);
    }
  }
  if (seen.sent === 0) await ports.invoices.recordSettled({ nextDueAt: seen.nextDueAt, at: now });
  const { customers, sent } = seen;
  ports.log.info('invoicing started', { customers, sent });
  ports.metrics.count('InvoicesStarted', sent);
  return { customers, sent };
}

const isSettled = (last: SettledSweep | undefined, now: EpochMs): boolean =>
  last !== undefined && now < last.nextDueAt && now - last.at < LOOK_AGAIN_MS;

async function* together(ids: AsyncIterable<string>): AsyncGenerator<string[]> {
  let batch: string[] = [];
  for await (const id of ids) {
    batch.push(id);
    if (batch.length < TOGETHER) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

interface Looked {
  readonly sent: number;
  readonly nextDueAt: EpochMs;
}

async function lookAt(id: string, now: EpochMs, ports: StartingPorts): Promise<Looked | undefined> {
  const profile = await ports.customers.profile(id);
  if (!profile) return undefined;
  const terms = termsOf(profile, ports);
  if (!terms) return { sent: 0, nextDueAt: Number.MAX_SAFE_INTEGER };
  const heads = await ports.invoices.headsOf(id);
  const usage = usagePeriodsDue(profile, terms, heads, now - ports.delayHours * HOUR_MS);
  const advance = await feesDue(profile, advancePeriodsDue(profile, terms, heads, now), ports);
  const keys: InvoiceKey[] = [
    ...unfinishedOf(heads),
    ...usage.map((period): InvoiceKey => ({ customer: id, period, kind: 'usage' })),
    ...advance.map((period): InvoiceKey => ({ customer: id, period, kind: 'advance' })),
  ];
  if (keys.length > 0) await ports.queue.send(keys);
  // Who came within the day may get a first decision at any hour, and its first fees with it.
  const isNew = now - profile.registeredAt < LOOK_AGAIN_MS && heads.length === 0;
  const next = isNew ? now + HOUR_MS : nextDueAt(profile, terms, heads, now, ports.delayHours);
  return { sent: keys.length, nextDueAt: next };
}

/** Terms that cannot be read stop their customer alone, and are reported every time until they are mended. */
function termsOf(profile: CustomerProfile, { log, metrics }: StartingPorts): BillingTerms | undefined {
  try {
    return parseBillingTerms(profile.customer.overrides);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    log.error('a customer is not invoiced', { customer: profile.customer.id, path: error.path, reason: error.message });
    metrics.count('CustomersNotInvoiced', 1);
    return undefined;
  }
}

/** The span of an advance invoice, where the customer's card has fees that are due in advance; nothing before its first decision. */
async function feesDue(profile: CustomerProfile, periods: readonly Period[], ports: StartingPorts): Promise<Period[]> {
  const [first, ...rest] = periods;
  if (!first) return [];
  const now = hourOf(ports.clock.now());
  const record = await ports.rulesets.inForceAt(now);
  const rules = record && ports.parseRuleset(record);
  if (!rules?.rateCards.some(hasAdvanceFees)) return [];
  const decision = await ports.decisions.inForceAt(profile.customer.id, now);
  if (!decision || decision.rateCard === null) return [];
  const id = decision.rateCard.split('@')[0];
  // A protected customer may keep the fees of another card: its invoice will tell, empty or not.
  const owes = decision.protection.length > 0 || rules.rateCards.some((card) => card.id === id && hasAdvanceFees(card));
  return owes ? [spanOf([first, ...rest])] : [];
}
