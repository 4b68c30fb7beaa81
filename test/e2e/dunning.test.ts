import { HOUR_MS, MINUTE_MS } from '../../lib/domain/time/time.ts';
import { DECLINING_CARD, GOOD_CARD } from '../../lib/local/stripe/payments.ts';
import { anchored, startShop, stopShops } from './shop.ts';

/** 12 hours before the period ends: 12/744 of its fee are enough to be charged. */
const START = Date.UTC(2026, 0, 1, 12);
const END = Date.UTC(2026, 0, 2);

afterAll(stopShops);

test('a customer who does not pay: grace, suspended, restored; each reaches the authorizer within a minute', async () => {
  const { tollgate, clock } = await startShop({ start: START, stripe: { cardOf: () => DECLINING_CARD } });
  const { cloud, stripe, stores } = tollgate;
  const api = (await cloud.listen(cloud.gateway(), 0)).url();
  await tollgate.importCustomers([anchored(2, 'acme', 'retail')]);
  const key = await tollgate.createKey('acme', 'production', 'live');
  await cloud.settle(HOUR_MS / 2);
  const call = async () => {
    const answer = await fetch(`${api}/search`, { headers: { 'x-api-key': key } });
    return [answer.status, ((await answer.json()) as { reason?: string }).reason];
  };
  /** Webhooks are delivered, and a minute goes by. */
  const aMinuteLater = async () => {
    await stripe.advance();
    await clock.advanceBy(MINUTE_MS);
    return call();
  };
  expect(await call()).toEqual([200, undefined]);

  for (let at = END; at <= END + 30 * HOUR_MS; at += HOUR_MS) await clock.advanceTo(at);
  const [record] = await stores.invoices.ofCustomer('acme');
  expect(record).toMatchObject({ state: 'FINALIZED', payment: { exhausted: false } });
  expect(record?.payment.overdueSince).not.toBeNull();
  expect(await stores.directory.profile('acme')).toMatchObject({ status: 'grace', statusReason: 'payment-overdue' });
  expect(await aMinuteLater()).toEqual([200, undefined]);

  // The team writes it off at Stripe.
  const id = record?.stripe.invoice ?? '';
  const atStripe = `http://${stripe.host}:${stripe.port}`;
  const headers = { authorization: 'Bearer sk_test_x' };
  await fetch(`${atStripe}/v1/invoices/${id}/mark_uncollectible`, { method: 'POST', headers });
  expect(await aMinuteLater()).toEqual([403, 'payment-overdue']);

  // The customer pays after all, with another card.
  const body = new URLSearchParams({ payment_method: GOOD_CARD });
  await fetch(`${atStripe}/v1/invoices/${id}/pay`, { method: 'POST', headers, body });
  expect(await aMinuteLater()).toEqual([200, undefined]);
  expect((await stores.invoices.ofCustomer('acme'))[0]?.state).toBe('PAID');
}, 60_000);
