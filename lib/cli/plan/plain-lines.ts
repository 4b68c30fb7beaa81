import type { CollectedUsage } from '../../domain/impact/collected-usage.ts';
import { InputError } from '../../domain/input-error.ts';
import { parseHour } from '../../domain/time/time.ts';

const [QUOTE, COMMA, COLON, SPACE, BACKSLASH] = [0x22, 0x2c, 0x3a, 0x20, 0x5c];
const [OPEN, CLOSE, OPEN_LIST, CLOSE_LIST, ZERO] = [0x7b, 0x7d, 0x5b, 0x5d, 0x30];
const KEYS = ['meter', 'hour', 'quantity', 'group', 'customer', 'period', 'usage', 'start', 'end'].map((key) =>
  Buffer.from(key),
);
// Those of an entry first: they are looked for millions of times.
const [METER, HOUR, QUANTITY, GROUP, CUSTOMER, PERIOD, USAGE, START, END] = KEYS.map((_, i) => i) as Ordinals;
type Ordinals = [number, number, number, number, number, number, number, number, number];
const HOUR_LENGTH = '2026-10-01T00:00:00Z'.length;
const DIGITS_MAX = 15;
const WORDS_REMEMBERED = 32;

/** An entry up to its quantity, as an earlier line had it at the same place. */
interface Template {
  readonly text: Buffer;
  readonly code: number;
  readonly hour: number;
}
const TEMPLATES_MAX = 4_096;

/**
 * Reads usage objects from bytes, as long as they are written plainly: known keys once each, strings without escapes,
 * hours such as `2026-10-01T00:00:00Z`, whole quantities. Whatever else a line has, it answers false, and `JSON.parse`
 * and the careful checks take their turn. Most lines of a large plan are such, and this reads them several times faster.
 */
export class PlainLines {
  readonly #collected: CollectedUsage;
  readonly #packed: number[] = [];
  readonly #words: { readonly bytes: Buffer; readonly text: string }[] = [];
  readonly #days = new Map<number, number>();
  #bytes: Buffer = Buffer.alloc(0);
  #at = 0;
  #end = 0;
  #used = 0;
  #from = 0;
  #to = 0;
  #first = 0;
  #last = 0;
  #id = '';
  readonly #templates: Template[] = [];
  #quantityAt = 0;
  #hourEnd = 0;
  #wordEnd = 0;
  #lastHour = 0;

  constructor(collected: CollectedUsage) {
    this.#collected = collected;
  }

