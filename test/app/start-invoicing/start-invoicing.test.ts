import { memoryDecisions } from '../../../lib/adapters/memory/decisions.ts';
import { memoryDirectory } from '../../../lib/adapters/memory/directory.ts';
import { memoryInvoices } from '../../../lib/adapters/memory/invoices.ts';
import { FIRST_ATTEMPTS, type InvoiceRecord } from '../../../lib/app/ports/invoices.ts';
import { formatInvoiceMessage, parseInvoiceMessage } from '../../../lib/app/start-invoicing/message.ts';
import { startInvoicing } from '../../../lib/app/start-invoicing/start-invoicing.ts';
import type { InvoiceKey } from '../../../lib/domain/invoicing/invoice.ts';
import { NO_PAYMENT } from '../../../lib/domain/invoicing/payment.ts';
import type { InvoiceState } from '../../../lib/domain/invoicing/state.ts';
import type { RateCard } from '../../../lib/domain/pricing/rate-card.ts';
import type { Ruleset } from '../../../lib/domain/rules/ruleset.ts';
import { DAY_MS, formatTimestamp, HOUR_MS, monthOf, parseTimestamp } from '../../../lib/domain/time/time.ts';
import {
  decision,
  FEBRUARY,
  GROWTH,
  hour,
  JANUARY,
  key,
  profileOf,
  record,
  ruleset,
} from '../invoice-customer/fixtures.ts';

/** One customer decided for a card, and one ruleset for ever. */
const pricing = (rules: Ruleset = ruleset([GROWTH]), effectiveFrom = hour('2026-01-01T00')) => {
  const decisions = memoryDecisions();
  void decisions.record(decision({ effectiveFrom }));
  return { decisions, rulesets: { inForceAt: async () => record('r1') }, parseRuleset: () => rules };
};
const silent = { info: () => {}, warn: () => {}, error: () => {} };

async function run(
  at: string | number,
  { registered = '2026-01-01T00', states = {} as Record<string, InvoiceState>, closedAt = '' } = {},
) {
  const customers = memoryDirectory();
  const profile = profileOf('acme', registered);
  const left = { ...profile, status: 'closed' as const, statusSince: closedAt === '' ? 0 : parseTimestamp(closedAt) };
  await customers.register(closedAt === '' ? profile : left);
  const invoices = memoryInvoices();
  for (const [month, state] of Object.entries(states)) {
    const period = month === '2026-01' ? JANUARY : FEBRUARY;
    const held = state === 'HELD' ? { code: 'x', message: '', from: null, since: 0, released: null } : null;
    const rest = {
      stripe: { customer: null, invoice: null },
      attempts: FIRST_ATTEMPTS,
      payment: NO_PAYMENT,
      creditNotes: [],
      acts: [],
      updatedAt: 0,
      version: 1,
    };
    const stored: InvoiceRecord = { key: key('acme', period), state, invoice: null, held, ...rest };
    await invoices.put(stored);
  }
  const sent: InvoiceKey[] = [];
  const now = typeof at === 'number' ? at : parseTimestamp(at);
  const queue = { send: async (keys: readonly InvoiceKey[]) => void sent.push(...keys) };
  const clock = { now: () => now };
  await startInvoicing({
    ...pricing(),
    customers,
    invoices,
    queue,
    clock,
    log: silent,
    metrics: { count: () => {} },
    delayHours: 27,
  });
  return sent.map(({ period }) => monthOf(period.start));
}

