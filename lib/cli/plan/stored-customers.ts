import { type ListedCustomer, parseCustomer } from '../../domain/segmentation/customer-list.ts';
import { hashOf } from './parts.ts';
import type { Part } from './usage-files.ts';

const BLOCK_BYTES = 4 * 1024 * 1024;
/** Before each customer: the hash of the id and the length of what follows. */
const HEADER_BYTES = 8;

/** Customers in memory that threads share: a block holds customer after customer, up to a length of 0 or its end. */
export type CustomerBlocks = readonly SharedArrayBuffer[];

/**
 * The customers of a plan as bytes outside every heap, once for all threads, in the order of their file: as objects, a
 * million of them would be a gigabyte, and each thread would have its copy of some.
 */
export class StoredCustomers {
  readonly #blocks: SharedArrayBuffer[] = [];
  #view: DataView<ArrayBufferLike> = new DataView(new ArrayBuffer(0));
  #used = 0;
  size = 0;

  get blocks(): CustomerBlocks {
    return this.#blocks;
  }

  /** @param json what `parseCustomer` reads */
  add(id: string, json: string): void {
    const bytes = Buffer.from(json);
    const needed = HEADER_BYTES + bytes.length;
    if (this.#used + needed > this.#view.byteLength) {
      const block = new SharedArrayBuffer(Math.max(BLOCK_BYTES, needed));
      this.#blocks.push(block);
      this.#view = new DataView(block);
      this.#used = 0;
    }
    this.#view.setUint32(this.#used, hashOf(id));
    this.#view.setUint32(this.#used + 4, bytes.length);
    new Uint8Array(this.#view.buffer).set(bytes, this.#used + HEADER_BYTES);
    this.#used += needed;
    this.size++;
  }
}

/** The customers of one part, made as they are asked for. */
export function* customersIn(blocks: CustomerBlocks, { index, of }: Part): Generator<ListedCustomer> {
  for (const block of blocks) {
    const [view, bytes] = [new DataView(block), Buffer.from(block)];
    let at = 0;
    while (at + HEADER_BYTES <= block.byteLength) {
      const [hash, length] = [view.getUint32(at), view.getUint32(at + 4)];
      if (length === 0) break;
      const start = at + HEADER_BYTES;
      at = start + length;
      if (hash % of === index) yield parseCustomer(JSON.parse(bytes.toString('utf8', start, at)), '');
    }
  }
}
