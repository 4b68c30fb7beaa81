const [QUOTE, BACKSLASH, OPEN, CLOSE, OPEN_LIST, CLOSE_LIST] = [0x22, 0x5c, 0x7b, 0x7d, 0x5b, 0x5d];
const LIST_BEGINS = /^\uFEFF?\s*\{[^{}[\]]*"customers"\s*:\s*\[$/;

/**
 * Cuts the objects of `{ "customers": [ … ] }` out of bytes that come in pieces, so that the whole is never in memory. What
 * is left is the envelope, in which one 0 stands for all of them: when it is JSON, so was the file around its objects.
 */
export class JsonEntries {
  #depth = 0;
  #inString = false;
  #escaped = false;
  #inList = false;
  #listed = false;
  #from = 0;
  #envelope = '';
  #rest: Buffer = Buffer.alloc(0);
  /** Objects so far. */
  count = 0;

  /** @returns the text of each object that ends in this piece */
  push(piece: Buffer): string[] {
    const found: string[] = [];
    const seen = this.#rest.length;
    const bytes = seen === 0 ? piece : Buffer.concat([this.#rest, piece]);
    this.#from = 0;
    for (let i = seen; i < bytes.length; i++) {
      const byte = bytes[i] as number;
      if (this.#inString) {
        if (this.#escaped) this.#escaped = false;
        else if (byte === BACKSLASH) this.#escaped = true;
        else if (byte === QUOTE) this.#inString = false;
      } else if (byte === QUOTE) this.#inString = true;
      else if (byte === OPEN || byte === OPEN_LIST) this.#open(byte, bytes, i);
      else if (byte === CLOSE || byte === CLOSE_LIST) {
        const text = this.#close(byte, bytes, i);
        if (text !== null) found.push(text);
      }
    }
    this.#rest = Buffer.from(bytes.subarray(this.#from));
    return found;
  }

  /** The envelope, once there are no more pieces. */
  end(): string {
    return `${this.#envelope}${this.#rest.toString('utf8')}`.replace(/^\uFEFF/, '');
  }

  #open(byte: number, bytes: Buffer, i: number): void {
    if (this.#inList && this.#depth === 2 && byte === OPEN) {
      const before = bytes.toString('utf8', this.#from, i);
      const first = this.count === 0;
      // Anything but the comma between two objects is kept, so that the envelope shows it.
      if (before.trim() !== (first ? '' : ',')) this.#envelope += `${before}0`;
      else if (first) this.#envelope += '0';
      this.#from = i;
    }
    this.#depth++;
    if (this.#depth !== 2 || byte !== OPEN_LIST || this.#listed) return;
    const before = this.#envelope + bytes.toString('utf8', this.#from, i + 1);
    if (!LIST_BEGINS.test(before)) return;
    [this.#inList, this.#listed, this.#envelope, this.#from] = [true, true, before, i + 1];
  }

  #close(byte: number, bytes: Buffer, i: number): string | null {
    this.#depth--;
    if (this.#depth < 2) this.#inList = false;
    if (!this.#inList || this.#depth !== 2 || byte !== CLOSE) return null;
    const text = bytes.toString('utf8', this.#from, i + 1);
    this.#from = i + 1;
    this.count++;
    return text;
  }
}
