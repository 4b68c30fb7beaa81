import { voidInvoice, writeOffInvoice } from '../../lib/app/correct-invoices/correct-invoices.ts';
import { creditInvoice } from '../../lib/app/correct-invoices/credit-note.ts';
import { recordCorrection } from '../../lib/app/correct-invoices/price-correction.ts';
import { grantCredit, orderTopUp } from '../../lib/app/grant-credit/grant-credit.ts';
import { publishRules } from '../../lib/app/publish-rules/publish-rules.ts';
import { approveFirstRun, releaseInvoice } from '../../lib/app/review-invoices/review-invoices.ts';
import { HOUR_MS } from '../../lib/domain/time/time.ts';
import { DECLINING_CARD, GOOD_CARD } from '../../lib/local/stripe/payments.ts';
import { type Contract, JULY_COMMIT, JULY_RULES } from './rules.ts';
import { type Act, days, type Year } from './year.ts';

interface Person {
  /** Whose year it is, in a sentence. */
  readonly story: string;
  readonly contract: Contract;
  readonly createdAt?: string;
  readonly promise?: 'lock' | 'cap' | 'match';
  readonly billing?: object;
  /** Tokens of each month, reported at noon on the 10th; a month left out has none. */
  readonly tokens: Readonly<Record<string, number>>;
}

export const MONTHS = Array.from({ length: 12 }, (_, month) => `2026-${String(month + 1).padStart(2, '0')}`);
const everyMonth = (tokens: number, change: Readonly<Record<string, number>> = {}) => ({
  ...Object.fromEntries(MONTHS.map((month) => [month, tokens])),
  ...change,
});
const between = (from: string, to: string, tokens: number) =>
  Object.fromEntries(MONTHS.filter((month) => month >= from && month <= to).map((month) => [month, tokens]));

export const PEOPLE = {
  ada: {
    story: 'tries starter for a month, stays, grows into growth in the middle of April, and goes back in September',
    contract: 'starter',
    createdAt: '2026-01-01',
    tokens: {
      ...{ '2026-01': 1500, '2026-02': 2500, '2026-04': 2000, '2026-05': 7000, '2026-06': 12000, '2026-08': 5000 },
      ...{ '2026-10': 3000, '2026-11': 4000 },
    },
  },
  bob: {
    story: 'tries for a month and chooses no card: his calls stop, and he owes nothing',
    contract: 'tryout',
    createdAt: '2026-01-01',
    tokens: { '2026-01': 800 },
  },
  cora: {
    story: 'pays her fees a year ahead by bank transfer, with an order number, and has committed to 2,000.00',
    contract: 'annual',
    billing: {
      ...{ feesEvery: 'year', netTermsDays: 30, purchaseOrder: 'PO-4711', memo: 'Thank you for the year' },
      commitment: { id: 'year-2026', amount: '2000.00', from: '2026-01-01', periods: 12, terms: 1 },
    },
    tokens: everyMonth(500),
  },
  dan: {
    story: 'pays ahead: a promotion first, then credit that he bought, bought anew by itself when little is left',
    contract: 'prepaid',
    billing: { topUp: { amount: '50.00', below: '10.00' } },
    tokens: {
      ...{ '2026-01': 1200, '2026-02': 1500, '2026-03': 2000, '2026-04': 2000, '2026-05': 1000, '2026-06': 3000 },
      ...{ '2026-07': 3000, '2026-08': 500, '2026-09': 500, '2026-10': 4000, '2026-11': 100, '2026-12': 100 },
    },
  },
  eve: {
    story: 'was promised the old price until October: locked, for better and for worse',
    contract: 'classic',
    promise: 'lock',
    tokens: everyMonth(100, { '2026-08': 400 }),
  },
  fay: {
    story: 'was promised that the new price is at most a tenth above the old one; once some of it is paid back',
    contract: 'classic',
    promise: 'cap',
    tokens: everyMonth(100, { '2026-08': 400 }),
  },
  gus: {
    story: 'was promised the lower of both prices for ten months; his bank takes a payment back',
    contract: 'classic',
    promise: 'match',
    createdAt: '2025-12-01',
    tokens: { ...between('2026-01', '2026-11', 100), '2026-08': 400 },
  },
  finn: {
    story: 'has a card that expires: grace, suspension, another card, restoration',
    contract: 'metered',
    tokens: everyMonth(500),
  },
  gia: {
    story: 'comes in March; some of her usage of May is late, and July was priced wrongly',
    contract: 'metered',
    tokens: between('2026-04', '2026-12', 1000),
  },
  hana: {
    story: 'pays in yen, and has a coupon of a tenth for three months',
    contract: 'yen',
    billing: { coupons: [{ id: 'spring', percent: '10', from: '2026-03-01', until: '2026-06-01' }] },
    tokens: everyMonth(100, { '2026-01': 334, '2026-02': 333, '2026-03': 335, '2026-04': 0, '2026-05': 331 }),
  },
  ivo: {
    story: 'leaves on 20 June; a last invoice, and one more for usage that came after it',
    contract: 'metered',
    tokens: between('2026-01', '2026-06', 200),
  },
  kim: {
    story: 'comes in September, with a hard cap of 40.00 a month',
    contract: 'metered',
    billing: { spendCap: { amount: '40.00', mode: 'hard' } },
    tokens: { ...between('2026-09', '2026-12', 800), '2026-10': 2000 },
  },
  leo: {
    story: 'never pays: one invoice is written off, one is taken back',
    contract: 'metered',
    tokens: { '2026-01': 100 },
  },
  pia: {
    story: 'pays a commission on what she sells, in March and in April',
    contract: 'commission',
    tokens: {},
  },
  hugo: {
    story: 'has a payment disputed by his bank, which finds against it in the end; leaves in April',
    contract: 'metered',
    tokens: between('2026-01', '2026-03', 400),
  },
} as const satisfies Readonly<Record<string, Person>>;
export type Who = keyof typeof PEOPLE;
export const WHO = Object.keys(PEOPLE) as Who[];

