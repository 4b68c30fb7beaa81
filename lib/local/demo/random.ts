import type { Randomness } from '../../app/runtime.ts';

/** A seeded stream of randomness: the same seed gives the same month, to the byte, on every machine. */
export interface SeededRandom extends Randomness {
  /** In [0, 1). */
  next(): number;
  /** A whole number in [0, below). */
  below(below: number): number;
  /** One of the entries, each as likely as its weight says. */
  weighted<T>(entries: readonly (readonly [T, number])[]): T;
  /** Events in a span in which `mean` are expected (Poisson). */
  poisson(mean: number): number;
}

/** sfc32, a small fast counter-based generator (Chris Doty-Humphrey, PractRand), seeded by mixing the seed's text. */
export function seededRandom(seed: string): SeededRandom {
  const state = mix(seed);
  const next = () => sfc32(state) / 0x1_0000_0000;
  const below = (limit: number) => Math.floor(next() * limit);
  return {
    next,
    below,
    hex: (bytes) => Array.from({ length: bytes }, () => below(256).toString(16).padStart(2, '0')).join(''),
    weighted: (entries) => pick(entries, next()),
    poisson: (mean) => poisson(mean, next),
  };
}

/** FNV-1a over the text, four times with different offsets, gives the generator's four words. */
function mix(seed: string): Uint32Array {
  const words = Uint32Array.of(0x811c9dc5, 0x9e3779b9, 0x243f6a88, 0xb7e15162);
  for (const [i] of words.entries()) {
    let word = words[i] as number;
    for (const char of seed) word = Math.imul(word ^ (char.codePointAt(0) as number), 0x01000193) >>> 0;
    words[i] = word;
  }
  for (let i = 0; i < 12; i++) sfc32(words);
  return words;
}

function sfc32(words: Uint32Array): number {
  const [a, b, c, d] = words as unknown as [number, number, number, number];
  const t = (a + b + d) >>> 0;
  words[3] = (d + 1) >>> 0;
  words[0] = b ^ (b >>> 9);
  words[1] = (c + (c << 3)) >>> 0;
  words[2] = (((c << 21) | (c >>> 11)) + t) >>> 0;
  return t;
}

function pick<T>(entries: readonly (readonly [T, number])[], at: number): T {
  let left = at * entries.reduce((sum, [, weight]) => sum + weight, 0);
  for (const [entry, weight] of entries) {
    left -= weight;
    if (left < 0) return entry;
  }
  const last = entries.at(-1);
  if (!last) throw new Error('there is nothing to choose from');
  return last[0];
}

/** Knuth's product method for small means, a rounded normal approximation above 30, where it is indistinguishable. */
function poisson(mean: number, next: () => number): number {
  if (mean <= 0) return 0;
  if (mean > 30) {
    const normal = Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
    return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal));
  }
  const limit = Math.exp(-mean);
  let events = 0;
  for (let product = next(); product > limit; product *= next()) events++;
  return events;
}
