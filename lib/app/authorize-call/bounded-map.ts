/**
 * A map of at most `max` entries that forgets what was written longest ago. Entries here are rewritten every few seconds
 * while they are in use, so the age of the write is as good as the age of the last use, and reading costs nothing extra.
 * (lru-cache would do the same for a twentieth of the authorizer's bundle.)
 */
export class BoundedMap<Key, Value> {
  readonly #entries = new Map<Key, Value>();
  readonly #max: number;

  constructor(max: number) {
    this.#max = max;
  }

  get(key: Key): Value | undefined {
    return this.#entries.get(key);
  }

  set(key: Key, value: Value): void {
    this.#entries.delete(key);
    if (this.#entries.size >= this.#max) {
      const oldest = this.#entries.keys().next();
      if (!oldest.done) this.#entries.delete(oldest.value);
    }
    this.#entries.set(key, value);
  }

  delete(key: Key): void {
    this.#entries.delete(key);
  }
}