describe('a period is asked for', () => {
  test.each([
    ['27 hours after its end', '2026-02-02T03:00:00Z', {}, ['2026-01']],
    ['not a minute earlier', '2026-02-02T02:59:00Z', {}, []],
    ['with every earlier one that is missing', '2026-03-02T03:00:00Z', {}, ['2026-01', '2026-02']],
    ['not before the customer came', '2026-03-02T03:00:00Z', { registered: '2026-02-10T05' }, ['2026-02']],
    ['again while it is not at Stripe', '2026-02-02T04:00:00Z', { states: { '2026-01': 'LINED' } }, ['2026-01']],
    ['not again when Stripe has it', '2026-02-02T04:00:00Z', { states: { '2026-01': 'FINALIZED' } }, []],
    ['not while it is held', '2026-02-02T04:00:00Z', { states: { '2026-01': 'HELD' } }, []],
    [
      'of who left, as long as corrections can come',
      '2026-04-02T03:00:00Z',
      { closedAt: '2026-01-15T00:00:00Z' },
      ['2026-01', '2026-02'],
    ],
  ] as const)('%s', async (_, at, options, months) => {
    expect(await run(at, options as Parameters<typeof run>[1])).toEqual(months);
  });
  test('a year of months in their order', async () => {
    expect(await run(JANUARY.start + 365 * DAY_MS + 27 * HOUR_MS)).toHaveLength(12);
  });
});

describe('an hourly run', () => {
  async function month(settledAt: string, at: string) {
    const [customers, invoices, asked] = [memoryDirectory(), memoryInvoices(), [] as string[]];
    await invoices.recordSettled({ nextDueAt: JANUARY.end + 27 * HOUR_MS, at: parseTimestamp(settledAt) });
    const looking = {
      ...customers,
      customers: () => {
        asked.push('everyone');
        return customers.customers();
      },
    };
    const queue = { send: async () => {} };
    const clock = { now: () => parseTimestamp(at) };
    const ports = {
      ...pricing(),
      customers: looking,
      invoices,
      queue,
      clock,
      log: silent,
      metrics: { count: () => {} },
    };
    await startInvoicing({ ...ports, delayHours: 27 });
    return { asked: asked.length, settled: await invoices.lastSettled() };
  }
  test.each([
    ['looks at nobody while no new period can have become due', '2026-01-20T10:00:00Z', '2026-01-20T11:00:00Z', 0],
    [
      'looks again a day later, since a held invoice may have been released',
      '2026-01-20T10:00:00Z',
      '2026-01-21T10:00:00Z',
      1,
    ],
    ['looks as soon as a period is due', '2026-02-02T02:00:00Z', '2026-02-02T03:00:00Z', 1],
  ])('%s', async (_, settledAt, at, looks) => {
    expect((await month(settledAt, at)).asked).toBe(looks);
  });
  test('that finds nothing to ask for is remembered, at most for a day', async () => {
    const { settled } = await month('2026-02-01T03:00:00Z', '2026-02-02T03:00:00Z');
    const at = parseTimestamp('2026-02-02T03:00:00Z');
    expect(settled).toEqual({ nextDueAt: at + DAY_MS, at });
  });
});

const IN_ADVANCE: RateCard = {
  ...GROWTH,
  charges: [
    { id: 'platform', price: { model: 'flat', amount: '49.00', due: 'inAdvance' } },
    ...GROWTH.charges.slice(1),
  ],
};

