import { add, compare, type Decimal, formatDecimal, fromInteger, normalize, ZERO } from '../money/decimal.ts';
import type { EpochMs } from '../time/time.ts';
import type { MeterDefinition, ReportedOutcome } from './meters.ts';

/** One value that a meter takes from a line or an event. */
export interface Sample {
  readonly ms: EpochMs;
  /** `''` for a log line. */
  readonly source: string;
  readonly id: string;
  /** A whole number up to 2^53 is the fast path; text only counts as distinct or not. */
  readonly value: number | Decimal | string;
  /** Of a meter of outcomes. */
  readonly outcome?: ReportedOutcome | undefined;
}

/** The quantity of one customer, meter, group and hour, whatever the order in which samples come. */
export interface Accumulator {
  add(sample: Sample): void;
  /** Exact, as a decimal string without trailing zeros. */
  quantity(): string;
  /** Only for money: the amounts in (time, source, id) order. */
  events?(): readonly string[];
  /** Only for outcomes: each report in (time, source, id) order. */
  outcomes?(): readonly ReportedOutcome[];
}

export function accumulatorFor({ aggregation, value }: MeterDefinition): Accumulator {
  switch (aggregation) {
    case 'count':
      return counting();
    case 'sum':
      return value === 'amount' ? listing() : summing();
    case 'max':
      return keeping((sample, best) => compare(decimalOf(sample), decimalOf(best)));
    case 'latest':
      return keeping((sample, best) => byTime(sample, best) || compare(decimalOf(sample), decimalOf(best)));
    case 'unique':
      return new Distinct();
    case 'outcomes':
      return reporting();
  }
}

function counting(): Accumulator {
  let count = 0;
  return {
    add: () => {
      count++;
    },
    quantity: () => String(count),
  };
}

function summing(): Accumulator {
  let safe = 0;
  let exact: Decimal = ZERO;
  return {
    add({ value }) {
      if (typeof value === 'number' && value <= Number.MAX_SAFE_INTEGER - safe) safe += value;
      else exact = add(exact, decimalOf({ value }));
    },
    quantity: () => plain(add(exact, fromInteger(BigInt(safe)))),
  };
}

/** Money is never summed away: fees per event and rounding need each amount. */
function listing(): Accumulator {
  const samples: Sample[] = [];
  return {
    add: (sample) => {
      samples.push(sample);
    },
    quantity: () => plain(samples.reduce((sum, sample) => add(sum, decimalOf(sample)), ZERO)),
    events: () => [...samples].sort(byTime).map((sample) => formatDecimal(decimalOf(sample))),
  };
}

function reporting(): Accumulator {
  const { add: list, quantity } = listing();
  const samples: Sample[] = [];
  return {
    add: (sample) => {
      list(sample);
      samples.push(sample);
    },
    quantity,
    outcomes: () => [...samples].sort(byTime).flatMap(({ outcome }) => outcome ?? []),
  };
}

function keeping(order: (sample: Sample, best: Sample) => number): Accumulator {
  let best: Sample | null = null;
  return {
    add: (sample) => {
      if (best === null || order(sample, best) > 0) best = sample;
    },
    quantity: () => (best === null ? '0' : plain(decimalOf(best))),
  };
}

/** Most customers do one thing in an hour, and there are many hours: a set is made for the second value only. */
class Distinct implements Accumulator {
  #first: string | null = null;
  #all: Set<string> | null = null;

  add({ value }: Pick<Sample, 'value'>): void {
    const text = typeof value === 'object' ? plain(value) : String(value);
    if (this.#all) this.#all.add(text);
    else if (this.#first === null) this.#first = text;
    else if (this.#first !== text) this.#all = new Set([this.#first, text]);
  }

  quantity(): string {
    return String(this.#all?.size ?? (this.#first === null ? 0 : 1));
  }
}

const plain = (value: Decimal): string => formatDecimal(normalize(value));

function decimalOf({ value }: Pick<Sample, 'value'>): Decimal {
  if (typeof value === 'string') throw new TypeError('only unique counts text');
  return typeof value === 'number' ? fromInteger(BigInt(value)) : value;
}

/** (time, source, id), ids by code units: the same everywhere, unlike a locale's order. */
export function byTime(a: Omit<Sample, 'value'>, b: Omit<Sample, 'value'>): number {
  return a.ms - b.ms || byCodeUnits(a.source, b.source) || byCodeUnits(a.id, b.id);
}

export const byCodeUnits = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
