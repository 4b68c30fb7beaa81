import type { CompiledMeter, CompiledMeters, Contribution, UsageClass } from './compile-meters.ts';
import type { ReportedOutcome } from './meters.ts';
import { type Accumulator, accumulatorFor, byCodeUnits, type Sample } from './quantities.ts';

/** Quantity of one meter and group, before it has a customer and an hour. */
export interface MeteredQuantity {
  readonly meter: string;
  readonly group: string | null;
  readonly quantity: string;
  readonly events?: readonly string[];
  readonly outcomes?: readonly ReportedOutcome[];
}

/**
 * What the customers used in one hour. Customers are numbers here (see `Interned`). A counted call adds 1 to
 * one cell of a table of customers by usage classes; only meters that need a value of the line keep more.
 */
export class HourUsage {
  #rowOf = new Int32Array(16).fill(-1);
  #cells = new Float64Array(64);
  #stride = 4;
  #rows = 0;
  /** Per caller, a bit for each shape. */
  readonly #seen: (Int32Array | undefined)[] = [];
  readonly #accumulators = new Map<number, Accumulated[]>();

  /** @param times how many calls of this class */
  count(customer: number, usageClass: number, times = 1): void {
    const known = customer < this.#rowOf.length ? (this.#rowOf[customer] as number) : -1;
    const row = known >= 0 ? known : this.#addRow(customer);
    if (usageClass >= this.#stride) this.#widen(usageClass + 1);
    const cell = row * this.#stride + usageClass;
    this.#cells[cell] = (this.#cells[cell] as number) + times;
  }

  /** Whether a caller is seen with a shape for the first time; it is seen then. */
  isFirst(caller: number, shape: number): boolean {
    const word = shape >>> 5;
    let seen = this.#seen[caller];
    if (seen === undefined || word >= seen.length) {
      const larger = new Int32Array(Math.max(4, 2 * word + 1));
      if (seen) larger.set(seen);
      this.#seen[caller] = larger;
      seen = larger;
    }
    const bit = 1 << (shape & 31);
    const bits = seen[word] as number;
    seen[word] = bits | bit;
    return (bits & bit) === 0;
  }

  add(customer: number, contribution: Contribution, sample: Sample): void {
    const ofCustomer = this.#accumulators.get(customer);
    const known = ofCustomer && accumulatedIn(ofCustomer, contribution);
    const found = known ?? { contribution, accumulator: accumulatorFor(contribution.meter.definition) };
    found.accumulator.add(sample);
    if (known) return;
    if (ofCustomer) ofCustomer.push(found);
    else this.#accumulators.set(customer, [found]);
  }

  /** Calls that at least one meter counts. */
  counted(): number {
    let sum = 0;
    for (let row = 0; row < this.#rows; row++) {
      for (let c = 1; c < this.#stride; c++) sum += this.#cells[row * this.#stride + c] as number;
    }
    return sum;
  }

  /** Customers (as numbers) with any usage in this hour, in no order. */
  *customers(): Generator<number> {
    for (const [customer, row] of this.#rowOf.entries()) if (row >= 0) yield customer;
    for (const customer of this.#accumulators.keys()) {
      if (!(customer < this.#rowOf.length && (this.#rowOf[customer] as number) >= 0)) yield customer;
    }
  }

  /** Sorted by meter, then group, no group first. */
  quantitiesOf(customer: number, { classes }: CompiledMeters): MeteredQuantity[] {
    const counts: Count[] = [];
    const row = this.#rowOf[customer] ?? -1;
    for (let c = 1; row >= 0 && c < this.#stride && c < classes.length; c++) {
      const times = this.#cells[row * this.#stride + c] as number;
      if (times > 0) addCounts(counts, classes[c] as UsageClass, times);
    }
    const quantities: MeteredQuantity[] = counts.map(({ meter, group, times }) => ({
      meter: meter.definition.id,
      group,
      quantity: String(times),
    }));
    for (const { contribution, accumulator } of this.#accumulators.get(customer) ?? []) {
      const { meter, group } = contribution;
      const [events, outcomes] = [accumulator.events?.(), accumulator.outcomes?.()];
      const quantity = { meter: meter.definition.id, group, quantity: accumulator.quantity() };
      quantities.push(events ? { ...quantity, events } : outcomes ? { ...quantity, outcomes } : quantity);
    }
    if (quantities.length < 2) return quantities;
    return quantities.sort((a, b) => byCodeUnits(a.meter, b.meter) || byCodeUnits(a.group ?? '', b.group ?? ''));
  }

  #addRow(customer: number): number {
    if (customer >= this.#rowOf.length) {
      const larger = new Int32Array(Math.max(customer + 1, this.#rowOf.length * 2)).fill(-1);
      larger.set(this.#rowOf);
      this.#rowOf = larger;
    }
    if ((this.#rows + 1) * this.#stride > this.#cells.length) {
      const larger = new Float64Array(this.#cells.length * 2);
      larger.set(this.#cells);
      this.#cells = larger;
    }
    this.#rowOf[customer] = this.#rows;
    return this.#rows++;
  }

  #widen(classes: number): void {
    const stride = Math.max(classes, this.#stride * 2);
    const wider = new Float64Array(Math.max(64, stride * Math.max(16, this.#rows * 2)));
    for (let row = 0; row < this.#rows; row++) {
      wider.set(this.#cells.subarray(row * this.#stride, (row + 1) * this.#stride), row * stride);
    }
    this.#cells = wider;
    this.#stride = stride;
  }
}

interface Accumulated {
  readonly contribution: Contribution;
  readonly accumulator: Accumulator;
}

/** Looked for in a list, and not in a map, for the same reason as counts: see {@link addCounts}. */
function accumulatedIn(list: readonly Accumulated[], { meter, group }: Contribution): Accumulated | undefined {
  for (const one of list) {
    const { contribution } = one;
    if (contribution.meter.index === meter.index && contribution.group === group) return one;
  }
  return undefined;
}

interface Count {
  readonly meter: CompiledMeter;
  readonly group: string | null;
  times: number;
}

/** A list and not a map: a customer has few meters and groups in an hour, and there are many hours. */
function addCounts(counts: Count[], usage: UsageClass, times: number): void {
  for (const { meter, group } of usage.contributions) {
    if (meter.definition.aggregation !== 'count') continue;
    const known = counts.find((count) => count.meter === meter && count.group === group);
    if (known) known.times += times;
    else counts.push({ meter, group, times });
  }
}
