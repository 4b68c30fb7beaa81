import { PassThrough } from 'node:stream';
import { invoiceCustomer } from '../../lib/app/invoice-customer/invoice-customer.ts';
import { addCreditsCommand } from '../../lib/cli/credits.ts';
import { runGrant, runList, runTopUp } from '../../lib/cli/credits-run.ts';
import { addInvoiceCommand } from '../../lib/cli/invoice.ts';
import {
  type Open,
  runAct,
  runApprove,
  runCorrect,
  runHeld,
  runInvoicing,
  runPreview,
  runRefund,
  runShow,
} from '../../lib/cli/invoice-run.ts';
import type { Io } from '../../lib/cli/io.ts';
import { main } from '../../lib/cli/main.ts';
import type { RateCard } from '../../lib/domain/pricing/rate-card.ts';
import { closed, decision, FREE, GROWTH, key, ruleset } from '../app/invoice-customer/fixtures.ts';
import { type World, world } from '../app/invoice-customer/world.ts';

const cheap: RateCard = {
  ...GROWTH,
  id: 'cheap',
  charges: [{ id: 'platform', price: { model: 'flat', amount: '19.00' } }, ...GROWTH.charges.slice(1)],
};
let open: World | undefined;
afterEach(() => open?.close());

async function shop(options: Parameters<typeof world>[0] = {}) {
  const w = await world({
    ...{ rows: [closed('2026-01-15T10', '250000')], decisions: [decision()] },
    ...{ rulesets: { r1: ruleset([GROWTH, FREE, cheap]) }, ...options },
  });
  open = w;
  const stack: Open = async () => ({ ...w.operating, invoiceDelayHours: 27 });
  return { w, stack };
}

function terminal() {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const io: Io = {
    ...{ stdout, stderr, stdin: new PassThrough(), env: { TOLLGATE_OPERATOR: 'ann' }, cwd: '/', exitCode: 0 },
    ...{ isTerminal: { stdout: false, stderr: false }, clock: { now: () => 0 }, signal: new AbortController().signal },
  };
  const text = () => String(stdout.read() ?? '');
  return { io, text, errors: () => String(stderr.read() ?? '') };
}

const acme = { customer: 'acme', period: '2026-01', kind: 'usage' };
const why = { reason: 'agreed' };

describe('tollgate invoice preview', () => {
  test('shows the invoice that would be made, and makes none', async () => {
    const { w, stack } = await shop();
    const { io, text } = terminal();
    await runPreview(acme, io, stack);
    const shown = text();
    expect(shown).toContain('as it would be made now, nothing is written');
    expect(shown).toMatch(/flat platform +49\.00/);
    expect(shown).toMatch(/total +145\.00 USD/);
    expect(await w.invoices.headsOf('acme')).toEqual([]);
    expect(w.standIn.requests).toEqual([]);
  });
  test('says which hour is not closed', async () => {
    const { stack } = await shop({ closed: false });
    const { io, text } = terminal();
    await runPreview(acme, io, stack);
    expect(text()).toContain('the hour 2026-01-01T00:00:00Z is not closed');
  });
  test('shows what another price would have come to, from an hour on', async () => {
    const { w, stack } = await shop();
    await invoiceCustomer(key(), w.ports);
    const { io, text } = terminal();
    await runPreview({ ...acme, rateCard: 'cheap@2026-01-01', json: true }, io, stack);
    expect(JSON.parse(text())).toMatchObject({ before: '145.00', after: '115.00', difference: '-30.00' });
    await runPreview({ ...acme, discount: ['goodwill=10%'] }, io, stack);
    expect(text()).toContain('rated so far 145.00 USD, with the correction 130.50 USD: difference -14.50 USD');
    expect(await w.corrections.ofCustomer('acme')).toEqual([]);
  });
  test.each([
    [{ ...acme, discount: ['ten'] }, 'is no discount'],
    [{ ...acme, period: 'January' }, 'RFC 3339'],
    [{ ...acme, kind: 'yearly' }, 'none of usage'],
    [{ ...acme, customer: 'nobody' }, 'no customer nobody'],
    [{ ...acme, period: '2027-09' }, 'no usage invoice of acme'],
    [{ ...acme, asOf: '2026-01-05' }, '--rate-card or --discount'],
  ])('%j is refused', async (flags, message) => {
    const { stack } = await shop();
    await expect(runPreview(flags, terminal().io, stack)).rejects.toThrow(message);
  });
});

