import { invoiceCustomer } from '../../../lib/app/invoice-customer/invoice-customer.ts';
import {
  approveFirstRun,
  dropInvoice,
  heldInvoices,
  releaseInvoice,
} from '../../../lib/app/review-invoices/review-invoices.ts';
import { DAY_MS } from '../../../lib/domain/time/time.ts';
import { closed, decision, FEBRUARY, key } from '../invoice-customer/fixtures.ts';
import { type World, world } from '../invoice-customer/world.ts';

const ANN = { by: 'ann@example.com', reason: 'looked at it' };
const LIVE = { mode: 'live', approveFirstRun: false, anomaly: null } as const;
let open: World | undefined;
afterEach(() => open?.close());
const start = async (options: Parameters<typeof world>[0] = {}) => {
  open = await world({ rows: [closed('2026-01-15T10', '250000')], decisions: [decision()], ...options });
  return open;
};
const stored = async (w: World, at = key()) => {
  const record = await w.invoices.get(at);
  if (!record) throw new Error('it is stored');
  return record;
};

describe('the first run', () => {
  const settings = { ...LIVE, approveFirstRun: true };

  test('waits, Stripe hears nothing, and goes out once an operator approved', async () => {
    const w = await start({ settings });
    expect(await invoiceCustomer(key(), w.ports)).toBe('held');
    expect(await stored(w)).toMatchObject({ state: 'HELD', held: { code: 'first-run', from: 'RATED' } });
    expect(w.standIn.requests).toEqual([]);
    expect(await approveFirstRun(ANN, w.operating)).toEqual({ released: 1 });
    expect(w.queued).toEqual([key()]);
    expect(await invoiceCustomer(key(), w.ports)).toBe('invoiced');
    expect((await stored(w)).acts).toMatchObject([{ act: 'release', ...ANN }]);
    expect(await w.approvals.firstRun()).toMatchObject({ act: 'approve', ...ANN });
  });
  test('is approved once; later ones go out at once', async () => {
    const w = await start({ settings });
    await approveFirstRun(ANN, w.operating);
    expect(await approveFirstRun({ ...ANN, by: 'bob@example.com' }, w.operating)).toEqual({ released: 0 });
    expect(await w.approvals.firstRun()).toMatchObject({ by: 'ann@example.com' });
    expect(await invoiceCustomer(key(), w.ports)).toBe('invoiced');
  });
});

test('a shadow month is rated and kept, and Stripe hears nothing', async () => {
  const w = await start({ settings: { ...LIVE, mode: 'shadow' } });
  expect(await invoiceCustomer(key(), w.ports)).toBe('shadow');
  expect(await stored(w)).toMatchObject({ state: 'SHADOW', invoice: { total: '145.00' } });
  expect(await invoiceCustomer(key(), w.ports)).toBe('already-done');
  expect(w.standIn.requests).toEqual([]);
});

describe('a bill beyond the customer’s own history', () => {
  const anomalous = async () => {
    const rows = [closed('2026-01-15T10', '250000'), closed('2026-02-15T10', '9000000')];
    const w = await start({ rows, settings: { ...LIVE, anomaly: { factor: '3', floor: '100' } } });
    expect(await invoiceCustomer(key(), w.ports)).toBe('invoiced');
    w.usage.close(FEBRUARY);
    w.later(28 * DAY_MS);
    expect(await invoiceCustomer(key('acme', FEBRUARY), w.ports)).toBe('held');
    return w;
  };
  const february = key('acme', FEBRUARY);

  test('is held, listed, and released with a reason', async () => {
    const w = await anomalous();
    const held = [];
    for await (const one of heldInvoices(w.operating)) held.push(one);
    expect(held).toMatchObject([{ key: february, held: { code: 'anomaly' } }]);
    await releaseInvoice(february, ANN, w.operating);
    await releaseInvoice(february, { ...ANN, by: 'bob@example.com' }, w.operating);
    expect(await invoiceCustomer(february, w.ports)).toBe('invoiced');
    expect((await stored(w, february)).acts).toMatchObject([{ act: 'release', by: 'ann@example.com' }]);
  });
  test('is dropped with a reason: never sent, and not rated again', async () => {
    const w = await anomalous();
    await dropInvoice(february, ANN, w.operating);
    await dropInvoice(february, ANN, w.operating);
    const record = await stored(w, february);
    expect(record).toMatchObject({ state: 'DROPPED', held: null, acts: [{ act: 'drop', ...ANN }] });
    expect(await invoiceCustomer(february, w.ports)).toBe('already-done');
    expect(w.remoteInvoices()).toHaveLength(1);
    await expect(releaseInvoice(february, ANN, w.operating)).rejects.toThrow('is DROPPED, not held');
  });
});

describe('what cannot be done is said', () => {
  test.each([
    ['release of what is not held', releaseInvoice, 'not held'],
    ['drop of what Stripe has', dropInvoice, 'Stripe has it as in_'],
  ])('%s', async (_, act, message) => {
    const w = await start();
    await invoiceCustomer(key(), w.ports);
    await expect(act(key(), ANN, w.operating)).rejects.toThrow(message);
  });
  test('drop of what could not be rated', async () => {
    const w = await start({ decisions: [] });
    expect(await invoiceCustomer(key(), w.ports)).toBe('held');
    await expect(dropInvoice(key(), ANN, w.operating)).rejects.toThrow('later periods wait for it');
  });
  test('an invoice that is not there', async () => {
    const w = await start();
    await expect(releaseInvoice(key(), ANN, w.operating)).rejects.toThrow('acme has no usage invoice');
  });
});
