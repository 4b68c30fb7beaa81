import type { Clock } from '../../app/runtime.ts';
import { SECOND_MS } from '../../domain/time/time.ts';
import { badRequest } from './errors.ts';
import { type Form, textOf } from './form.ts';
import type { CustomerObject, EventObject, InvoiceObject, LineObject, PaymentObject, PlainObject } from './objects.ts';

/** Everything the stand-in knows. Ids count up, so that a run repeats to the byte. */
export interface Store {
  readonly clock: Clock;
  readonly customers: Map<string, CustomerObject>;
  readonly invoices: Map<string, InvoiceObject>;
  readonly lines: Map<string, LineObject[]>;
  readonly payments: Map<string, PaymentObject>;
  readonly others: Map<string, PlainObject>;
  readonly events: EventObject[];
  nextId(prefix: string): string;
  seconds(): number;
  /** Records that something happened; whoever listens delivers it. */
  emit(type: string, object: object): void;
}

export function newStore(clock: Clock, onEvent: (event: EventObject) => void): Store {
  const counters = new Map<string, number>();
  const events: EventObject[] = [];
  const nextId = (prefix: string) => {
    const count = (counters.get(prefix) ?? 0) + 1;
    counters.set(prefix, count);
    return `${prefix}_${String(count).padStart(14, '0')}`;
  };
  const seconds = () => Math.floor(clock.now() / SECOND_MS);
  return {
    clock,
    customers: new Map(),
    invoices: new Map(),
    lines: new Map(),
    payments: new Map(),
    others: new Map(),
    events,
    nextId,
    seconds,
    emit(type, object) {
      const event: EventObject = {
        id: nextId('evt'),
        object: 'event',
        type,
        created: seconds(),
        livemode: false,
        data: { object: structuredClone(object) },
      };
      events.push(event);
      onEvent(event);
    },
  };
}

/** A page of a list, newest first unless `items` says otherwise; cursors are ids. */
export function page<T extends { id: string }>(items: readonly T[], query: Form, url: string): object {
  const limit = Number(textOf(query.limit) ?? 10);
  if (!Number.isInteger(limit) || limit < 1 || limit > 100) throw badRequest('limit must be between 1 and 100');
  const after = textOf(query.starting_after);
  const from = after === undefined ? 0 : items.findIndex(({ id }) => id === after) + 1;
  if (after !== undefined && from === 0) throw badRequest(`No such object: ${after}`, 'resource_missing');
  const data = items.slice(from, from + limit);
  return { object: 'list', url, data, has_more: from + limit < items.length };
}

export const newestFirst = <T>(items: Iterable<T>): T[] => [...items].reverse();