const listed = (who: Who, change: Partial<Person> = {}) => {
  const { contract, createdAt = '2025-12-01', promise, billing }: Person = { ...PEOPLE[who], ...change };
  return {
    ...{ id: who, name: who[0]?.toUpperCase() + who.slice(1), createdAt, keys: [] },
    facts: { contract, ...(promise ? { promise } : {}) },
    overrides: billing ? { billing } : {},
  };
};

/** Usage of every month, in one report for all. */
const USAGE: readonly Act[] = MONTHS.map((month) => ({
  at: `${month}-10T12:00`,
  what: 'usage is reported',
  does: (year) => {
    const used = WHO.map((who) => [who, (PEOPLE[who] as Person).tokens[month] ?? 0] as const);
    return year.report(Object.fromEntries(used.filter(([, tokens]) => tokens > 0)));
  },
}));

/** Cora's bank pays on the 20th, but once only on the 10th of the month after the next. */
const TRANSFERS: readonly Act[] = MONTHS.slice(0, 11).map((month, index) => {
  const next = (months: number, day: string) => `2026-${String(index + 1 + months).padStart(2, '0')}-${day}T09:00`;
  return {
    at: month === '2026-06' ? next(2, '10') : next(1, '20'),
    what: `cora pays for ${month} by bank transfer`,
    does: async (year) => paidByTransfer(year, await year.invoice('cora', month)),
  };
});

const paidByTransfer = async ({ stripe }: Year, { stripe: { invoice } }: { stripe: { invoice: string | null } }) =>
  stripe.invoices.pay(invoice ?? '', { paid_out_of_band: true });

/** @throws where a call is answered otherwise */
const answers = (who: Who, status: number, reason?: string) => async (year: Year) => {
  const [found, why] = await year.call(who);
  if (found !== status || why !== reason) throw new Error(`the call was answered with ${found} ${why ?? ''}`);
};

const statusIs = (who: Who, status: string, reason: string | null) => async (year: Year) => {
  const profile = await year.tollgate.stores.directory.profile(who);
  if (profile?.status !== status || profile.statusReason !== reason) {
    throw new Error(`${who} is ${profile?.status} (${profile?.statusReason})`);
  }
};

const dispute = async (year: Year, who: Who, month: string) => {
  const { stripe } = await year.invoice(who, month);
  await year.atBank(`invoices/${stripe.invoice}/dispute`);
  await year.webhooks();
};

const decideDispute = async (year: Year, who: Who, month: string, how: 'win' | 'lose') => {
  const { stripe } = await year.invoice(who, month);
  const { data } = await year.stripe.invoicePayments.list({ invoice: stripe.invoice ?? '' });
  const intent = String(data[0]?.payment.payment_intent);
  const [opened] = (await year.stripe.disputes.list({ payment_intent: intent })).data;
  await year.atBank(`disputes/${opened?.id}/${how}`);
  await year.webhooks();
};

