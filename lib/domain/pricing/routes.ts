import type { RateCard } from './rate-card.ts';

/** Where usage of a meter and group goes. */
export interface Destination {
  readonly meter: string;
  readonly group: string | null;
  /** Index of the charge that takes it; undefined where none does. */
  readonly charge: number | undefined;
  /** Whether it costs nothing where no charge takes it. */
  readonly free: boolean;
}

interface OfMeter {
  readonly byGroup: Map<string, number>;
  rest: number | undefined;
  free: boolean;
}

/** Usage has as many entries as the card has meters; where it comes by the hour, guesses would only grow. */
const GUESSES_MAX = 64;

/** The way from a meter to its charge: the one that names its group, else the one without a group, else it may be free. */
export class Routes {
  readonly #byMeter = new Map<string, OfMeter>();
  /** Usage of one card has mostly the same meters in the same order: what stood there in the last one is tried first. */
  readonly #guesses: Destination[] = [];

  constructor({ charges, freeMeters = [] }: Pick<RateCard, 'charges' | 'freeMeters'>) {
    for (const [index, { meter, group }] of charges.entries()) {
      if (meter === undefined) continue;
      if (group === undefined) this.#of(meter).rest = index;
      else this.#of(meter).byGroup.set(group, index);
    }
    for (const meter of freeMeters) this.#of(meter).free = true;
  }

  /** @param position which of the usage's entries it is, from 0; it has no effect on the answer */
  of(meter: string, group: string | null, position: number): Destination {
    const guess = this.#guesses[position];
    if (guess !== undefined && guess.meter === meter && guess.group === group) return guess;
    const route = this.#byMeter.get(meter);
    const charge = (group === null ? undefined : route?.byGroup.get(group)) ?? route?.rest;
    const found = { meter, group, charge, free: route?.free ?? false };
    if (position < GUESSES_MAX && position <= this.#guesses.length) this.#guesses[position] = found;
    return found;
  }

  knows(meter: string): boolean {
    return this.#byMeter.has(meter);
  }

  #of(meter: string): OfMeter {
    const known = this.#byMeter.get(meter);
    if (known) return known;
    const made = { byGroup: new Map<string, number>(), rest: undefined, free: false };
    this.#byMeter.set(meter, made);
    return made;
  }
}
