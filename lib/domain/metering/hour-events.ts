import { compareBytes, copyOf } from './bytes.ts';
import type { UsageEvent } from './event-line.ts';

/** The events of one hour by (source, id), one kept for each: the first in (time, line bytes) order. */
export class HourEvents {
  readonly #kept = new Map<string, { event: UsageEvent; bytes: Uint8Array }>();

  /** True when its identity is new in this hour. @param bytes the event's line, borrowed */
  add(event: UsageEvent, bytes: Uint8Array): boolean {
    const identity = JSON.stringify([event.source, event.id]);
    const kept = this.#kept.get(identity);
    const first =
      !kept || event.ms < kept.event.ms || (event.ms === kept.event.ms && compareBytes(bytes, kept.bytes) < 0);
    if (first) this.#kept.set(identity, { event, bytes: copyOf(bytes) });
    return !kept;
  }

  *all(): Generator<UsageEvent> {
    for (const { event } of this.#kept.values()) yield event;
  }
}
