import { createHash } from 'node:crypto';
import { type EpochMs, formatDate, formatTimestamp, SECOND_MS } from '../time/time.ts';
import { type Level, type LevelKind, reached, type Threshold } from './level.ts';
import type { Spike } from './spike.ts';

/** What a customer can choose to be told of. */
export const ALERT_KINDS = ['quota', 'spend-cap', 'commitment', 'balance', 'spike'] as const;
export type AlertKind = (typeof ALERT_KINDS)[number];

/** What the customer is told beside those, whatever it chose. */
export type NoticeKind =
  | AlertKind
  | 'usage-report'
  | 'webhook-paused'
  | 'webhook-test'
  | 'mail-bounced'
  | 'billing-address';

/** Something that a customer is told, once. The id is made of what it says, so that whoever finds it again finds the same. */
export interface Notice {
  readonly id: string;
  readonly customer: string;
  readonly kind: NoticeKind;
  readonly at: EpochMs;
  readonly data: NoticeData;
}

/** Shown to the customer and sent to its webhook as it stands. Decimal strings, RFC 3339, dates. */
export interface NoticeData {
  /** Percent, of what is used up. */
  readonly threshold?: Threshold;
  /** Lower thresholds that were passed in the same step, and are not told apart. */
  readonly passed?: readonly Threshold[];
  readonly used?: string;
  readonly of?: string;
  readonly unit?: string;
  readonly mode?: 'hard' | 'soft';
  readonly from?: string;
  readonly until?: string;
  /** Of a spike: the hour, its calls so far, and what is usual. */
  readonly hour?: string;
  readonly calls?: string;
  readonly usual?: string;
  /** Of a usage report: `2026-10`. */
  readonly month?: string;
  /** Of a target or an address that does not take what is sent; of an address `bounce` or `complaint`. */
  readonly target?: string;
  readonly reason?: string;
  /** Of a link to confirm a billing address: which change of it. The address itself stands in the profile alone. */
  readonly change?: string;
}

/** Longer than any notice can still be found again, and as long as usage itself is kept. */
export const NOTICE_KEPT_DAYS = 400;

/** The thing, the period and the amount: a raised cap is another amount, and begins anew. */
const armOf = ({ kind, from, of, mode }: Level): string =>
  [formatTimestamp(from), kind, ...(mode === undefined ? [] : [mode]), of].join(' ');

export const levelNoticeId = (level: Level, threshold: Threshold): string => `${armOf(level)} ${threshold}`;

/**
 * What is due given the levels now and what was told: of each thing the highest threshold that is reached and not told,
 * with the lower ones that were passed in the same step. A level that fell and rises again is not told again.
 */
export function dueNotices(
  customer: string,
  levels: readonly Level[],
  told: ReadonlySet<string>,
  at: EpochMs,
): { readonly notice: Notice; readonly tells: readonly string[] }[] {
  return levels.flatMap((level) => {
    const thresholds = reached(level);
    const untold = thresholds.filter((threshold) => !told.has(levelNoticeId(level, threshold)));
    const highest = thresholds.at(-1);
    if (highest === undefined || !untold.includes(highest)) return [];
    const notice: Notice = {
      id: levelNoticeId(level, highest),
      customer,
      kind: level.kind,
      at,
      data: {
        threshold: highest,
        passed: untold.slice(0, -1),
        ...{ used: level.used, of: level.of, unit: level.unit },
        ...(level.mode === undefined ? {} : { mode: level.mode }),
        ...{ from: formatTimestamp(level.from), until: formatTimestamp(level.until) },
      },
    };
    return [{ notice, tells: thresholds.map((threshold) => levelNoticeId(level, threshold)) }];
  });
}

/** One a UTC day, so that a spike of many hours is told once. */
export function spikeNotice(customer: string, { hour, calls, usual }: Spike, at: EpochMs): Notice {
  const data = { hour: formatTimestamp(hour), calls: String(calls), usual: String(usual) };
  return { id: `${formatDate(hour)}T00:00:00Z spike`, customer, kind: 'spike', at, data };
}

export const reportNotice = (customer: string, month: string, from: EpochMs, at: EpochMs): Notice => ({
  id: `${formatTimestamp(from)} usage-report`,
  ...{ customer, kind: 'usage-report', at, data: { month } },
});

/**
 * An address takes no mail any more: told on every other channel, once a UTC day. Which one stands in the profile alone, and
 * so does what the other side said: notices are kept when a customer is erased.
 */
export const bounceNotice = (
  customer: string,
  address: string,
  reason: 'bounce' | 'complaint',
  at: EpochMs,
): Notice => ({
  id: `${formatDate(at)}T00:00:00Z mail-bounced ${createHash('sha256').update(address).digest('hex').slice(0, 8)}`,
  ...{ customer, kind: 'mail-bounced', at, data: { reason } },
});

/** A link to confirm a billing address: mailed to that address, and told nowhere else. */
export const addressNotice = (customer: string, change: string, at: EpochMs): Notice => ({
  id: `${formatTimestamp(Math.floor(at / SECOND_MS) * SECOND_MS)} billing-address ${change}`,
  ...{ customer, kind: 'billing-address', at, data: { change } },
});

export const isAlertKind = (kind: string): kind is AlertKind => ALERT_KINDS.some((known) => known === kind);
export const isLevelKind = (kind: NoticeKind): kind is LevelKind => isAlertKind(kind) && kind !== 'spike';
