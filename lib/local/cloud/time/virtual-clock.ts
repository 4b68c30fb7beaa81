import type { Clock } from '../../../app/runtime.ts';
import { assert } from '../../../domain/assert.ts';
import { DAY_MS, type EpochMs, formatTimestamp } from '../../../domain/time/time.ts';

/** `work` ends by itself (a delivery, a buffer, a retry); a `schedule` comes again for ever, so quiet does not wait for it. */
export type TimerKind = 'work' | 'schedule';

export interface Timer {
  readonly at: EpochMs;
  readonly kind: TimerKind;
  /** For a person: what happens when it fires. */
  readonly what: string;
  cancel(): void;
}

interface Entry extends Timer {
  readonly order: number;
  readonly run: () => void | Promise<void>;
  cancelled: boolean;
}

/** More timers than this in one instant is a loop, which would otherwise look like a machine that hangs. */
const FIRED_AT_ONCE_MAX = 1_000_000;

const earlier = (a: Entry, b: Entry): boolean => a.at < b.at || (a.at === b.at && a.order < b.order);

/**
 * The cloud's only clock. Timers fire one at a time, in the order of (time, creation), each awaited to its end before the
 * next begins: the same calls and the same seed give the same history, whatever the machine is doing.
 *
 * Moved by hand (`advanceTo`, `settle`) it stands still in between; after `follow` it runs on with the wall clock as well.
 */
export class VirtualClock implements Clock {
  #now: EpochMs;
  #order = 0;
  #running: Promise<void> | undefined;
  readonly #heap: Entry[] = [];
  #pendingWork = 0;
  #firedNow = 0;
  /** Time the wall clock is behind this one, while it is followed. */
  #following: { readonly wall: () => EpochMs; aheadMs: number; handle: NodeJS.Timeout | undefined } | undefined;

  constructor(start: EpochMs) {
    this.#now = start;
  }

  now(): EpochMs {
    if (this.#following) this.#now = Math.max(this.#now, this.#following.wall() + this.#following.aheadMs);
    return this.#now;
  }

  /** A time in the past fires at the next step, never before now. */
  at(at: EpochMs, what: string, run: () => void | Promise<void>, kind: TimerKind = 'work'): Timer {
    const entry: Entry = {
      at: Math.max(at, this.now()),
      order: this.#order++,
      kind,
      what,
      run,
      cancelled: false,
      cancel: () => {
        if (entry.cancelled) return;
        entry.cancelled = true;
        if (kind === 'work') this.#pendingWork -= 1;
      },
    };
    if (kind === 'work') this.#pendingWork += 1;
    push(this.#heap, entry);
    return entry;
  }

  after(ms: number, what: string, run: () => void | Promise<void>, kind: TimerKind = 'work'): Timer {
    return this.at(this.now() + ms, what, run, kind);
  }

  /** What waits, soonest first. */
  pending(): readonly Timer[] {
    return this.#heap.filter((entry) => !entry.cancelled).sort((a, b) => (earlier(a, b) ? -1 : 1));
  }

  /** Fires everything due until then, in order, and stands at `to`. Not to be awaited from inside a timer. */
  advanceTo(to: EpochMs): Promise<void> {
    const next = this.#heap[0];
    if (!this.#running && (next === undefined || next.at > to)) {
      this.#moveTo(to);
      return Promise.resolve();
    }
    return this.#exclusive(async () => {
      while (await this.#fireNext(to));
      this.#moveTo(to);
    });
  }

  advanceBy(ms: number): Promise<void> {
    return this.advanceTo(this.now() + ms);
  }

  /**
   * Moves time just far enough that no work waits: buffers are flushed, messages delivered, retries done.
   * Schedules that come up on the way fire as well.
   * @param limitMs how far it may move; @throws Error naming what still waits then
   */
  settle(limitMs = 4 * DAY_MS): Promise<void> {
    return this.#exclusive(async () => {
      const limit = this.now() + limitMs;
      while (this.#pendingWork > 0) {
        if (await this.#fireNext(limit)) continue;
        const waiting = this.pending().filter(({ kind }) => kind === 'work');
        const names = waiting.slice(0, 3).map(({ at, what }) => `${what} at ${formatTimestamp(at)}`);
        throw new Error(`the cloud is not quiet after ${limitMs} ms: ${names.join(', ')}`);
      }
    });
  }

  /**
   * From now on time passes by itself. Moving by hand still works and puts the cloud that much ahead of the wall.
   * @param onError a timer that failed; the clock goes on
   */
  follow(wall: () => EpochMs, onError: (error: unknown) => void, tickMs = 25): void {
    assert(!this.#following, 'a clock follows one wall clock');
    const following = { wall, aheadMs: this.#now - wall(), handle: undefined as NodeJS.Timeout | undefined };
    this.#following = following;
    const tick = async () => {
      await this.advanceTo(this.now()).catch(onError);
      if (this.#following === following) following.handle = setTimeout(tick, tickMs);
    };
    following.handle = setTimeout(tick, tickMs);
  }

  /**
   * For a caller that waits inside its own work: while the wall clock is followed it really waits, else time moves on at
   * once and what became due in between fires after the work is done, late, as behind any busy worker.
   */
  sleep(ms: number): Promise<void> {
    if (this.#following) return new Promise((resolve) => setTimeout(resolve, ms));
    this.#moveTo(this.#now + ms);
    return Promise.resolve();
  }

  /** Stops following, forgets every timer, and waits for the one that runs. */
  async stop(): Promise<void> {
    clearTimeout(this.#following?.handle);
    this.#following = undefined;
    this.#heap.length = 0;
    this.#pendingWork = 0;
    await this.#running?.catch(() => {});
  }

  #moveTo(to: EpochMs): void {
    const now = this.now();
    if (to <= now) return;
    if (this.#following) this.#following.aheadMs += to - now;
    this.#now = to;
  }

  async #fireNext(limit: EpochMs): Promise<boolean> {
    for (let entry = this.#heap[0]; entry !== undefined && entry.at <= limit; entry = this.#heap[0]) {
      pop(this.#heap);
      if (entry.cancelled) continue;
      if (entry.kind === 'work') this.#pendingWork -= 1;
      entry.cancelled = true;
      const before = this.#now;
      this.#moveTo(entry.at);
      this.#firedNow = this.#now === before ? this.#firedNow + 1 : 0;
      assert(this.#firedNow < FIRED_AT_ONCE_MAX, `time goes on, but ${entry.what} fires again and again`);
      await entry.run();
      return true;
    }
    return false;
  }

  async #exclusive(run: () => Promise<void>): Promise<void> {
    while (this.#running) await this.#running.catch(() => {});
    const running = run();
    this.#running = running;
    try {
      await running;
    } finally {
      this.#running = undefined;
    }
  }
}

function push(heap: Entry[], entry: Entry): void {
  let i = heap.push(entry) - 1;
  while (i > 0) {
    const parent = (i - 1) >> 1;
    if (!earlier(entry, heap[parent] as Entry)) break;
    heap[i] = heap[parent] as Entry;
    i = parent;
  }
  heap[i] = entry;
}

function pop(heap: Entry[]): void {
  const last = heap.pop() as Entry;
  if (heap.length === 0) return;
  let i = 0;
  for (;;) {
    let child = 2 * i + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && earlier(heap[child + 1] as Entry, heap[child] as Entry)) child += 1;
    if (!earlier(heap[child] as Entry, last)) break;
    heap[i] = heap[child] as Entry;
    i = child;
  }
  heap[i] = last;
}