const operator = (reason: string) => ({ by: 'olga', reason });
const act = (at: string, what: string, does: Act['does']): Act => ({ at, what, does });

/** Taken at once, and three weeks on their way to the ledger. */
const reportsLate = async (year: Year, tokens: Readonly<Record<string, number>>) => {
  year.landsLate(days(21));
  await year.report(tokens);
  await year.clock.advanceBy(HOUR_MS);
  year.landsLate(0);
};

const NEWCOMERS: readonly Who[] = ['gia', 'kim'];

/** The year, month by month; what happens every month stands above. */
const EVENTS: readonly Act[] = [
  act('2026-01-01T00:00', 'all but gia and kim sign up', (year) =>
    year.importAll(WHO.filter((who) => !NEWCOMERS.includes(who)).map((who) => listed(who))),
  ),
  act('2026-01-02T08:00', 'olga has seen what the first run would send, and lets it go', async ({ operating }) => {
    const { released } = await approveFirstRun(operator('as on paper'), operating);
    if (released !== 1) throw new Error(`${released} invoices had waited`);
  }),
  act('2026-01-02T09:00', 'dan is given 5.00 until July', ({ operating }) =>
    grantCredit(
      {
        ...{ customer: 'dan', amount: '5.00', currency: 'USD', id: 'welcome' },
        ...{ expiresAt: Date.UTC(2026, 6, 1), ...operator('welcome') },
      },
      operating,
    ),
  ),
  act('2026-01-05T09:00', 'dan buys 30.00', ({ operating }) =>
    orderTopUp({ customer: 'dan', amount: '30.00', ...operator('ordered by mail') }, operating),
  ),
  act('2026-01-25T09:00', 'cora pays for the year by bank transfer', async (year) =>
    paidByTransfer(year, await year.invoice('cora', '2026-01', 'advance')),
  ),
  act('2026-01-31T09:00', 'bob calls on the last day of his trial', answers('bob', 200)),
  act('2026-02-06T09:00', 'his trial is over', answers('bob', 403, 'feature-not-included')),

  act('2026-02-12T09:00', "hugo's bank disputes January", (year) => dispute(year, 'hugo', '2026-01')),
  act('2026-02-12T10:00', 'hugo has grace', statusIs('hugo', 'grace', 'payment-disputed')),
  act('2026-02-12T10:05', 'and his calls pass', answers('hugo', 200)),
  act('2026-02-26T09:00', 'the dispute is won', (year) => decideDispute(year, 'hugo', '2026-01', 'win')),
  act('2026-02-26T10:00', 'hugo has no remark any more', statusIs('hugo', 'active', null)),

  act('2026-03-01T00:00', 'leo leaves', (year) => year.leave('leo')),
  act('2026-03-10T09:00', 'January of leo is written off', async ({ operating, invoice }) =>
    writeOffInvoice((await invoice('leo', '2026-01')).key, operator('gone without an address'), operating),
  ),
  act('2026-03-10T09:10', 'February of leo is taken back', async ({ operating, invoice }) =>
    voidInvoice((await invoice('leo', '2026-02')).key, operator('he could not call any more'), operating),
  ),
  act('2026-03-11T12:00', 'pia sells three times', (year) => year.sold('pia', ['50.00', '8.00', '1000.00'])),
  act('2026-03-16T00:00', 'gia signs up', (year) => year.importAll([listed('gia')])),
  act('2026-03-20T12:00', 'gia uses 1,000 tokens', (year) => year.report({ gia: 1000 })),
  act('2026-03-20T09:00', "finn's card expires", (year) => year.useCard('finn', DECLINING_CARD)),

  act('2026-04-01T00:00', 'hugo leaves', (year) => year.leave('hugo')),
  act('2026-04-04T09:00', 'the first attempt has failed: finn has grace', statusIs('finn', 'grace', 'payment-overdue')),
  act('2026-04-04T09:10', 'and his calls pass', answers('finn', 200)),
  act('2026-04-10T09:00', '5.00 of March are paid back to fay', async ({ operating, invoice }) =>
    creditInvoice(
      (await invoice('fay', '2026-03')).key,
      { of: { amount: '5.00' }, refund: true, ...operator('an outage on the 12th') },
      operating,
    ),
  ),
  act('2026-04-11T12:00', 'pia sells once', (year) => year.sold('pia', ['15.00'])),
  act('2026-04-15T23:30', 'ada grows into growth, from the next hour on', (year) =>
    year.importAll([listed('ada', { contract: 'growth' })]),
  ),
  act('2026-04-19T09:00', 'Stripe has given up: the calls of finn stop', answers('finn', 403, 'payment-overdue')),
  act('2026-04-20T12:00', 'ada uses 6,000 tokens more', (year) => year.report({ ada: 6000 })),
  act('2026-04-25T09:00', 'finn stores another card: what is late is collected', (year) =>
    year.useCard('finn', GOOD_CARD),
  ),
  act('2026-04-25T09:10', 'the calls of finn pass', answers('finn', 200)),

  act('2026-05-20T12:00', '700 tokens of gia are reported, and land three weeks late', (year) =>
    reportsLate(year, { gia: 700 }),
  ),

  act('2026-06-18T12:00', '300 tokens of ivo are reported, and land three weeks late', (year) =>
    reportsLate(year, { ivo: 300 }),
  ),
  act('2026-06-19T23:59', 'ivo leaves', (year) => year.leave('ivo')),
  act('2026-06-20T12:00', 'the prices of July are published', async ({ tollgate, clock }) => {
    const publish = publishRules({ ...tollgate.stores, clock, log: tollgate.cloud.runtime.log });
    await publish({ files: JULY_RULES, commit: JULY_COMMIT });
  }),

  act('2026-08-05T09:00', 'dan is given 3.00 until the 15th, too short to be used', ({ operating }) =>
    grantCredit(
      {
        ...{ customer: 'dan', amount: '3.00', currency: 'USD', id: 'summer' },
        ...{ expiresAt: Date.UTC(2026, 7, 15), ...operator('summer') },
      },
      operating,
    ),
  ),
  act('2026-08-04T09:00', 'the June invoice of cora is overdue', statusIs('cora', 'grace', 'payment-overdue')),
  act('2026-08-20T09:00', 'July of gia should have been a tenth cheaper', async ({ operating, invoice }) =>
    recordCorrection(
      {
        key: (await invoice('gia', '2026-07')).key,
        ...{ discounts: [{ id: 'goodwill', percent: '10' }], ...operator('promised on the phone') },
      },
      operating,
    ),
  ),
  act('2026-09-01T00:00', 'kim signs up', (year) => year.importAll([listed('kim')])),
  act('2026-09-10T23:30', 'ada goes back to starter, from the next hour on', (year) => year.importAll([listed('ada')])),
  act('2026-09-20T12:00', 'ada uses 1,500 tokens', (year) => year.report({ ada: 1500 })),

  act('2026-11-12T09:00', "gus's bank disputes October", (year) => dispute(year, 'gus', '2026-10')),
  act('2026-11-12T10:00', 'gus has grace', statusIs('gus', 'grace', 'payment-disputed')),
  act('2026-11-26T09:00', 'the dispute is lost', (year) => decideDispute(year, 'gus', '2026-10', 'lose')),
  act('2026-11-26T09:10', 'the calls of gus stop', answers('gus', 403, 'payment-disputed')),
  act('2026-12-04T09:00', '4.00 of November are taken off the open invoice of cora', async ({ operating, invoice }) =>
    creditInvoice(
      (await invoice('cora', '2026-11')).key,
      { of: { amount: '4.00' }, refund: false, ...operator('a slow day') },
      operating,
    ),
  ),
  act('2026-12-01T00:00', 'gus leaves', (year) => year.leave('gus')),
  act('2026-12-05T12:00', 'ada calls ten times', async (year) => {
    for (let n = 0; n < 10; n++) await answers('ada', 200)(year);
  }),
  act('2027-01-04T09:00', 'the December invoice of cora is held for its height, and released', async (year) => {
    const { key, held } = await year.invoice('cora', '2026-12');
    if (held?.code !== 'anomaly') throw new Error(`it is held for ${held?.code}`);
    await releaseInvoice(key, operator('the true-up that she committed to'), year.operating);
  }),
];

export const ACTS: readonly Act[] = [...USAGE, ...TRANSFERS, ...EVENTS];
/** December is invoiced and collected. */
export const END = Date.UTC(2027, 0, 5);
