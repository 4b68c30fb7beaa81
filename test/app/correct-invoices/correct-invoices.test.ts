import { voidInvoice, writeOffInvoice } from '../../../lib/app/correct-invoices/correct-invoices.ts';
import { creditCorrection } from '../../../lib/app/correct-invoices/credit-correction.ts';
import { creditInvoice } from '../../../lib/app/correct-invoices/credit-note.ts';
import { previewCorrection, recordCorrection } from '../../../lib/app/correct-invoices/price-correction.ts';
import { invoiceCustomer } from '../../../lib/app/invoice-customer/invoice-customer.ts';
import { RetryLater } from '../../../lib/app/invoice-customer/ports.ts';
import type { RateCard } from '../../../lib/domain/pricing/rate-card.ts';
import { DAY_MS } from '../../../lib/domain/time/time.ts';
import type { InjectedFault, StandInRequest } from '../../../lib/local/stripe/stand-in.ts';
import { Crash, crashing } from '../invoice-customer/faults.ts';
import { closed, decision, FEBRUARY, FREE, GROWTH, key, ruleset } from '../invoice-customer/fixtures.ts';
import { type World, world } from '../invoice-customer/world.ts';

const ANN = { by: 'ann@example.com', reason: 'agreed on the phone' };
let open: World | undefined;
afterEach(() => open?.close());

/** An invoice of 145.00: 49 and 240,000 calls; open at Stripe, or paid. */
async function invoiced(paid: boolean, options: Parameters<typeof world>[0] = {}) {
  const w = await world({ rows: [closed('2026-01-15T10', '250000')], decisions: [decision()], ...options });
  open = w;
  expect(await invoiceCustomer(key(), w.ports)).toBe('invoiced');
  if (paid) await w.standIn.advance();
  return w;
}
const stored = async (w: World) => {
  const record = await w.invoices.get(key());
  if (!record) throw new Error('it is stored');
  return record;
};
const issuedAt = async (w: World) => {
  const answer = await w.operating.billing.listCreditNotes((await stored(w)).stripe.invoice ?? '');
  return answer.ok ? answer.value : [];
};
const nth = (path: RegExp, fault: InjectedFault, times = 1) => {
  let seen = 0;
  return ({ method, path: at }: StandInRequest) =>
    method === 'POST' && path.test(at) && seen++ < times ? fault : undefined;
};

describe('void', () => {
  test('takes an open invoice back, once, with who and why', async () => {
    const w = await invoiced(false);
    await voidInvoice(key(), ANN, w.operating);
    await voidInvoice(key(), ANN, w.operating);
    expect(w.remoteInvoices()).toMatchObject([{ status: 'void' }]);
    expect(await stored(w)).toMatchObject({ state: 'VOID', acts: [{ act: 'void', ...ANN }] });
  });
  test('of a paid one is refused, with what to do instead', async () => {
    const w = await invoiced(true);
    await expect(voidInvoice(key(), ANN, w.operating)).rejects.toMatchObject({ code: 'paid' });
  });
  test.each<[string, InjectedFault]>([
    ['500 before the work', { kind: 'status', status: 500 }],
    ['500 after the work', { kind: 'status', status: 500, afterWork: true }],
    ['500 saved, after the work', { kind: 'status', status: 500, afterWork: true, saved: true }],
    ['500 saved, before the work', { kind: 'status', status: 500, saved: true }],
    ['429', { kind: 'status', status: 429 }],
  ])('%s, and again', async (_, fault) => {
    const w = await invoiced(false, { fault: nth(/void$/, fault) });
    await expect(voidInvoice(key(), ANN, w.operating)).rejects.toThrow(RetryLater);
    await voidInvoice(key(), ANN, w.operating);
    expect(w.remoteInvoices()).toMatchObject([{ status: 'void' }]);
    expect((await stored(w)).acts).toHaveLength(1);
  });
});

test('write-off: Stripe calls it uncollectible, and a payment may still come', async () => {
  const w = await invoiced(false);
  await writeOffInvoice(key(), ANN, w.operating);
  await writeOffInvoice(key(), ANN, w.operating);
  expect(w.remoteInvoices()).toMatchObject([{ status: 'uncollectible' }]);
  expect(await stored(w)).toMatchObject({ state: 'UNCOLLECTIBLE', acts: [{ act: 'write-off', ...ANN }] });
});

