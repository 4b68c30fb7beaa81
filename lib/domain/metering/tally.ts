import { byCodeUnits } from './quantities.ts';

/** What became of the lines; `read` is always the sum of the others. A line that several meters count is counted once. */
export interface LineCounts {
  readonly read: number;
  readonly counted: number;
  readonly notBillable: number;
  readonly duplicate: number;
  readonly malformed: number;
}

/** A line that counts nowhere, and why. Lines count from 1. */
export interface MalformedLine {
  readonly file: string;
  readonly line: number;
  readonly reason: string;
}

/** How many malformed lines are kept with their reason; more are only counted, so that garbage cannot fill the memory. */
export const MALFORMED_KEPT = 10_000;

/** Keeps the malformed lines that come first by (file, line), in whatever order they are found. */
export class MalformedLines {
  #lines: MalformedLine[] = [];
  #count = 0;

  get count(): number {
    return this.#count;
  }

  add(line: MalformedLine): void {
    this.#count++;
    this.#lines.push(line);
    if (this.#lines.length >= 2 * MALFORMED_KEPT) this.#lines = this.sorted();
  }

  sorted(): MalformedLine[] {
    const order = (a: MalformedLine, b: MalformedLine) =>
      byCodeUnits(a.file, b.file) || a.line - b.line || byCodeUnits(a.reason, b.reason);
    return [...this.#lines].sort(order).slice(0, MALFORMED_KEPT);
  }
}
