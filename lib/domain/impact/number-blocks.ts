const BLOCK_NUMBERS = 2 ** 17;

/** A run of numbers inside a block that it shares with others. */
export interface Run {
  block: Float64Array;
  at: number;
  used: number;
  size: number;
}

/**
 * Runs of numbers in large blocks outside the heap: nothing there is for the garbage collector to walk or to copy, and
 * what it takes is what it holds.
 */
export class NumberBlocks {
  #blocks: Float64Array[] = [new Float64Array(BLOCK_NUMBERS)];
  #block = 0;
  #used = 0;

  /** A run that holds nothing yet. */
  empty(): Run {
    return { block: this.#blocks[0] as Float64Array, at: 0, used: 0, size: 0 };
  }

  /** Makes room for `more` numbers at a run's end; the run at the end of a block grows where it is. */
  reserve(run: Run, more: number): void {
    const wanted = run.used + more;
    if (wanted <= run.size) return;
    const current = this.#blocks[this.#block] as Float64Array;
    if (
      run.block === current &&
      run.size > 0 &&
      run.at + run.size === this.#used &&
      run.at + wanted <= current.length
    ) {
      run.size = wanted;
      this.#used = run.at + wanted;
      return;
    }
    const size = run.used === 0 ? wanted : Math.max(wanted, 2 * run.used);
    if (this.#used + size > current.length) this.#nextBlock(size);
    const block = this.#blocks[this.#block] as Float64Array;
    block.set(run.block.subarray(run.at, run.at + run.used), this.#used);
    run.block = block;
    run.at = this.#used;
    run.size = size;
    this.#used += size;
  }

  /** Every run made so far is void; the blocks are used again. */
  clear(): void {
    this.#blocks = this.#blocks.filter(({ length }) => length === BLOCK_NUMBERS);
    this.#block = 0;
    this.#used = 0;
  }

  #nextBlock(size: number): void {
    const next = this.#blocks[this.#block + 1];
    if (size > BLOCK_NUMBERS || next === undefined) {
      this.#blocks.splice(this.#block + 1, 0, new Float64Array(Math.max(BLOCK_NUMBERS, size)));
    }
    this.#block++;
    this.#used = 0;
  }
}
