import { HOUR_MS, MINUTE_MS } from '../../lib/domain/time/time.ts';
import {
  type Faults,
  type Passage,
  type SdkCall,
  SeededRandom,
  type VirtualClock,
} from '../../lib/local/cloud/index.ts';
import type { InjectedFault } from '../../lib/local/stripe/stand-in.ts';

/** Everything that goes wrong in one run, drawn from its seed. Nothing does before `begin`. */
export interface SeededFaults {
  readonly faults: Faults;
  readonly stripe: () => InjectedFault | undefined;
  readonly webhookPlan: () => readonly number[];
  begin(clock: VirtualClock): void;
  end(): void;
  /** How often each thing went wrong, so that a test can tell that it did. */
  readonly seen: ReadonlyMap<string, number>;
}

/** Objects this late land after their hours were closed; none may land after the sweep that the invoice waits for. */
const LATE_MS = 30 * HOUR_MS;
/**
 * Of a function's calls about one in so many dies. The sweep makes hundreds, and one of its three attempts must come
 * through; an attempt at an invoice reads the whole month, which takes time here.
 */
const CALLS_BETWEEN_CRASHES: Readonly<Record<string, number>> = { 'close-hours': 600, 'invoice-customer': 80 };
const OTHERS = 25;

/** @param landedBy no object lands later */
export function seededFaults(seed: string, landedBy: number): SeededFaults {
  const random = new SeededRandom(`faults ${seed}`);
  const below = (limit: number): number => Number.parseInt(random.hex(4), 16) % limit;
  const seen = new Map<string, number>();
  let clock: VirtualClock | undefined;
  const untilCrash = new Map<string, number>();
  const happens = (what: string, percent: number): boolean => {
    if (!clock || below(100) >= percent) return false;
    seen.set(what, (seen.get(what) ?? 0) + 1);
    return true;
  };
  const crash = (when: string, { caller, operation }: SdkCall): void => {
    // Outside is the test itself; without the authorizer's store a call passes as nobody's, which another test is about.
    if (!clock || caller === 'outside' || caller === 'authorize-call') return;
    const gap = CALLS_BETWEEN_CRASHES[caller] ?? OTHERS;
    const left = untilCrash.get(caller) ?? below(gap);
    untilCrash.set(caller, left > 0 ? left - 1 : gap + below(gap));
    if (left > 0) return;
    happens(`crash ${when} a call`, 100);
    throw new Error(`injected: ${caller} dies ${when} ${operation}`);
  };
  const lateness: Partial<Record<Passage, () => number>> = {
    'object-notification': () => (happens('notification late', 20) ? below(50) * HOUR_MS : 0),
    'firehose-record': () => (happens('record late', 10) ? below(120) * MINUTE_MS : 0),
    'queue-message': () => (happens('message late', 10) ? below(90) * MINUTE_MS : 0),
    'firehose-object': () => {
      if (!clock || clock.now() + LATE_MS > landedBy) return 0;
      return happens('object late', 25) ? LATE_MS : 0;
    },
  };
  const copies = (passage: Passage, name: string): number => {
    // What reaches Firehose reaches the ledger, perhaps twice; everything after it may be lost as well.
    const isDurable = passage.startsWith('firehose') || /sweep/i.test(name) || passage === 'queue-message';
    if (!isDurable && happens(`${passage} lost`, 10)) return 0;
    return happens(`${passage} twice`, 15) ? 2 : 1;
  };
  const shuffled = <T>(items: readonly T[]): readonly T[] =>
    items
      .map((item) => ({ item, rank: below(1_000_000) }))
      .sort((a, b) => a.rank - b.rank)
      .map(({ item }) => item);

  return {
    seen,
    begin: (started) => {
      clock = started;
    },
    end: () => {
      clock = undefined;
    },
    faults: {
      copies,
      delayMs: (passage) => lateness[passage]?.() ?? 0,
      order: (passage, _name, items) => (passage === 'firehose-record' ? shuffled(items) : items),
      refusesRecord: () => happens('record refused', 10),
      before: (call) => crash('before', call),
      after: (call) => crash('after', call),
      invoke: (name) => {
        if (name !== 'authorize-call' && happens('function never began', 2))
          throw new Error(`injected: ${name} timed out`);
      },
    },
    // Few requests reach Stripe in a month of four customers: the first one fails whatever the seed says.
    stripe: () =>
      happens('Stripe failed', seen.has('Stripe failed') ? 25 : 100)
        ? STRIPE_FAULTS[below(STRIPE_FAULTS.length)]
        : undefined,
    webhookPlan: () => {
      const once = below(4) * HOUR_MS;
      return happens('webhook twice', 40) ? [once, below(6) * HOUR_MS] : [once];
    },
  };
}

const STRIPE_FAULTS: readonly InjectedFault[] = [
  { kind: 'status', status: 429 },
  { kind: 'status', status: 500 },
  { kind: 'status', status: 500, afterWork: true },
  { kind: 'status', status: 503, saved: true },
  { kind: 'cut' },
  { kind: 'cut', afterWork: true },
];
