import Stripe from 'stripe';
import { unlimited } from '../../../lib/adapters/stripe/limiter.ts';
import { invoiceMetadata, readInvoiceMetadata } from '../../../lib/adapters/stripe/metadata.ts';
import { remoteInvoice } from '../../../lib/adapters/stripe/remote-invoice.ts';
import { stripeBilling } from '../../../lib/adapters/stripe/stripe-billing.ts';
import { stripeCorrections } from '../../../lib/adapters/stripe/stripe-corrections.ts';
import { INVOICE_KINDS } from '../../../lib/domain/invoicing/invoice.ts';
import { parseMonth } from '../../../lib/domain/time/time.ts';
import { type StandInOptions, type StripeStandIn, startStripeStandIn } from '../../../lib/local/stripe/stand-in.ts';
import { adapterCalls } from '../../stripe/adapter-calls.ts';

let standIn: StripeStandIn | undefined;
afterEach(() => standIn?.close());

async function start(options: Partial<StandInOptions> = {}) {
  const made = await startStripeStandIn({ clock: { now: () => 1_770_000_000_000 }, ...options });
  standIn = made;
  const { host, port } = made;
  return new Stripe('sk_test_x', { host, port, protocol: 'http', maxNetworkRetries: 0, telemetry: false });
}

/** As much of an invoice as is read. */
const invoice = (change: object): Stripe.Invoice =>
  ({
    ...{ id: 'in_1', status: 'open', metadata: {}, currency: 'usd', subtotal: 3_000, total_taxes: null },
    ...{ hosted_invoice_url: null, starting_balance: 0, ending_balance: 0 },
    ...change,
  }) as Stripe.Invoice;

describe('what is read of an invoice', () => {
  test.each([
    { why: 'a draft has applied nothing', starting_balance: -500, ending_balance: null, applied: '0.00' },
    { why: 'credit lowers what is due', starting_balance: -500, ending_balance: -200, applied: '-3.00' },
    { why: 'a debt raises it', starting_balance: 40, ending_balance: 0, applied: '0.40' },
    { why: 'too small to charge: carried over', starting_balance: 0, ending_balance: 40, applied: '-0.40' },
  ])('$why', ({ starting_balance, ending_balance, applied }) => {
    expect(remoteInvoice(invoice({ starting_balance, ending_balance })).balanceApplied).toBe(applied);
  });
  test('only tax that comes on top is tax', () => {
    const total_taxes = [
      { amount: 570, tax_behavior: 'exclusive' },
      { amount: 100, tax_behavior: 'inclusive' },
    ];
    expect(remoteInvoice(invoice({ total_taxes })).tax).toBe('5.70');
  });
  test('a state that is not known is no draft', () => {
    expect(() => remoteInvoice(invoice({ status: 'frozen' }))).toThrow('in_1 is frozen');
  });
  test.each(INVOICE_KINDS)('an invoice of kind %s is known again by its metadata', (kind) => {
    const key = { customer: 'acme', period: parseMonth('2026-01'), kind };
    expect(readInvoiceMetadata(invoiceMetadata(key, 'd'))).toEqual({ key, digest: 'd' });
    expect(readInvoiceMetadata({ ...invoiceMetadata(key, 'd'), tollgate_kind: 'other' })).toBeNull();
  });
});

test('every call that changes something carries an idempotency key, and none that only looks', async () => {
  const stripe = await start({ fault: () => undefined });
  // Most are refused, since nothing of it is there: what counts is what was sent.
  for (const [, call] of adapterCalls(stripe)) await call();
  const { id } = await stripe.customers.create({ name: 'A' }, { idempotencyKey: 'setup' });
  const billing = stripeBilling(async () => stripe, unlimited);
  const corrections = stripeCorrections(async () => stripe, unlimited);
  const key = { customer: 'a', period: parseMonth('2026-01'), kind: 'usage' as const };
  const terms = { netTermsDays: null, purchaseOrder: null, memo: null, automaticTax: false };
  const draft = { stripeCustomer: id, key, currency: 'USD', total: '1.00', digest: 'd', ...terms };
  for (const act of ['voidInvoice', 'markUncollectible', 'collect'] as const) {
    const made = await billing.createInvoice(draft, `create-${act}`);
    if (!made.ok) throw new Error(made.fault.message);
    await billing.finalizeInvoice(made.value.id, `finalize-${act}`);
    await corrections[act](made.value.id, `act-${act}`);
  }
  const posts = standIn?.requests.filter(({ method }) => method === 'POST') ?? [];
  expect(posts.length).toBeGreaterThan(15);
  expect(posts.filter(({ idempotencyKey }) => !idempotencyKey).map(({ path }) => path)).toEqual([]);
  expect(new Set(posts.map(({ idempotencyKey }) => idempotencyKey)).size).toBe(posts.length);
});

test.each([
  { fault: { kind: 'status', status: 429 } as const, kind: 'transient', code: 'rate_limit' },
  { fault: { kind: 'status', status: 500 } as const, kind: 'transient', code: 'api_error' },
  { fault: { kind: 'cut' } as const, kind: 'transient', code: 'StripeConnectionError' },
])('$fault is $kind', async ({ fault, kind, code }) => {
  const stripe = await start({ fault: () => fault });
  const answer = await stripeCorrections(async () => stripe, unlimited).listCreditNotes('in_1');
  expect(answer).toMatchObject({ ok: false, fault: { kind, code } });
});
