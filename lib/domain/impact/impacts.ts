import { type Exact, minus } from '../money/exact.ts';
import { ExactColumn, Shared, TextColumn } from './columns.ts';
import type { Impact, LeftOut, Standing } from './customer-impact.ts';

/** How many customers a notice names before it counts the rest. */
const NAMED = 10;

/** Customers left out for one reason: how many, and the first by id. */
export interface LeftOutGroup {
  readonly code: LeftOut['code'];
  readonly since: LeftOut['since'];
  customers: number;
  readonly first: { readonly id: string; readonly reason: string }[];
}

/** An impact without its reasons, which are read only where they are told. */
export type BareImpact = Omit<Impact, 'reasons'>;

/**
 * What a change does to each customer, in columns that lie outside the heap: some sixty bytes a customer besides the id
 * and the reasons, so that millions fit in memory. Customers may come in any order.
 */
export class Impacts {
  readonly #ids: string[] = [];
  readonly #currencies = new ExactColumn();
  readonly #before = new ExactColumn();
  readonly #after = new ExactColumn();
  readonly #was = new ExactColumn();
  readonly #is = new ExactColumn();
  readonly #reasons = new TextColumn();
  readonly #protectedBy = new ExactColumn();
  readonly #belowCost = new Map<number, readonly number[]>();
  /** The number of the card, -1 for none. */
  readonly #elsewhere = new ExactColumn();
  readonly #elsewhereTotal = new ExactColumn();
  readonly #standings = new Shared<Standing>();
  readonly #words = new Shared<string>();
  readonly #leftOut = new Map<string, LeftOutGroup>();

  get size(): number {
    return this.#ids.length;
  }

  add(impact: Impact): void {
    const { elsewhere, belowCost } = impact;
    const index = this.#ids.push(impact.id) - 1;
    this.#currencies.push(this.#word(impact.currency));
    this.#before.push(this.#standing(impact.before));
    this.#after.push(this.#standing(impact.after));
    this.#was.push(impact.was);
    this.#is.push(impact.is);
    this.#reasons.push(impact.reasons.length === 0 ? '' : this.#written(impact.reasons));
    this.#protectedBy.push(impact.protectedBy);
    if (belowCost.length > 0) this.#belowCost.set(index, belowCost);
    this.#elsewhere.push(elsewhere === null ? -1 : this.#word(elsewhere.rateCard));
    this.#elsewhereTotal.push(elsewhere?.total ?? 0);
  }

  leaveOut({ id, code, since, reason }: LeftOut): void {
    const key = `${code} ${since}`;
    const group = this.#leftOut.get(key) ?? { code, since, customers: 0, first: [] };
    this.#leftOut.set(key, group);
    group.customers++;
    const last = group.first.at(-1);
    if (group.first.length === NAMED && last !== undefined && id > last.id) return;
    group.first.push({ id, reason });
    group.first.sort((a, b) => (a.id < b.id ? -1 : 1));
    if (group.first.length > NAMED) group.first.pop();
  }

  leftOut(): LeftOutGroup[] {
    return [...this.#leftOut.values()].sort((a, b) => (`${a.code} ${a.since}` < `${b.code} ${b.since}` ? -1 : 1));
  }

  /** By number, 0 to `size` - 1, in the order in which they came. */
  at(index: number): BareImpact {
    const elsewhere = Number(this.#elsewhere.at(index));
    return {
      id: this.#ids[index] as string,
      currency: this.#currency(index),
      before: this.#standings.at(Number(this.#before.at(index))),
      after: this.#standings.at(Number(this.#after.at(index))),
      was: this.#was.at(index),
      is: this.#is.at(index),
      protectedBy: this.#protectedBy.at(index),
      belowCost: this.#belowCost.get(index) ?? NONE,
      elsewhere: elsewhere < 0 ? null : { rateCard: this.#words.at(elsewhere), total: this.#elsewhereTotal.at(index) },
    };
  }

  reasons(index: number): readonly string[] {
    const text = this.#reasons.at(index);
    if (text === '') return NONE;
    const parts = JSON.parse(text) as (string | number)[];
    return parts.map((part) => (typeof part === 'number' ? this.#words.at(part) : part));
  }

  /** Customers by currency at base. */
  currencies(): Map<string, number> {
    const counts = new Map<string, number>();
    for (let i = 0; i < this.size; i++) {
      const currency = this.#currency(i);
      counts.set(currency, (counts.get(currency) ?? 0) + 1);
    }
    return counts;
  }

  /** Numbers of the customers in a currency: the largest change first, then by id. */
  inOrder(currency: string): Uint32Array {
    const order = new Uint32Array(this.size);
    const changes = new ExactColumn();
    let found = 0;
    for (let i = 0; i < this.size; i++) {
      if (this.#currency(i) === currency) order[found++] = i;
      changes.push(magnitude(minus(this.#is.at(i), this.#was.at(i))));
    }
    const ids = this.#ids;
    return order.subarray(0, found).sort((a, b) => {
      const [x, y] = [changes.at(a), changes.at(b)];
      if (x !== y) return x > y ? -1 : 1;
      return (ids[a] as string) < (ids[b] as string) ? -1 : 1;
    });
  }

  #currency(index: number): string {
    return this.#words.at(Number(this.#currencies.at(index)));
  }

  #word(text: string): number {
    return this.#words.numberOf(text, text);
  }

  /** Sentences about moves are the same for many, so they stand as numbers; those with amounts in them hardly ever. */
  #written(reasons: readonly string[]): string {
    return JSON.stringify(reasons.map((reason) => (reason.includes(' → ') ? reason : this.#word(reason))));
  }

  #standing(standing: Standing): number {
    const { segments, rateCard, tierRule, protection } = standing;
    return this.#standings.numberOf(`${tierRule} ${rateCard} ${segments.join(',')} ${protection.join(',')}`, standing);
  }
}

const NONE: readonly never[] = [];
export const magnitude = (amount: Exact): Exact => (amount < 0 ? minus(0, amount) : amount);
