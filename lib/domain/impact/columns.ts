import type { Exact } from '../money/exact.ts';

const BLOCK_BYTES = 1024 * 1024;
/** Above the size of any block, and small enough that a place stays a safe integer. */
const PLACES = 2 ** 32;

/** Exact integers in a row, 8 bytes each, outside the heap; those that are no safe number stand beside it. */
export class ExactColumn {
  #numbers = new Float64Array(1024);
  readonly #large = new Map<number, bigint>();
  length = 0;

  push(value: Exact): void {
    if (this.length === this.#numbers.length) {
      const larger = new Float64Array(this.length * 2);
      larger.set(this.#numbers);
      this.#numbers = larger;
    }
    if (typeof value === 'number') this.#numbers[this.length] = value;
    else {
      this.#numbers[this.length] = Number.NaN;
      this.#large.set(this.length, value);
    }
    this.length++;
  }

  at(index: number): Exact {
    const number = this.#numbers[index] as number;
    return Number.isNaN(number) ? (this.#large.get(index) as bigint) : number;
  }
}

/** Well-formed texts in a row, outside the heap: as many bytes as UTF-8 takes, and 16. */
export class TextColumn {
  readonly #blocks: Uint8Array[] = [];
  readonly #places = new ExactColumn();
  readonly #lengths = new ExactColumn();
  readonly #encoder = new TextEncoder();
  readonly #decoder = new TextDecoder();
  #used = 0;

  push(text: string): void {
    const most = text.length * 3;
    if (this.#used + most > (this.#blocks.at(-1)?.length ?? -1)) {
      this.#blocks.push(new Uint8Array(Math.max(BLOCK_BYTES, most)));
      this.#used = 0;
    }
    const block = this.#blocks.length - 1;
    const { written } = this.#encoder.encodeInto(text, (this.#blocks[block] as Uint8Array).subarray(this.#used));
    this.#places.push(block * PLACES + this.#used);
    this.#lengths.push(written);
    this.#used += written;
  }

  at(index: number): string {
    const [place, length] = [Number(this.#places.at(index)), Number(this.#lengths.at(index))];
    const start = place % PLACES;
    const block = this.#blocks[(place - start) / PLACES] as Uint8Array;
    return this.#decoder.decode(block.subarray(start, start + length));
  }
}

/** Values of which there are few, a number for each. */
export class Shared<T> {
  readonly #values: T[] = [];
  readonly #numbers = new Map<string, number>();

  /** @param key the same for values that count as one */
  numberOf(key: string, value: T): number {
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    const number = this.#values.push(value) - 1;
    this.#numbers.set(key, number);
    return number;
  }

  at(number: number): T {
    return this.#values[number] as T;
  }
}
