import type { Log } from '../../app/runtime.ts';
import { type EpochMs, HOUR_MS, type Period } from '../../domain/time/time.ts';
import type { VirtualClock } from '../cloud/index.ts';
import type { StackTemplate } from '../cloud/template/template.ts';
import type { LocalTollgate, LocalTollgateOptions } from '../tollgate.ts';

export interface LivingOptions {
  readonly template: StackTemplate;
  /** The month that is billed. */
  readonly period: Period;
  readonly seed: string;
  /** Called as days pass. */
  readonly onDay?: (day: number, days: number) => void;
  /** Called once, when the first call stands in the usage table. */
  readonly onFirstMetered?: () => void;
  readonly signal?: AbortSignal;
  readonly log?: Log;
  /** What becomes of payments. @default every card is good */
  readonly stripe?: NonNullable<LocalTollgateOptions['stripe']>;
}

/** A month that was lived through, its invoices paid; the clock stands a day and a few hours after its end. */
export interface LivedMonth {
  readonly tollgate: LocalTollgate;
  readonly clock: VirtualClock;
  readonly period: Period;
  /** A customer with a key that works, for trying a call; in clear, since nothing real is behind it. */
  readonly sample: { readonly customer: string; readonly key: string; readonly path: string };
  /** Calls by the status that the client saw. */
  readonly answers: ReadonlyMap<number, number>;
  /** How the month differs from what was asked, in a sentence; null where it does not. */
  readonly remark: string | null;
  /** Lives on until a time in the month after, so that there is usage of an open month to look at; null for a replayed log. */
  readonly goOn: ((until: EpochMs) => Promise<void>) | null;
}

/** Closing waits 26 hours and invoicing 27; by then the invoices are paid and called back. */
const AFTERWARDS_MS = 31 * HOUR_MS;

/**
 * From the month's end on until its invoices are paid.
 * @param advance what happens until a time; by default it only passes
 * @throws DOMException `AbortError`
 */
export async function finishMonth(
  clock: VirtualClock,
  period: Period,
  signal: AbortSignal | undefined,
  advance = (until: EpochMs) => clock.advanceTo(until),
): Promise<void> {
  for (let at = period.end; at <= period.end + AFTERWARDS_MS; at += HOUR_MS) {
    signal?.throwIfAborted();
    await advance(at);
  }
}

/** The stream that the stage's access log goes to: API Gateway asks for this beginning of its name. */
export function accessLogStream({ template }: StackTemplate): string {
  type Resources = Record<string, { Properties?: { DeliveryStreamName?: unknown } }>;
  const { Resources = {} } = template as { Resources?: Resources };
  const names = Object.values(Resources).map(({ Properties }) => Properties?.DeliveryStreamName);
  const found = names.find((name) => typeof name === 'string' && name.startsWith('amazon-apigateway-'));
  if (typeof found !== 'string') throw new Error('the template has no stream for the access log');
  return found;
}
