import { watchedCaps } from '../../domain/alerts/caps.ts';
import type { Level } from '../../domain/alerts/level.ts';
import { isSettled, levelsOf, runningTerm } from '../../domain/alerts/levels.ts';
import { lookAgainAt } from '../../domain/alerts/look-again.ts';
import { dueNotices, type Notice, reportNotice, spikeNotice } from '../../domain/alerts/notice.ts';
import { spikeIn } from '../../domain/alerts/spike.ts';
import { DAYS_BEFORE } from '../../domain/alerts/usage-archive.ts';
import { openGrants } from '../../domain/credits/balances.ts';
import type { CustomerProfile } from '../../domain/entitlement/profile.ts';
import { InputError } from '../../domain/input-error.ts';
import type { BillingTerms } from '../../domain/invoicing/billing-terms.ts';
import { parseBillingTerms } from '../../domain/invoicing/parse-billing-terms.ts';
import { periodAt } from '../../domain/invoicing/periods.ts';
import { add, compare, formatDecimal, parseDecimal, ZERO } from '../../domain/money/decimal.ts';
import {
  addHours,
  DAY_MS,
  type EpochMs,
  formatTimestamp,
  hourOf,
  MINUTE_MS,
  monthOf,
  type Period,
} from '../../domain/time/time.ts';
import type { CreditGrants } from '../ports/credits.ts';
import type { Directory } from '../ports/directory.ts';
import type { Invoices } from '../ports/invoices.ts';
import type { NoticeQueue, Notices, Watches, WatchState } from '../ports/notices.ts';
import type { Entitlement } from '../provision-access/entitlement.ts';
import type { Runtime } from '../runtime.ts';
import { type Measured, type MeasuringPorts, usageMeasurer } from './measure.ts';

export interface WatchingPorts extends MeasuringPorts, Pick<Runtime, 'log' | 'metrics'> {
  readonly directory: Pick<Directory, 'profile'>;
  readonly watches: Watches;
  readonly invoices: Pick<Invoices, 'ofCustomer' | 'headsOf' | 'get'>;
  readonly credits: Pick<CreditGrants, 'ofCustomer'>;
  readonly notices: Pick<Notices, 'put'>;
  readonly noticeQueue: NoticeQueue;
  readonly entitlement: Pick<Entitlement, 'setSpend'>;
}

export type WatchOutcome = 'early' | 'looked' | 'unknown-customer';
export type WatchCustomer = (customer: string, urgency?: 'whenDue' | 'now') => Promise<WatchOutcome>;

/** An invoice older than this was sent before anyone watched: its report is not sent after it. */
const REPORT_MS = 7 * DAY_MS;
const DONE: readonly string[] = ['FINALIZED', 'PAID', 'UNCOLLECTIBLE', 'NOTHING_DUE'];

/**
 * Looks at how much of everything a customer has used, stops calls at a hard cap or lets them pass again, and sees to it that
 * everything it is to be told is told. Any number of looks in any order do no more than one: a notice is put under an id
 * made of what it says, then queued, then remembered, so that a crash between repeats only what is repeated for nothing.
 */
export function customerWatcher(ports: WatchingPorts): WatchCustomer {
  const measure = usageMeasurer(ports);
  return async (customer, urgency = 'whenDue') => {
    const now = ports.clock.now();
    const before = await ports.watches.state(customer);
    if (urgency === 'whenDue' && before && now < before.lookAgainAt) return 'early';
    const profile = await ports.directory.profile(customer);
    if (!profile) return 'unknown-customer';
    if (profile.status === 'closed') return lookAtLeft(profile, before, ports);
    const terms = termsOf(profile, ports);
    if (!terms) return 'looked';
    const period = periodAt(terms.anchor.day, now);
    const measured = await measure(profile, terms, period);
    if (measured.reason !== null) ports.log.warn('usage cannot be priced', { customer, reason: measured.reason });
    const levels = await levelsFor(profile, terms, period, measured, ports);
    const spend = await actOnCap(profile, measured, before, ports);
    const told = await tell(customer, levels, measured, before?.told ?? [], ports);
    const reported = await report(profile, period, terms, before?.reported ?? null, ports);
    const state = {
      ...{ customer, lookedAt: now, lookAgainAt: lookAgainAt(levels, now), levels, bill: measured.bill },
      ...{ told: recent(told, period.start), spend, reported, version: (before?.version ?? 0) + 1 },
    };
    if (urgency === 'now' || isWorthKeeping(state, before)) await ports.watches.saveState(state);
    ports.metrics.count('CustomersLookedAt', 1);
    return 'looked';
  };
}

/** Where a customer is looked at with every object, its numbers for the pages are written down every now and then only. */
const KEPT_MS = 15 * MINUTE_MS;

const isWorthKeeping = (state: WatchState, before: WatchState | undefined): boolean =>
  before === undefined ||
  state.lookedAt - before.lookedAt >= KEPT_MS ||
  state.lookAgainAt > state.lookedAt ||
  state.spend !== before.spend ||
  state.reported !== before.reported ||
  state.told.join() !== before.told.join();

/** Terms that cannot be read stop their customer alone; invoicing reports them too. */
function termsOf(profile: CustomerProfile, { log }: WatchingPorts): BillingTerms | undefined {
  try {
    return parseBillingTerms(profile.customer.overrides);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    log.error('a customer is not watched', { customer: profile.customer.id, path: error.path, reason: error.message });
    return undefined;
  }
}