test('tollgate invoice show prints every line and its why, and what was done', async () => {
  const { w, stack } = await shop();
  await invoiceCustomer(key(), w.ports);
  const { io, text } = terminal();
  await runRefund({ ...acme, ...why, amount: '5.00' }, io, stack);
  expect(text()).toMatch(/credit note cn_\S+ of 5\.00/);
  await runShow(acme, io, stack);
  const shown = text();
  expect(shown).toContain('acme, usage, 2026-01-01T00:00:00Z to 2026-02-01T00:00:00Z: FINALIZED, at Stripe in_');
  expect(shown).toContain('growth@2026-01-01, rule growth-for-startups, rules commit-r1, hours 2026-01-01T00:00:00Z');
  expect(shown).toMatch(/0003 usage calls +96\.00 /);
  expect(shown).toMatch(/credit by ann: agreed/);
  await runShow({ ...acme, json: true }, io, stack);
  expect(JSON.parse(text())).toMatchObject({
    key: { start: '2026-01-01T00:00:00Z' },
    creditNotes: [{ amount: '5.00' }],
  });
  await expect(runShow({ ...acme, period: '2026-02' }, io, stack)).rejects.toThrow('begins in 2026-02');
});

describe('tollgate invoice run', () => {
  test('asks for all that is due, or for one', async () => {
    const { w, stack } = await shop();
    const { io, text } = terminal();
    await runInvoicing({ kind: 'usage' }, io, stack);
    expect(text()).toBe('looked at 1 customers, asked for 1 invoices\n');
    await runInvoicing(acme, io, stack);
    expect(text()).toBe('asked for 1 invoice\n');
    expect(w.queued).toEqual([key(), key()]);
    await expect(runInvoicing({ kind: 'usage', customer: 'acme' }, io, stack)).rejects.toThrow('go together');
  });
});

test('tollgate invoice held, approve: what waits is listed, and goes on', async () => {
  const { w, stack } = await shop({ settings: { mode: 'live', approveFirstRun: true, anomaly: null } });
  await invoiceCustomer(key(), w.ports);
  const { io, text } = terminal();
  await runHeld({ kind: 'usage' }, io, stack);
  expect(text()).toContain('first-run: the first run waits');
  await runApprove(why, io, stack);
  expect(text()).toBe('approved: 1 held invoices go on\n');
  await runHeld({ kind: 'usage' }, io, stack);
  expect(text()).toBe('no invoice is held\n');
  expect(await invoiceCustomer(key(), w.ports)).toBe('invoiced');
});

test('tollgate invoice correct shows the difference, and records it only with --apply', async () => {
  const { w, stack } = await shop();
  await invoiceCustomer(key(), w.ports);
  const { io, text } = terminal();
  const flags = { ...acme, ...why, rateCard: 'cheap@2026-01-01' };
  await runCorrect(flags, io, stack);
  expect(text()).toContain('nothing is recorded: --apply does it');
  expect(await w.corrections.ofCustomer('acme')).toEqual([]);
  await runCorrect({ ...flags, apply: true }, io, stack);
  expect(text()).toContain('difference -30.00 USD\nrecorded');
  expect(await w.corrections.ofCustomer('acme')).toMatchObject([{ by: 'ann', reason: 'agreed' }]);
});

test('tollgate invoice correct --credit-note gives it back at once', async () => {
  const { w, stack } = await shop();
  await invoiceCustomer(key(), w.ports);
  const { io, text } = terminal();
  const flags = { ...acme, ...why, rateCard: 'cheap@2026-01-01', creditNote: true } as const;
  await runCorrect(flags, io, stack);
  expect(text()).toContain('nothing is recorded: --apply does it');
  await runCorrect({ ...flags, apply: true }, io, stack);
  expect(text()).toMatch(/credited by cn_\S+, 30\.00: the next usage invoice takes nothing more/);
  await runCorrect({ ...flags, apply: true, json: true }, io, stack);
  expect(JSON.parse(text())).toMatchObject({ applied: true, note: { state: 'ISSUED', amount: '30.00' } });
  expect((await w.invoices.get(key()))?.creditNotes).toHaveLength(1);
  const { creditNote: _, ...without } = flags;
  await expect(runCorrect({ ...without, toBalance: true }, io, stack)).rejects.toThrow('goes with --credit-note');
});