describe('credit notes', () => {
  const of = [{ line: '0001', amount: '9.00' }];

  test('lines with amounts, paid back; the invoice stays as it was', async () => {
    const w = await invoiced(true);
    const before = await stored(w);
    const note = await creditInvoice(key(), { ...ANN, of, refund: true }, w.operating);
    expect(note).toMatchObject({ state: 'ISSUED', amount: '9.00', lines: [{ line: '0001', why: ANN.reason }] });
    const after = await stored(w);
    expect(after.invoice).toEqual(before.invoice);
    expect(after).toMatchObject({ state: 'PAID', creditNotes: [{ id: note.id }], acts: [{ act: 'credit', ...ANN }] });
  });
  test('the same one twice is one', async () => {
    const w = await invoiced(true);
    const request = { ...ANN, of, refund: true };
    await creditInvoice(key(), request, w.operating);
    await creditInvoice(key(), request, w.operating);
    expect((await stored(w)).creditNotes).toHaveLength(1);
    expect(await issuedAt(w)).toHaveLength(1);
  });
  test('of the whole of what is left', async () => {
    const w = await invoiced(false);
    await creditInvoice(key(), { ...ANN, of, refund: false }, w.operating);
    const rest = await creditInvoice(key(), { ...ANN, of: 'whole', refund: false }, w.operating);
    expect(rest.amount).toBe('136.00');
    await expect(creditInvoice(key(), { ...ANN, id: 'x', of: 'whole', refund: false }, w.operating)).rejects.toThrow(
      'nothing is left',
    );
  });
  test.each([
    ['more than the line', [{ line: '0001', amount: '49.01' }], 'only 49'],
    ['more than the invoice', { amount: '145.01' }, 'only 145.00 USD is left'],
    ['a line that is not there', [{ line: '0099', amount: '1.00' }], 'no line 0099'],
    ['too many decimals', [{ line: '0001', amount: '1.001' }], 'at most 2'],
    ['nothing', { amount: '0' }, 'not an amount above 0'],
  ])('%s is refused', async (_, wanted, message) => {
    const w = await invoiced(true);
    await expect(creditInvoice(key(), { ...ANN, of: wanted, refund: true }, w.operating)).rejects.toThrow(message);
    expect((await stored(w)).creditNotes).toEqual([]);
  });
  test.each<[string, InjectedFault]>([
    ['500 before the work', { kind: 'status', status: 500 }],
    ['500 after the work', { kind: 'status', status: 500, afterWork: true }],
    ['500 saved, after the work', { kind: 'status', status: 500, afterWork: true, saved: true }],
    ['500 saved, before the work', { kind: 'status', status: 500, saved: true }],
  ])('%s, and again: one note', async (_, fault) => {
    const w = await invoiced(true, { fault: nth(/credit_notes$/, fault) });
    const request = { ...ANN, of, refund: true };
    await expect(creditInvoice(key(), request, w.operating)).rejects.toThrow(RetryLater);
    expect((await stored(w)).creditNotes).toMatchObject([{ state: 'DECIDED' }]);
    await creditInvoice(key(), request, w.operating);
    expect(await issuedAt(w)).toHaveLength(1);
    expect((await stored(w)).creditNotes).toMatchObject([{ state: 'ISSUED' }]);
  });
  test.each(['before', 'after'] as const)('killed %s each call and said again: one note', async (when) => {
    for (let at = 1; ; at++) {
      const w = await invoiced(true);
      const request = { ...ANN, of, refund: true };
      const { ports } = crashing(w.operating, at, when);
      const crashed = await creditInvoice(key(), request, {
        ...w.operating,
        ...ports,
      })
        .then(() => false)
        .catch((error) => error instanceof Crash);
      const note = await creditInvoice(key(), request, w.operating);
      expect(note.state).toBe('ISSUED');
      expect(await issuedAt(w)).toHaveLength(1);
      expect((await stored(w)).acts).toHaveLength(1);
      await w.close();
      if (!crashed) return expect(at).toBeGreaterThan(4);
    }
  });
});