  /** @returns false, with nothing taken, where the line is not plain */
  take(bytes: Buffer, start: number, end: number): boolean {
    this.#bytes = bytes;
    this.#at = start;
    this.#end = end;
    this.#used = 0;
    this.#first = Number.POSITIVE_INFINITY;
    this.#last = -1;
    if (!this.#object()) return false;
    while (this.#at < end && (bytes[this.#at] === SPACE || bytes[this.#at] === 0x0d)) this.#at++;
    if (this.#at !== end || this.#first < this.#from || this.#last >= this.#to) return false;
    this.#collected.addPacked(this.#id, this.#packed, this.#used);
    return true;
  }

  /** Usage may stand before the period in a line, so hours are held against it at the end. */
  #object(): boolean {
    let seen = 0;
    if (!this.#byte(OPEN)) return false;
    do {
      const key = this.#key();
      if (key < CUSTOMER || key > USAGE || (seen & (1 << key)) !== 0) return false;
      seen |= 1 << key;
      if (key === CUSTOMER) {
        const text = this.#string();
        if (!text || text.start === text.end) return false;
        this.#id = this.#bytes.toString('utf8', text.start, text.end);
      } else if (!(key === PERIOD ? this.#period() : this.#entries())) return false;
    } while (this.#byte(COMMA));
    return seen === ((1 << CUSTOMER) | (1 << PERIOD) | (1 << USAGE)) && this.#byte(CLOSE);
  }

  #period(): boolean {
    let seen = 0;
    if (!this.#byte(OPEN)) return false;
    do {
      const key = this.#key();
      if ((key !== START && key !== END) || (seen & (1 << key)) !== 0) return false;
      seen |= 1 << key;
      const hour = this.#hour();
      if (hour < 0) return false;
      if (key === START) this.#from = hour;
      else this.#to = hour;
    } while (this.#byte(COMMA));
    return seen === ((1 << START) | (1 << END)) && this.#to > this.#from && this.#byte(CLOSE);
  }

  #entries(): boolean {
    if (!this.#byte(OPEN_LIST)) return false;
    if (this.#byte(CLOSE_LIST)) return true;
    do {
      const index = this.#used >> 1;
      const template = this.#templates[index];
      if (template !== undefined && this.#like(template)) continue;
      const start = this.#skipSpace();
      if (!this.#entry()) return false;
      this.#remember(index, start);
    } while (this.#byte(COMMA));
    return this.#byte(CLOSE_LIST);
  }

  /** Takes an entry that differs from the one at its place in an earlier line by its quantity only, which most do. */
  #like({ text, code, hour }: Template): boolean {
    const bytes = this.#bytes;
    const start = this.#skipSpace();
    const { length } = text;
    if (start + length >= this.#end) return false;
    for (let i = length - 1; i >= 0; i--) if (bytes[start + i] !== text[i]) return false;
    const before = this.#at;
    this.#at = start + length;
    const quantity = this.#quantity();
    if (quantity < 0 || !this.#byte(CLOSE)) {
      this.#at = before;
      return false;
    }
    this.#push(code, hour, quantity);
    return true;
  }

  /** Everything of an entry up to its quantity, when that stands last. */
  #remember(index: number, start: number): void {
    if (index >= TEMPLATES_MAX || this.#quantityAt < this.#hourEnd || this.#quantityAt < this.#wordEnd) return;
    const text = Buffer.from(this.#bytes.subarray(start, this.#quantityAt));
    this.#templates[index] = { text, code: this.#packed[this.#used - 2] as number, hour: this.#lastHour };
  }

  #push(code: number, hour: number, quantity: number): void {
    this.#packed[this.#used] = code;
    this.#packed[this.#used + 1] = quantity;
    this.#used += 2;
    this.#lastHour = hour;
    if (hour < this.#first) this.#first = hour;
    if (hour > this.#last) this.#last = hour;
  }

  #skipSpace(): number {
    let at = this.#at;
    while (this.#bytes[at] === SPACE && at < this.#end) at++;
    return at;
  }

  #entry(): boolean {
    let [meter, group]: [string | null, string | null] = [null, null];
    let [hour, quantity, seen] = [-1, -1, 0];
    if (!this.#byte(OPEN)) return false;
    do {
      const key = this.#key();
      if (key < 0 || (seen & (1 << key)) !== 0) return false;
      seen |= 1 << key;
      if (key === METER) meter = this.#word();
      else if (key === HOUR) {
        hour = this.#hour();
        this.#hourEnd = this.#at;
      } else if (key === QUANTITY) {
        this.#quantityAt = this.#at;
        quantity = this.#quantity();
      } else if (key === GROUP) {
        group = this.#word();
        if (group === null) return false;
      } else return false;
      if (key === METER || key === GROUP) this.#wordEnd = this.#at;
    } while (this.#byte(COMMA));
    if (meter === null || hour < 0 || quantity < 0 || !this.#byte(CLOSE)) return false;
    this.#push(this.#collected.code(meter, group, hour), hour, quantity);
    return true;
  }

  /** Takes a byte, and spaces before it. */
  #byte(wanted: number): boolean {
    let at = this.#at;
    while (this.#bytes[at] === SPACE && at < this.#end) at++;
    if (at >= this.#end || this.#bytes[at] !== wanted) return false;
    this.#at = at + 1;
    return true;
  }

  /** Takes a known key and its colon: its number, or -1. */
  #key(): number {
    if (!this.#byte(QUOTE)) return -1;
    const bytes = this.#bytes;
    const first = bytes[this.#at];
    for (let key = 0; key < KEYS.length; key++) {
      const word = KEYS[key] as Buffer;
      if (word[0] !== first || bytes[this.#at + word.length] !== QUOTE) continue;
      let i = 1;
      while (i < word.length && bytes[this.#at + i] === word[i]) i++;
      if (i < word.length) continue;
      this.#at += word.length + 1;
      return this.#byte(COLON) ? key : -1;
    }
    return -1;
  }

  #string(): { start: number; end: number } | null {
    if (!this.#byte(QUOTE)) return null;
    const start = this.#at;
    let at = start;
    for (; at < this.#end; at++) {
      const byte = this.#bytes[at] as number;
      if (byte === QUOTE) break;
      if (byte === BACKSLASH || byte < SPACE) return null;
    }
    if (at >= this.#end) return null;
    this.#at = at + 1;
    return { start, end: at };
  }

  /** A string of which there are few: compared with those seen before, so that no new one is made. */
  #word(): string | null {
    if (!this.#byte(QUOTE)) return null;
    const bytes = this.#bytes;
    for (let w = 0; w < this.#words.length; w++) {
      const { bytes: word, text } = this.#words[w] as { bytes: Buffer; text: string };
      const { length } = word;
      if (bytes[this.#at + length] !== QUOTE) continue;
      let i = 0;
      while (i < length && bytes[this.#at + i] === word[i]) i++;
      if (i < length || this.#at + length >= this.#end) continue;
      this.#at += length + 1;
      return text;
    }
    this.#at--;
    const found = this.#string();
    if (!found || found.start === found.end) return null;
    const text = bytes.toString('utf8', found.start, found.end);
    if (this.#words.length < WORDS_REMEMBERED) this.#words.push({ bytes: Buffer.from(text), text });
    return text;
  }

  /** `"2026-10-01T09:00:00Z"`, or -1. */
  #hour(): number {
    if (!this.#byte(QUOTE)) return -1;
    const [bytes, at] = [this.#bytes, this.#at];
    if (at + HOUR_LENGTH >= this.#end || bytes[at + HOUR_LENGTH] !== QUOTE) return -1;
    let date = 0;
    for (let i = 0; i < 10; i++) {
      if (i === 4 || i === 7) continue;
      const digit = (bytes[at + i] as number) - ZERO;
      if (digit < 0 || digit > 9) return -1;
      date = date * 10 + digit;
    }
    const [tens, ones] = [(bytes[at + 11] as number) - ZERO, (bytes[at + 12] as number) - ZERO];
    if (tens < 0 || tens > 2 || ones < 0 || ones > 9 || tens * 10 + ones > 23) return -1;
    if (!this.#isOnTheHour(at)) return -1;
    const day = this.#days.get(date) ?? this.#newDay(date, at);
    if (day < 0) return -1;
    this.#at = at + HOUR_LENGTH + 1;
    return day + tens * 10 + ones;
  }

  /** The parts that are the same in every hour: `-`, `-`, `T`, `:00:00Z`. */
  #isOnTheHour(at: number): boolean {
    const bytes = this.#bytes;
    return (
      bytes[at + 4] === 0x2d &&
      bytes[at + 7] === 0x2d &&
      bytes[at + 10] === 0x54 &&
      bytes[at + 13] === COLON &&
      bytes[at + 14] === ZERO &&
      bytes[at + 15] === ZERO &&
      bytes[at + 16] === COLON &&
      bytes[at + 17] === ZERO &&
      bytes[at + 18] === ZERO &&
      bytes[at + 19] === 0x5a
    );
  }

  #newDay(date: number, at: number): number {
    try {
      const hour = parseHour(`${this.#bytes.toString('latin1', at, at + 10)}T00:00:00Z`);
      if (hour < 0 || hour >= 2 ** 22 - 24) return -1;
      this.#days.set(date, hour);
      return hour;
    } catch (error) {
      if (error instanceof InputError) return -1;
      throw error;
    }
  }

  /** `"1234"` or `1234`; -1 for anything but a plain whole number. */
  #quantity(): number {
    const quoted = this.#byte(QUOTE);
    const bytes = this.#bytes;
    if (!quoted) while (bytes[this.#at] === SPACE && this.#at < this.#end) this.#at++;
    const start = this.#at;
    let [at, value] = [start, 0];
    for (; at < this.#end; at++) {
      const digit = (bytes[at] as number) - ZERO;
      if (digit < 0 || digit > 9) break;
      value = value * 10 + digit;
    }
    const digits = at - start;
    if (digits === 0 || digits > DIGITS_MAX || (digits > 1 && bytes[start] === ZERO)) return -1;
    const after = bytes[at];
    if (quoted ? after !== QUOTE : after !== COMMA && after !== CLOSE && after !== SPACE) return -1;
    this.#at = quoted ? at + 1 : at;
    return value;
  }
}
