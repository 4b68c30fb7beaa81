import { viewOf } from './bytes.ts';

/**
 * Byte strings met before, and a number for each. Looked up by where they begin and by a hash of any part of them: their
 * own length says where they end. Kept as doubles, so that 8 bytes are compared at once; that is exact because they are
 * ASCII, which is never NaN nor 0. Strings have 8 bytes or more and are added once.
 */
export class ByteTable {
  size = 0;
  #slots = new Int32Array(256);
  #doubles = new Float64Array(1024);
  #end = 0;
  /** Per entry: hash, where its doubles begin, length in bytes, number. */
  #entries = new Int32Array(4 * 64);

  /** The entry whose bytes stand at `start`, or -1. */
  find(view: DataView, start: number, end: number, hash: number): number {
    const mask = this.#slots.length - 1;
    const entries = this.#entries;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const entry = (this.#slots[slot] as number) - 1;
      if (entry < 0) return -1;
      if (entries[4 * entry] !== hash) continue;
      const length = entries[4 * entry + 2] as number;
      if (start + length <= end && this.#stands(view, start, entries[4 * entry + 1] as number, length)) return entry;
    }
  }

  length(entry: number): number {
    return this.#entries[4 * entry + 2] as number;
  }
  number(entry: number): number {
    return this.#entries[4 * entry + 3] as number;
  }

  /** @returns the entry */
  add(view: DataView, start: number, end: number, hash: number, number: number): number {
    const length = end - start;
    const count = Math.ceil(length / 8);
    while (this.#end + count > this.#doubles.length) {
      const larger = new Float64Array(this.#doubles.length * 2);
      larger.set(this.#doubles);
      this.#doubles = larger;
    }
    for (let i = 0; i < count; i++) {
      this.#doubles[this.#end + i] = view.getFloat64(i < count - 1 ? start + 8 * i : end - 8, true);
    }
    const entry = this.size++;
    if (4 * this.size > this.#entries.length) {
      const larger = new Int32Array(this.#entries.length * 2);
      larger.set(this.#entries);
      this.#entries = larger;
    }
    this.#entries.set([hash, this.#end, length, number], 4 * entry);
    this.#end += count;
    if (this.size * 4 > this.#slots.length) {
      this.#slots = new Int32Array(this.#slots.length * 4);
      for (let other = 0; other < this.size; other++) this.#place(other);
    } else this.#place(entry);
    return entry;
  }

  #place(entry: number): void {
    const mask = this.#slots.length - 1;
    let slot = (this.#entries[4 * entry] as number) & mask;
    while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
    this.#slots[slot] = entry + 1;
  }

  /** Compares 8 bytes at a time, the last 8 overlapping those before. */
  #stands(view: DataView, start: number, from: number, length: number): boolean {
    const doubles = this.#doubles;
    const last = start + length - 8;
    let at = start;
    let i = from;
    for (; at < last; at += 8, i++) if (view.getFloat64(at, true) !== doubles[i]) return false;
    return view.getFloat64(last, true) === doubles[i];
  }
}

/** A fixed byte string, compared the same way. */
export interface FixedBytes {
  readonly length: number;
  readonly head: number;
  readonly middle: number;
  readonly tail: number;
}

/** @param text ASCII of 8 to 24 characters */
export function fixedBytes(text: string): FixedBytes {
  const view = viewOf(new TextEncoder().encode(text));
  const length = text.length;
  const tail = view.getFloat64(length - 8, true);
  return { length, head: view.getFloat64(0, true), middle: length > 16 ? view.getFloat64(8, true) : tail, tail };
}

/** Whether the fixed bytes stand at `at` in full. */
export function stands(view: DataView, at: number, end: number, part: FixedBytes): boolean {
  const { length } = part;
  return (
    at + length <= end &&
    view.getFloat64(at, true) === part.head &&
    view.getFloat64(at + length - 8, true) === part.tail &&
    (length <= 16 || view.getFloat64(at + 8, true) === part.middle)
  );
}