describe('agreements about when', () => {
  interface Given {
    readonly billing?: Readonly<Record<string, unknown>>;
    readonly registered?: string;
    readonly rules?: Ruleset;
    readonly decidedFrom?: string;
    readonly invoiced?: readonly InvoiceKey[];
  }
  async function asked(at: string, given: Given = {}) {
    const customers = memoryDirectory();
    const profile = profileOf('acme', given.registered ?? '2026-01-01T00');
    const overrides = given.billing ? { billing: given.billing } : {};
    await customers.register({ ...profile, customer: { ...profile.customer, overrides } });
    const invoices = memoryInvoices();
    for (const one of given.invoiced ?? []) {
      const blank = { stripe: { customer: null, invoice: null }, attempts: FIRST_ATTEMPTS, payment: NO_PAYMENT };
      const rest = { invoice: null, held: null, creditNotes: [], acts: [], updatedAt: 0, version: 1 };
      await invoices.put({ key: one, state: 'PAID', ...blank, ...rest });
    }
    const sent: string[] = [];
    const send = async (keys: readonly InvoiceKey[]) =>
      void sent.push(
        ...keys.map(({ kind, period }) =>
          [kind, ...[period.start, period.end].map((ms) => formatTimestamp(ms).slice(0, 10))].join(' '),
        ),
      );
    const clock = { now: () => parseTimestamp(at) };
    const priced = pricing(given.rules ?? ruleset([GROWTH]), hour(given.decidedFrom ?? '2026-01-01T00'));
    const ports = { ...priced, customers, invoices, queue: { send }, clock, log: silent, delayHours: 27 };
    await startInvoicing({ ...ports, metrics: { count: () => {} } });
    return { sent, settled: await invoices.lastSettled() };
  }
  const period = (start: string, end: string) => ({
    start: parseTimestamp(`${start}T00:00:00Z`),
    end: parseTimestamp(`${end}T00:00:00Z`),
  });
  const advance = ruleset([IN_ADVANCE]);

  test.each<[string, string, Given, string[]]>([
    [
      'a period begins on the anchor day',
      '2026-02-16T03:00:00Z',
      { billing: { anchor: { day: 15 } }, registered: '2026-01-20T07' },
      ['usage 2026-01-15 2026-02-15'],
    ],
    [
      'one that moved its anchor has a short period, from where the last one ended',
      '2026-02-16T03:00:00Z',
      { billing: { anchor: { day: 15 } }, invoiced: [key('acme', JANUARY)] },
      ['usage 2026-02-01 2026-02-15'],
    ],
    [
      'fees in advance are due when the period begins',
      '2026-02-01T00:00:00Z',
      { rules: advance },
      ['advance 2026-02-01 2026-03-01'],
    ],
    [
      'and at registration',
      '2026-01-20T08:00:00Z',
      { rules: advance, registered: '2026-01-20T07' },
      ['advance 2026-01-01 2026-02-01'],
    ],
    [
      'not before the first decision is in force',
      '2026-01-20T08:00:00Z',
      { rules: advance, registered: '2026-01-20T07', decidedFrom: '2026-01-20T09' },
      [],
    ],
    [
      'not twice',
      '2026-01-20T08:00:00Z',
      { rules: advance, invoiced: [{ ...key('acme', JANUARY), kind: 'advance' }] },
      [],
    ],
    [
      'twelve periods at once where so agreed',
      '2026-01-20T08:00:00Z',
      { rules: advance, billing: { feesEvery: 'year' } },
      ['advance 2026-01-01 2027-01-01'],
    ],
    [
      'and none within the year',
      '2026-05-02T02:00:00Z',
      {
        rules: advance,
        billing: { feesEvery: 'year' },
        invoiced: [
          { ...key('acme', period('2026-01-01', '2027-01-01')), kind: 'advance' },
          key('acme', period('2026-03-01', '2026-04-01')),
        ],
      },
      [],
    ],
    ['terms that cannot be read ask for nothing', '2026-02-02T03:00:00Z', { billing: { ankor: 1 } }, []],
  ])('%s', async (_, at, given, wanted) => {
    expect((await asked(at, given)).sent).toEqual(wanted);
  });

  test('nobody is looked at again before the next of anyone’s invoices is due', async () => {
    const { settled } = await asked('2026-02-14T12:00:00Z', {
      billing: { anchor: { day: 15 } },
      registered: '2026-01-20T07',
    });
    expect(settled).toEqual({
      nextDueAt: parseTimestamp('2026-02-15T00:00:00Z'),
      at: parseTimestamp('2026-02-14T12:00:00Z'),
    });
  });
  test('who came today is looked at every hour, until its first fees are due', async () => {
    const at = '2026-01-20T08:00:00Z';
    const given = { rules: advance, registered: '2026-01-20T07', decidedFrom: '2026-01-20T11' };
    expect((await asked(at, given)).settled?.nextDueAt).toBe(parseTimestamp('2026-01-20T09:00:00Z'));
  });
});

describe('messages', () => {
  test('say which invoice', () => {
    expect(parseInvoiceMessage(formatInvoiceMessage(key()))).toEqual(key());
  });
  test.each(['', '{}', 'null', '{"customer":"a","start":"x","end":"y","kind":"usage"}'])('%s is refused', (body) => {
    expect(() => parseInvoiceMessage(body)).toThrow('names no invoice');
  });
});
