import { invoiceCustomer } from '../../../lib/app/invoice-customer/invoice-customer.ts';
import { RetryLater } from '../../../lib/app/invoice-customer/ports.ts';
import { ensureStripeCustomer } from '../../../lib/app/invoice-customer/stripe-customer.ts';
import { updateProfile } from '../../../lib/app/provision-access/profiles.ts';
import { withBillingAddress } from '../../../lib/domain/entitlement/billing-address.ts';
import type { StandInOptions } from '../../../lib/local/stripe/stand-in.ts';
import { closed, decision, key } from './fixtures.ts';
import { type World, world } from './world.ts';

let open: World | undefined;
afterEach(() => open?.close());
async function start(fault?: StandInOptions['fault']) {
  open = await world({
    ...{ rows: [closed('2026-01-15T10', '250000')], decisions: [decision()] },
    ...(fault ? { fault } : {}),
  });
  return open;
}
const mailTo = (w: World, email: string) =>
  updateProfile(w.directory, 'acme', (profile) => withBillingAddress(profile, email));
const emailAt = (w: World) => [...w.standIn.store.customers.values()].map(({ email }) => email);
const posts = (w: World) => w.standIn.requests.filter(({ method }) => method === 'POST').map(({ path }) => path);

test('Stripe is told a new address before the next invoice leaves, and nothing while nothing changed', async () => {
  const w = await start();
  const id = await ensureStripeCustomer('acme', w.ports);
  await ensureStripeCustomer('acme', w.ports);
  expect(posts(w)).toEqual(['/v1/customers']);
  await mailTo(w, 'new@acme.example');
  expect(await invoiceCustomer(key(), w.ports)).toBe('invoiced');
  expect(emailAt(w)).toEqual(['new@acme.example']);
  expect(posts(w).slice(0, 3)).toEqual(['/v1/customers', `/v1/customers/${id}`, '/v1/invoices']);
});

test('an address that is the old one again is told again: no saved answer stands for it', async () => {
  const w = await start();
  await ensureStripeCustomer('acme', w.ports);
  for (const email of ['one@acme.example', 'two@acme.example', 'one@acme.example', 'two@acme.example']) {
    await mailTo(w, email);
    await ensureStripeCustomer('acme', w.ports);
    expect(emailAt(w)).toEqual([email]);
  }
});

test('where Stripe is away the invoice waits; a saved error of the call does not stop it for ever', async () => {
  let failing = 0;
  const w = await start(({ method, path }) =>
    failing > 0 && method === 'POST' && /^\/v1\/customers\/cus_\w+$/.test(path) && failing-- > 0
      ? { kind: 'status', status: 500, saved: true }
      : undefined,
  );
  await ensureStripeCustomer('acme', w.ports);
  await mailTo(w, 'new@acme.example');
  failing = 1;
  await expect(invoiceCustomer(key(), w.ports)).rejects.toThrow(RetryLater);
  expect(w.remoteInvoices()).toEqual([]);
  expect(await invoiceCustomer(key(), w.ports)).toBe('invoiced');
  expect(emailAt(w)).toEqual(['new@acme.example']);
});
