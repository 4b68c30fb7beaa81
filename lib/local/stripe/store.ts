import type { Clock } from '../../app/runtime.ts';
import { SECOND_MS } from '../../domain/time/time.ts';
import { badRequest } from './errors.ts';
import { type Form, textOf } from './form.ts';
import type {
  ChargeObject,
  CustomerObject,
  EventObject,
  InvoiceObject,
  LineObject,
  PaymentMethodObject,
  PaymentObject,
  PlainObject,
} from './objects.ts';

/** Everything the stand-in knows. Ids count up, so that a run repeats to the byte. */
export interface Store {
  readonly clock: Clock;
  readonly customers: Map<string, CustomerObject>;
  readonly invoices: Map<string, InvoiceObject>;
  readonly lines: Map<string, LineObject[]>;
  readonly payments: Map<string, PaymentObject>;
  readonly charges: Map<string, ChargeObject>;
  readonly methods: Map<string, PaymentMethodObject>;
  /** Which test card each payment method is, by the method's id. */
  readonly cards: Map<string, string>;
  readonly others: Map<string, PlainObject>;
  readonly events: EventObject[];
  /** Where its pages are; set once it listens. */
  origin: string;
  nextId(prefix: string): string;
  seconds(): number;
  /** The time of a customer on a test clock is that clock's. */
  secondsOf(customer: string): number;
  /** Records that something happened; whoever listens delivers it. @param before what an update has changed, as it was */
  emit(type: string, object: object, before?: object): void;
}

/** What the events of this stand-in are written in: the SDK's version. */
export const API_VERSION = '2026-10-28.endive';

export function newStore(clock: Clock, onEvent: (event: EventObject) => void): Store {
  const counters = new Map<string, number>();
  const events: EventObject[] = [];
  const customers = new Map<string, CustomerObject>();
  const others = new Map<string, PlainObject>();
  const nextId = (prefix: string) => {
    const count = (counters.get(prefix) ?? 0) + 1;
    counters.set(prefix, count);
    return `${prefix}_${String(count).padStart(14, '0')}`;
  };
  const seconds = () => Math.floor(clock.now() / SECOND_MS);
  return {
    ...{ clock, customers, others, events, nextId, seconds },
    ...{ invoices: new Map(), lines: new Map(), payments: new Map(), charges: new Map() },
    ...{ methods: new Map(), cards: new Map() },
    origin: '',
    secondsOf(customer) {
      const testClock = others.get(customers.get(customer)?.test_clock ?? '');
      return testClock ? Number(testClock.frozen_time) : seconds();
    },
    emit(type, object, before) {
      const event: EventObject = {
        id: nextId('evt'),
        object: 'event',
        api_version: API_VERSION,
        type,
        created: seconds(),
        livemode: false,
        pending_webhooks: 1,
        request: null,
        data: { object: structuredClone(object), ...(before ? { previous_attributes: structuredClone(before) } : {}) },
      };
      events.push(event);
      onEvent(event);
    },
  };
}

/** Keeps one of the plain objects under a new id. */
export function keep(store: Store, prefix: string, object: string, fields: Record<string, unknown>): PlainObject {
  // Alone among them, a refund does not say whether it is real.
  const mode = object === 'refund' ? {} : { livemode: false };
  const item: PlainObject = { id: store.nextId(prefix), object, created: store.seconds(), ...mode, ...fields };
  store.others.set(item.id, item);
  return item;
}

export const plain = (store: Store, object: string): PlainObject[] =>
  [...store.others.values()].filter((item) => item.object === object);

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