describe('deeds', () => {
  test.each([
    ['release', 'not held'],
    ['drop', 'Stripe has it'],
  ] as const)('%s of an invoice that is out says why not', async (name, message) => {
    const { w, stack } = await shop();
    await invoiceCustomer(key(), w.ports);
    await expect(runAct(name, { ...acme, ...why }, terminal().io, stack)).rejects.toThrow(message);
  });
  test.each([
    ['void', 'VOID', 'acme 2026-01: voided\n'],
    ['write-off', 'UNCOLLECTIBLE', 'acme 2026-01: written off\n'],
  ] as const)('%s', async (name, state, said) => {
    const { w, stack } = await shop();
    await invoiceCustomer(key(), w.ports);
    const { io, text } = terminal();
    await runAct(name, { ...acme, ...why }, io, stack);
    expect(text()).toBe(said);
    expect(await w.invoices.get(key())).toMatchObject({ state, acts: [{ act: name, by: 'ann' }] });
  });
  test('while Stripe is away: exit 75, and what to do', async () => {
    let away = false;
    const { w, stack } = await shop({ fault: () => (away ? { kind: 'status', status: 503 } : undefined) });
    await invoiceCustomer(key(), w.ports);
    away = true;
    const { io, errors } = terminal();
    await runAct('void', { ...acme, ...why }, io, stack);
    expect(io.exitCode).toBe(75);
    expect(errors()).toContain('run it again');
    expect((await w.invoices.get(key()))?.state).toBe('FINALIZED');
  });
  test.each([
    [{ amount: '1.00', line: ['0001=1.00'] }, 'not both'],
    [{ line: ['one=1'] }, 'is not such as'],
    [{ amount: '146.00' }, 'only 145.00 USD is left'],
  ])('refund of %j is refused', async (flags, message) => {
    const { w, stack } = await shop();
    await invoiceCustomer(key(), w.ports);
    await expect(runRefund({ ...acme, ...why, ...flags }, terminal().io, stack)).rejects.toThrow(message);
  });
});

test('tollgate credits: granted, listed, sold', async () => {
  const { w, stack } = await shop();
  const { io, text } = terminal();
  const grant = { customer: 'acme', amount: '50.00', currency: 'USD', expires: '2027-01-01', id: 'welcome', ...why };
  await runGrant(grant, io, stack);
  expect(text()).toBe('acme has 50.00 USD of credit welcome\n');
  await runList({ customer: 'acme' }, io, stack);
  expect(text()).toContain('50.00 of 50.00 USD  welcome, promo, until 2027-01-01T00:00:00Z: agreed (ann)');
  await runTopUp({ customer: 'acme', amount: '500.00', ...why }, io, stack);
  expect(text()).toBe('acme: invoice of 500.00 USD, RATED; credit once it is paid\n');
  expect(w.queued).toMatchObject([{ kind: 'top-up' }]);
  await expect(runGrant({ ...grant, expires: 'soon' }, io, stack)).rejects.toMatchObject({ path: '--expires' });
});

describe('--help', () => {
  test.each([
    [
      'invoice',
      'preview',
      'run',
      'show',
      'verify',
      'compare',
      'held',
      'correct',
      'release',
      'drop',
      'approve',
      'void',
      'refund',
      'write-off',
    ],
    ['credits', 'grant', 'list', 'top-up'],
  ])('%s: each command has an example and its exit codes', async (group, ...names) => {
    for (const name of names) {
      const { io, text } = terminal();
      await main([group, name, '--help'], io, [addInvoiceCommand, addCreditsCommand], '1.0.0');
      const shown = text();
      expect(shown).toContain(`$ tollgate ${group} ${name}`);
      expect(shown).toContain('Exit codes: 0 done');
      expect(io.exitCode).toBe(0);
    }
  });
});