describe('a wrong price', () => {
  const cheap: RateCard = {
    ...GROWTH,
    id: 'cheap',
    charges: [{ id: 'platform', price: { model: 'flat', amount: '19.00' } }, ...GROWTH.charges.slice(1)],
  };
  const rulesets = { r1: ruleset([GROWTH, FREE, cheap]) };
  const request = { ...ANN, key: key(), rateCard: 'cheap@2026-01-01' };

  test('the difference is shown, and nothing is written', async () => {
    const w = await invoiced(true, { rulesets });
    const preview = await previewCorrection(request, w.operating);
    expect(preview).toMatchObject({ before: '145.00', after: '115.00', difference: '-30.00', currency: 'USD' });
    expect(await w.corrections.ofCustomer('acme')).toEqual([]);
  });
  test('recorded, the next invoice takes it off, once', async () => {
    const w = await invoiced(true, { rulesets });
    await recordCorrection(request, w.operating);
    await recordCorrection(request, w.operating);
    expect(await w.corrections.ofCustomer('acme')).toHaveLength(1);
    expect((await stored(w)).acts).toMatchObject([{ act: 'correct', ...ANN }]);
    w.usage.close(FEBRUARY);
    w.later(28 * DAY_MS);
    expect(await invoiceCustomer(key('acme', FEBRUARY), w.ports)).toBe('invoiced');
    expect((await w.invoices.get(key('acme', FEBRUARY)))?.invoice).toMatchObject({ total: '19.00' });
    const march = { start: FEBRUARY.end, end: FEBRUARY.end + 31 * DAY_MS };
    w.usage.close(march);
    w.later(31 * DAY_MS);
    expect(await invoiceCustomer(key('acme', march), w.ports)).toBe('invoiced');
    expect((await w.invoices.get(key('acme', march)))?.invoice).toMatchObject({ total: '49.00' });
  });
  test.each([
    ['without a price', { ...ANN, key: key() }, 'says what price'],
    ['of a period that was not invoiced', { ...request, key: key('acme', FEBRUARY) }, 'was not invoiced yet'],
    ['with a card that is not there', { ...request, rateCard: 'gone@2026-01-01' }, 'gone'],
  ])('%s is refused', async (_, wanted, message) => {
    const w = await invoiced(true, { rulesets });
    await expect(recordCorrection(wanted, w.operating)).rejects.toThrow(message);
    expect(await w.corrections.ofCustomer('acme')).toEqual([]);
  });

  test('of who has left is refused where no invoice follows, and may be credited', async () => {
    const w = await invoiced(true, { rulesets });
    const profile = await w.directory.profile('acme');
    if (!profile) throw new Error('acme is registered');
    const left = { ...profile, status: 'closed' as const, statusSince: Date.UTC(2025, 11, 20) };
    await w.directory.save({ ...left, version: profile.version + 1 });
    await expect(recordCorrection(request, w.operating)).rejects.toMatchObject({ code: 'no-next-invoice' });
    const { note } = await creditCorrection({ ...request, refund: true }, w.operating);
    expect(note).toMatchObject({ state: 'ISSUED' });
    // One that left later still gets an invoice of late usage.
    const again = (await w.directory.profile('acme')) ?? left;
    await w.directory.save({ ...again, statusSince: Date.UTC(2026, 0, 20), version: again.version + 1 });
    const { rateCard: _, ...other } = request;
    await recordCorrection({ ...other, discounts: [{ id: 'sorry', percent: '5' }] }, w.operating);
    expect(await w.corrections.ofCustomer('acme')).toHaveLength(2);
  });

  const credit = { ...request, refund: true };
  const later = async (w: World) => {
    w.usage.close(FEBRUARY);
    w.later(28 * DAY_MS);
    expect(await invoiceCustomer(key('acme', FEBRUARY), w.ports)).toBe('invoiced');
    return (await w.invoices.get(key('acme', FEBRUARY)))?.invoice;
  };
  test('given back at once by a credit note on the line that was too high: the next invoice takes nothing more', async () => {
    const w = await invoiced(true, { rulesets });
    const { note } = await creditCorrection(credit, w.operating);
    expect(note).toMatchObject({ state: 'ISSUED', amount: '30.00', lines: [{ line: '0001', amount: '30.00' }] });
    await creditCorrection(credit, w.operating);
    expect(await issuedAt(w)).toMatchObject([{ amount: '30.00' }]);
    expect(await w.corrections.ofCustomer('acme')).toMatchObject([{ rateCard: 'cheap@2026-01-01', credited: '30.00' }]);
    const invoice = await later(w);
    expect(invoice).toMatchObject({ total: '49.00', rated: [{}, { total: '115.00' }] });
    expect(invoice?.lines.at(-1)).toMatchObject({ kind: 'adjustment', amount: '0.00' });
    expect(invoice?.lines.at(-1)?.explanation).toContain('credited since 30.00');
  });
  test('of a discount on the whole bill is taken from its lines in their order', async () => {
    const w = await invoiced(true, { rulesets });
    const { rateCard: _, ...rest } = credit;
    const { note } = await creditCorrection({ ...rest, discounts: [{ id: 'sorry', percent: '40' }] }, w.operating);
    expect(note.lines).toMatchObject([
      { line: '0001', amount: '49.00' },
      { line: '0003', amount: '9.00' },
    ]);
  });
  test('that makes the bill higher, or was recorded for the next invoice, is not credited', async () => {
    const price = { model: 'flat' as const, amount: '245.00' };
    const dear: RateCard = { ...cheap, id: 'dear', charges: [{ id: 'platform', price }], freeMeters: ['api-calls'] };
    const w = await invoiced(true, { rulesets: { r1: ruleset([GROWTH, FREE, cheap, dear]) } });
    await expect(creditCorrection({ ...credit, rateCard: 'dear@2026-01-01' }, w.operating)).rejects.toMatchObject({
      code: 'nothing-to-credit',
    });
    await recordCorrection(request, w.operating);
    await expect(creditCorrection(credit, w.operating)).rejects.toMatchObject({ code: 'correction-exists' });
    expect(await issuedAt(w)).toEqual([]);
  });
  test.each(['before', 'after'] as const)(
    'credited, killed %s each call and said again: one note, one correction',
    async (when) => {
      for (let at = 1; ; at++) {
        const w = await invoiced(true, { rulesets });
        const { ports } = crashing({ ...w.operating, settings: w.ports.settings }, at, when);
        const crashed = await creditCorrection(credit, ports).then(
          () => false,
          (error) => error instanceof Crash,
        );
        await creditCorrection(credit, w.operating);
        expect(await issuedAt(w)).toMatchObject([{ amount: '30.00' }]);
        expect(await w.corrections.ofCustomer('acme')).toMatchObject([{ credited: '30.00' }]);
        expect((await later(w))?.total).toBe('49.00');
        await w.close();
        if (!crashed) return expect(at).toBeGreaterThan(8);
      }
    },
    60_000,
  );
});
