import { type Exact, minus, plus, times } from '../money/exact.ts';
import type { DistributionBar } from './report.ts';

/** Bounds in percent of the bill before: each bar goes up to and with its bound, towards zero. */
const BARS = [
  { id: 'fall-over-50', label: 'falls by more than 50 %', above: 50, rises: false },
  { id: 'fall-20-50', label: 'falls by 20 to 50 %', above: 20, rises: false },
  { id: 'fall-5-20', label: 'falls by 5 to 20 %', above: 5, rises: false },
  { id: 'fall-0-5', label: 'falls by up to 5 %', above: 0, rises: false },
  { id: 'same', label: 'stays the same', above: null, rises: false },
  { id: 'rise-0-5', label: 'rises by up to 5 %', above: 0, rises: true },
  { id: 'rise-5-20', label: 'rises by 5 to 20 %', above: 5, rises: true },
  { id: 'rise-20-50', label: 'rises by 20 to 50 %', above: 20, rises: true },
  { id: 'rise-over-50', label: 'rises by more than 50 %', above: 50, rises: true },
] as const;
const SAME = 4;

/** How the changes spread: customers and money by how much of their bill changes. A bill from 0 rises without bound. */
export class Distribution {
  readonly #customers = BARS.map(() => 0);
  readonly #change: Exact[] = BARS.map(() => 0);

  add(was: Exact, is: Exact): void {
    const bar = barOf(was, is);
    this.#customers[bar] = (this.#customers[bar] as number) + 1;
    this.#change[bar] = plus(this.#change[bar] as Exact, minus(is, was));
  }

  change(): Exact {
    return this.#change.reduce((sum, change) => plus(sum, change), 0);
  }

  bars(money: (amount: Exact) => string): DistributionBar[] {
    return BARS.map(({ id, label }, i) => ({
      id,
      label,
      customers: this.#customers[i] as number,
      change: money(this.#change[i] as Exact),
    }));
  }
}

function barOf(was: Exact, is: Exact): number {
  if (was === is) return SAME;
  const rises = is > was;
  const percents = times(rises ? minus(is, was) : minus(was, is), 100);
  const beyond = (bound: number) => percents > times(was, bound);
  const steps = [50, 20, 5].findIndex(beyond);
  const outward = steps < 0 ? 1 : 4 - steps;
  return rises ? SAME + outward : SAME - outward;
}
