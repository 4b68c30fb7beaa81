import { hashBytes, viewOf } from './bytes.ts';

/** Numbers for byte strings, found without making a string of them. Keys are added once and never change. */
export class ByteTable {
  size = 0;
  #slots = new Int32Array(256);
  #bytes = new Uint8Array(4096);
  #view = viewOf(this.#bytes);
  #end = 0;
  readonly #hashes: number[] = [];
  readonly #starts: number[] = [];
  readonly #lengths: number[] = [];
  readonly #numbers: number[] = [];

  /** The number of `view[start, end)`, or -1. */
  find(view: DataView, start: number, end: number, hash: number): number {
    const mask = this.#slots.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const entry = (this.#slots[slot] as number) - 1;
      if (entry < 0) return -1;
      if (this.#hashes[entry] === hash && this.#equals(entry, view, start, end)) return this.#numbers[entry] as number;
    }
  }

  add(view: DataView, start: number, end: number, number: number): void {
    const length = end - start;
    while (this.#end + length > this.#bytes.length) {
      const larger = new Uint8Array(this.#bytes.length * 2);
      larger.set(this.#bytes);
      this.#bytes = larger;
      this.#view = viewOf(larger);
    }
    for (let i = 0; i < length; i++) this.#bytes[this.#end + i] = view.getUint8(start + i);
    this.#hashes.push(hashBytes(view, start, end));
    this.#starts.push(this.#end);
    this.#lengths.push(length);
    this.#numbers.push(number);
    this.#end += length;
    this.size++;
    if (this.size * 4 > this.#slots.length) this.#slots = new Int32Array(this.#slots.length * 4);
    else return this.#place(this.size - 1);
    for (let entry = 0; entry < this.size; entry++) this.#place(entry);
  }

  #place(entry: number): void {
    const mask = this.#slots.length - 1;
    let slot = (this.#hashes[entry] as number) & mask;
    while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
    this.#slots[slot] = entry + 1;
  }

  #equals(entry: number, view: DataView, start: number, end: number): boolean {
    const length = end - start;
    if (this.#lengths[entry] !== length) return false;
    const own = this.#view;
    const at = this.#starts[entry] as number;
    let i = 0;
    for (; i + 4 <= length; i += 4) if (own.getInt32(at + i, true) !== view.getInt32(start + i, true)) return false;
    for (; i < length; i++) if (own.getUint8(at + i) !== view.getUint8(start + i)) return false;
    return true;
  }
}
