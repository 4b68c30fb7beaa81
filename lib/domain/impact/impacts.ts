import { type Exact, minus } from '../money/exact.ts';
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

/**
 * What a change does to each customer, in columns: about a hundred bytes a customer besides ids and reasons, so that
 * millions fit in memory. Customers may come in any order.
 */
export class Impacts {
  readonly #ids: string[] = [];
  readonly #currencies: string[] = [];
  readonly #before: Standing[] = [];
  readonly #after: Standing[] = [];
  readonly #was: Exact[] = [];
  readonly #is: Exact[] = [];
  readonly #reasons: (readonly string[])[] = [];
  readonly #protectedBy: Exact[] = [];
  readonly #belowCost: (readonly number[])[] = [];
  readonly #elsewhere: Impact['elsewhere'][] = [];
  readonly #standings = new Map<string, Standing>();
  readonly #words = new Map<string, string>();
  readonly #leftOut = new Map<string, LeftOutGroup>();

  get size(): number {
    return this.#ids.length;
  }

  add(impact: Impact): void {
    this.#ids.push(impact.id);
    this.#currencies.push(this.#word(impact.currency));
    this.#before.push(this.#standing(impact.before));
    this.#after.push(this.#standing(impact.after));
    this.#was.push(impact.was);
    this.#is.push(impact.is);
    this.#reasons.push(impact.reasons.length === 0 ? NONE : impact.reasons.map((reason) => this.#shared(reason)));
    this.#protectedBy.push(impact.protectedBy);
    this.#belowCost.push(impact.belowCost.length === 0 ? NONE : impact.belowCost);
    this.#elsewhere.push(impact.elsewhere);
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
  at(index: number): Impact {
    return {
      id: this.#ids[index] as string,
      currency: this.#currencies[index] as string,
      before: this.#before[index] as Standing,
      after: this.#after[index] as Standing,
      was: this.#was[index] as Exact,
      is: this.#is[index] as Exact,
      reasons: this.#reasons[index] as readonly string[],
      protectedBy: this.#protectedBy[index] as Exact,
      belowCost: this.#belowCost[index] as readonly number[],
      elsewhere: this.#elsewhere[index] as Impact['elsewhere'],
    };
  }

  /** Customers by currency at base. */
  currencies(): Map<string, number> {
    const counts = new Map<string, number>();
    for (const currency of this.#currencies) counts.set(currency, (counts.get(currency) ?? 0) + 1);
    return counts;
  }

  /** Numbers of the customers in a currency: the largest change first, then by id. */
  inOrder(currency: string): Uint32Array {
    const found: number[] = [];
    for (let i = 0; i < this.#ids.length; i++) if (this.#currencies[i] === currency) found.push(i);
    const size = this.#ids.map((_, i) => magnitude(minus(this.#is[i] as Exact, this.#was[i] as Exact)));
    const ids = this.#ids;
    return Uint32Array.from(found).sort((a, b) => {
      const [x, y] = [size[a] as Exact, size[b] as Exact];
      if (x !== y) return x > y ? -1 : 1;
      return (ids[a] as string) < (ids[b] as string) ? -1 : 1;
    });
  }

  #word(text: string): string {
    const known = this.#words.get(text);
    if (known !== undefined) return known;
    this.#words.set(text, text);
    return text;
  }

  /** Sentences about moves are the same for many; those with amounts in them hardly ever. */
  #shared(reason: string): string {
    return reason.includes(' → ') ? reason : this.#word(reason);
  }

  #standing(standing: Standing): Standing {
    const { segments, rateCard, tierRule, protection } = standing;
    const key = `${tierRule} ${rateCard} ${segments.join(',')} ${protection.join(',')}`;
    const known = this.#standings.get(key);
    if (known) return known;
    this.#standings.set(key, standing);
    return standing;
  }
}

const NONE: readonly never[] = [];
export const magnitude = (amount: Exact): Exact => (amount < 0 ? minus(0, amount) : amount);