/** Invoices are read only where there is a commitment or credit for them to say something of. */
async function levelsFor(
  profile: CustomerProfile,
  terms: BillingTerms,
  period: Period,
  { bill, calls, quota }: Measured,
  ports: WatchingPorts,
): Promise<Level[]> {
  const { id } = profile.customer;
  const grants = await ports.credits.ofCustomer(id);
  const needed = bill !== null && (terms.commitment !== null || terms.topUp !== null || grants.length > 0);
  const records = needed ? await ports.invoices.ofCustomer(id) : [];
  const settled = isSettled(period, profile.registeredAt, records);
  const credit = openGrants(grants, records, period.end)
    .filter(({ grant }) => grant.currency === bill?.currency)
    .reduce((sum, { balance }) => add(sum, parseDecimal(balance)), ZERO);
  return levelsOf({
    ...{ now: ports.clock.now(), period, bill, calls, quota, caps: watchedCaps(profile) },
    commitment: settled ? runningTerm(terms.commitment, terms.anchor.day, period, records) : null,
    credit: settled ? formatDecimal(credit) : null,
  });
}

type Spend = CustomerProfile['spend'];

/**
 * A bill that cannot be rated changes nothing. Otherwise the cap is asked anew when the profile is written, because the
 * customer may have raised it since it was read.
 */
async function actOnCap(
  profile: CustomerProfile,
  { bill }: Measured,
  before: WatchState | undefined,
  { entitlement, log }: WatchingPorts,
): Promise<Spend> {
  if (bill === null) return before?.spend ?? profile.spend;
  const spendOf = ({ spendCaps = [] }: CustomerProfile): Spend => {
    const cap = spendCaps.at(-1)?.cap;
    const isReached = cap?.mode === 'hard' && compare(parseDecimal(bill.total), parseDecimal(cap.amount)) >= 0;
    return isReached ? 'capReached' : 'open';
  };
  const spend = spendOf(profile);
  if (spend !== profile.spend || spend !== (before?.spend ?? 'open')) {
    const outcome = await entitlement.setSpend(profile.customer.id, spendOf);
    log.info('spend cap', { customer: profile.customer.id, spend, outcome });
  }
  return spend;
}

async function tell(
  customer: string,
  levels: readonly Level[],
  { calls, known }: Measured,
  told: readonly string[],
  ports: WatchingPorts,
): Promise<string[]> {
  const now = ports.clock.now();
  const all = new Set(told);
  const due = dueNotices(customer, levels, all, now);
  const hour = hourOf(now);
  // Calls of an hour go on arriving for a while after it.
  const spike = spikeIn(hour, calls, known) ?? spikeIn(addHours(hour, -1), calls, known);
  const notice = spike && spikeNotice(customer, spike, now);
  if (notice && !all.has(notice.id)) due.push({ notice, tells: [notice.id] });
  for (const one of due) {
    await tellOnce(one.notice, ports);
    for (const id of one.tells) all.add(id);
  }
  return [...all];
}

/** Put first: whoever is told by the queue finds it. */
async function tellOnce(notice: Notice, { notices, noticeQueue, metrics }: WatchingPorts): Promise<void> {
  if ((await notices.put(notice)) === 'put') metrics.count('NoticesMade', 1);
  await noticeQueue.send({ customer: notice.customer, notice: notice.id });
}

/** Late usage of a customer who left is waited for about so long, and its last invoice with it. */
const LEFT_MS = 45 * DAY_MS;

/** Who has left uses nothing, and still gets the report of its last period. */
async function lookAtLeft(
  profile: CustomerProfile,
  before: WatchState | undefined,
  ports: WatchingPorts,
): Promise<WatchOutcome> {
  const terms = termsOf(profile, ports);
  const isOver = profile.erasedAt !== undefined || ports.clock.now() - profile.statusSince > LEFT_MS;
  if (!terms || !before || isOver) return 'early';
  const { end } = periodAt(terms.anchor.day, profile.statusSince - 1);
  const reported = await report(profile, { start: end, end }, terms, before.reported, ports);
  if (reported === before.reported) return 'early';
  await ports.watches.saveState({ ...before, reported, version: before.version + 1 });
  return 'looked';
}

/** Once the usage invoice of the period before has gone out, its report follows. */
async function report(
  profile: CustomerProfile,
  { start }: Period,
  terms: BillingTerms,
  reported: EpochMs | null,
  ports: WatchingPorts,
): Promise<EpochMs | null> {
  const period = periodAt(terms.anchor.day, start - 1);
  if (profile.registeredAt >= period.end || reported === period.start) return reported;
  const { id: customer } = profile.customer;
  const record = await ports.invoices.get({ customer, period, kind: 'usage' });
  if (!record || !DONE.includes(record.state)) return reported;
  const now = ports.clock.now();
  if (now - record.updatedAt < REPORT_MS) {
    await tellOnce(reportNotice(customer, monthOf(period.start), period.start, now), ports);
  }
  return period.start;
}

/** Ids begin with the time that they count from; a week's quota and a month's overlap the period at most so far. */
function recent(told: readonly string[], start: EpochMs): string[] {
  const since = formatTimestamp(start - DAYS_BEFORE * DAY_MS);
  return told.filter((id) => id >= since).sort();
}
