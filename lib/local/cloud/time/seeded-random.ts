import { createHash } from 'node:crypto';
import type { Randomness } from '../../../app/runtime.ts';

/** Two bytes as hex: gateway calls need so many ids that formatting them would be a fifth of a call. */
const PAIRS = Array.from({ length: 65_536 }, (_, n) => n.toString(16).padStart(4, '0'));

/**
 * Random bytes that repeat with the seed. Not for secrets outside the embedded cloud.
 * The generator is Chris Doty-Humphrey's sfc32 (PractRand), its state the SHA-256 of the seed.
 */
export class SeededRandom implements Randomness {
  readonly #seed: string;
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  constructor(seed: string) {
    this.#seed = seed;
    const digest = createHash('sha256').update(seed).digest();
    this.#a = digest.readInt32LE(0);
    this.#b = digest.readInt32LE(4);
    this.#c = digest.readInt32LE(8);
    for (let i = 0; i < 12; i += 1) this.uint32();
  }

  /** A stream of its own, so that one part's draws never shift another's. */
  fork(label: string): SeededRandom {
    return new SeededRandom(`${this.#seed}\0${label}`);
  }

  uint32(): number {
    const sum = (((this.#a + this.#b) | 0) + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + sum;
    this.#c |= 0;
    return sum >>> 0;
  }

  hex(bytes: number): string {
    let text = '';
    for (let left = bytes; left > 0; left -= 4) {
      const n = this.uint32();
      const [a, b] = [PAIRS[n >>> 16] as string, PAIRS[n & 0xffff] as string];
      text += left >= 4 ? a + b : (a + b).slice(0, left * 2);
    }
    return text;
  }

  /** In the shape of a version 4 UUID. */
  uuid(): string {
    const h = this.hex(16);
    const variant = '89ab'[Number.parseInt(h.charAt(16), 16) & 3];
    return `${h.slice(0, 8)}-${h.slice(8, 12)}-4${h.slice(13, 16)}-${variant}${h.slice(17, 20)}-${h.slice(20)}`;
  }

  /** @returns 0 <= n < 1 */
  fraction(): number {
    return this.uint32() / 4_294_967_296;
  }
}
