import { badRequest, missingParam, noSuch } from './errors.ts';
import { type Form, textOf, wholeNumber } from './form.ts';
import type { PlainObject } from './objects.ts';
import { collectDue } from './payments.ts';
import { keep, newestFirst, page, plain, type Store } from './store.ts';

/** A clock of their own for some customers: time passes for them when it is advanced. */
export function createClock(store: Store, form: Form): object {
  const frozen_time = wholeNumber(form, 'frozen_time');
  if (frozen_time === undefined) throw missingParam('frozen_time');
  return keep(store, 'clock', 'test_helpers.test_clock', {
    ...{ frozen_time, name: textOf(form.name) ?? null, status: 'ready', status_details: {} },
    deletes_after: store.seconds() + 30 * 86_400,
  });
}

export function clockOf(store: Store, id: string): PlainObject {
  const clock = store.others.get(id);
  if (clock?.object !== 'test_helpers.test_clock') throw noSuch('test_clock', id);
  return clock;
}

export const listClocks = (store: Store, query: Form): object =>
  page(newestFirst(plain(store, 'test_helpers.test_clock')), query, '/v1/test_helpers/test_clocks');

/** Does what is due on the way, each at its time. Stripe is "advancing" for a while; here it is done with the answer. */
export function advanceClock(store: Store, id: string, form: Form): object {
  const clock = clockOf(store, id);
  const until = wholeNumber(form, 'frozen_time');
  if (until === undefined) throw missingParam('frozen_time');
  if (until < Number(clock.frozen_time)) throw badRequest('A test clock only moves forward.');
  for (let next = nextDue(store, id, until); next !== undefined; next = nextDue(store, id, until)) {
    clock.frozen_time = Math.max(next, Number(clock.frozen_time));
    collectDue(store);
  }
  clock.frozen_time = until;
  store.emit('test_helpers.test_clock.ready', clock);
  return { ...clock, status: 'advancing' };
}

function nextDue(store: Store, clock: string, until: number): number | undefined {
  let next: number | undefined;
  for (const invoice of store.invoices.values()) {
    const customer = store.customers.get(invoice.customer);
    if (customer?.test_clock !== clock || customer.deleted) continue;
    if (invoice.status !== 'open' || !invoice.auto_advance) continue;
    const due = invoice.next_payment_attempt ?? (invoice.attempted ? null : invoice.due_date);
    if (due !== null && due <= until && (next === undefined || due < next)) next = due;
  }
  return next;
}

export function deleteClock(store: Store, id: string): object {
  clockOf(store, id);
  for (const customer of store.customers.values()) if (customer.test_clock === id) customer.deleted = true;
  store.others.delete(id);
  return { id, object: 'test_helpers.test_clock', deleted: true };
}
