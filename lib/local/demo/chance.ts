import type { SeededRandom } from '../cloud/time/seeded-random.ts';

/** A whole number in [0, limit). */
export const below = (random: SeededRandom, limit: number): number => Math.floor(random.fraction() * limit);

/** One of the entries, each as likely as its weight says. */
export function weighted<T>(random: SeededRandom, entries: readonly (readonly [T, number])[]): T {
  let left = random.fraction() * entries.reduce((sum, [, weight]) => sum + weight, 0);
  for (const [entry, weight] of entries) {
    left -= weight;
    if (left < 0) return entry;
  }
  const last = entries.at(-1);
  if (!last) throw new Error('there is nothing to choose from');
  return last[0];
}

/**
 * Events in a span in which `mean` are expected (Poisson): Knuth's product method for small means, a rounded normal
 * approximation above 30, where it is indistinguishable.
 */
export function poisson(random: SeededRandom, mean: number): number {
  if (mean <= 0) return 0;
  if (mean > 30) {
    const normal = Math.sqrt(-2 * Math.log(1 - random.fraction())) * Math.cos(2 * Math.PI * random.fraction());
    return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal));
  }
  const limit = Math.exp(-mean);
  let events = 0;
  for (let product = random.fraction(); product > limit; product *= random.fraction()) events++;
  return events;
}
