import { assert } from '../../domain/assert.ts';
import { grantBalances, topUpGrantId } from '../../domain/credits/balances.ts';
import { InputError } from '../../domain/input-error.ts';
import { digestOf } from '../../domain/invoicing/canonical.ts';
import type { CreditNote } from '../../domain/invoicing/correction.ts';
import type { Invoice, InvoiceKey } from '../../domain/invoicing/invoice.ts';
import { linesToSend } from '../../domain/invoicing/lines-to-send.ts';
import { currencyDecimals } from '../../domain/money/currencies.ts';
import { add, compare, type Decimal, formatDecimal, parseDecimal, subtract, ZERO } from '../../domain/money/decimal.ts';
import { parseMoney } from '../../domain/money/money.ts';
import { formatTimestamp } from '../../domain/time/time.ts';
import { RetryLater } from '../invoice-customer/ports.ts';
import type { InvoiceRecord } from '../ports/invoices.ts';
import { actOf, changeInvoice, knownInvoice, type Operator } from '../review-invoices/review-invoices.ts';
import type { CorrectingPorts } from './correct-invoices.ts';
import { deedKey, read, refused } from './settle-stripe.ts';

export interface CreditRequest extends Operator {
  /** The same id twice is one note; absent: made from what it says. */
  readonly id?: string;
  /** Of which lines how much; `whole` for all that is left of the invoice, or so much of it. */
  readonly of: 'whole' | { readonly amount: string } | readonly { readonly line: string; readonly amount: string }[];
  /** Paid back to the payment method; else kept as the customer's balance. An open invoice is simply reduced. */
  readonly refund: boolean;
}

/** More saved errors than Stripe will ever answer for one note. */
const ATTEMPTS_MAX = 10;

/**
 * Reduces a finalized invoice by a credit note: decided and stored first, then issued, so that a crash between is taken up
 * again by the same command. The invoice itself stays as it was. What is given back of credit that was bought is no credit
 * any more, so only what is left of it can be.
 *
 * @throws InputError `not-finalized`, `unknown-line`, `too-much`, `not-an-amount`, `stripe-refused`; RetryLater
 */
export async function creditInvoice(key: InvoiceKey, request: CreditRequest, ports: CorrectingPorts) {
  const { decided, isNew } = await decide(key, request, ports);
  let resumed = !isNew;
  for (let attempt = decided.attempt; attempt <= ATTEMPTS_MAX; attempt++) {
    const record = await knownInvoice(key, ports.invoices);
    const note = record.creditNotes.find(({ id }) => id === decided.id);
    if (!note || note.state === 'ISSUED') return note ?? decided;
    const there = resumed ? await listed(record, note, ports) : undefined;
    const stripe = there ?? (await issue(record, note, ports));
    if (stripe !== undefined) return issued(key, note, stripe, request, ports);
    resumed = true;
    await changeNote(key, note.id, (one) => ({ ...one, attempt: one.attempt + 1 }), ports);
  }
  throw new RetryLater(`Stripe answered ${ATTEMPTS_MAX} attempts with saved errors`);
}

async function decide(key: InvoiceKey, request: CreditRequest, ports: CorrectingPorts) {
  const { by, reason, refund, of } = request;
  const open = key.kind === 'top-up' ? await creditLeft(key, ports) : null;
  const id = request.id ?? `cn-${digestOf([of, refund, by, reason]).slice(0, 16)}`;
  let isNew = false;
  const record = await changeInvoice(
    key,
    (record) => {
      isNew = !record.creditNotes.some((one) => one.id === id);
      if (!isNew) return undefined;
      const lines = linesOf(record, request, open);
      const amount = formatDecimal(lines.reduce((sum, one) => add(sum, parseDecimal(one.amount)), ZERO));
      const about = { id, lines, amount, refund, reason, by, at: ports.clock.now() };
      const note: CreditNote = { ...about, state: 'DECIDED', stripe: null, attempt: 1 };
      return { creditNotes: [...record.creditNotes, note] };
    },
    ports,
  );
  const decided = record.creditNotes.find((one) => one.id === id);
  assert(decided !== undefined, 'a credit note that was decided is stored');
  return { decided, isNew };
}

/** What is left of the credit that a top-up has given; null before it is paid. */
async function creditLeft(key: InvoiceKey, { invoices, credits }: CorrectingPorts): Promise<Decimal | null> {
  const heads = await invoices.headsOf(key.customer);
  const records = heads.map((head) => ({ ...head, invoice: head.invoice && { ...head.invoice, lines: [] } }));
  const id = topUpGrantId({ start: formatTimestamp(key.period.start) });
  const found = grantBalances(await credits.ofCustomer(key.customer), records).find(({ grant }) => grant.id === id);
  return found === undefined ? null : parseDecimal(found.balance);
}

/** Nothing is credited twice: of each line, and of the invoice, only what earlier notes left. @param open at most so much */
function linesOf(record: InvoiceRecord, { of, reason }: CreditRequest, open: Decimal | null): CreditNote['lines'] {
  const { invoice, state } = record;
  if (!invoice || !['FINALIZED', 'PAID', 'UNCOLLECTIBLE'].includes(state)) {
    throw new InputError({
      code: 'not-finalized',
      message: `it is ${state}: a credit note is for a finalized invoice`,
    });
  }
  const credited = record.creditNotes.flatMap(({ lines }) => lines);
  const uncredited = subtract(parseDecimal(invoice.total), sumOf(credited));
  const left = open !== null && compare(open, uncredited) < 0 ? open : uncredited;
  const wanted = 'amount' in Object(of) ? parse(invoice, (of as { amount: string }).amount) : left;
  const lines = Array.isArray(of) ? chosen(invoice, of, credited) : spread(invoice, wanted, credited);
  const sum = sumOf(lines);
  if (sum.units <= 0n) throw new InputError({ code: 'not-an-amount', message: 'nothing is left to be credited' });
  if (compare(sum, left) > 0 || compare(wanted, left) > 0) {
    throw new InputError({
      code: 'too-much',
      message: `only ${formatDecimal(left)} ${invoice.currency} is left of it`,
    });
  }
  return lines.map(({ line, amount }) => ({ line, amount, why: reason }));
}

type Part = { readonly line: string; readonly amount: string };

const sumOf = (parts: readonly Part[]): Decimal =>
  parts.reduce((sum, { amount }) => add(sum, parseDecimal(amount)), ZERO);

const leftOf = (invoice: Invoice, id: string, credited: readonly Part[]): Decimal => {
  const line = linesToSend(invoice).find((one) => one.id === id);
  if (!line) {
    const hint = 'tollgate invoice show lists the lines; of those gathered for Stripe only the first can be named';
    throw new InputError({ code: 'unknown-line', message: `Stripe has no line ${id} of this invoice`, hint });
  }
  return subtract(parseDecimal(line.amount), sumOf(credited.filter((one) => one.line === id)));
};

function parse(invoice: Invoice, text: string): Decimal {
  const { minorUnits } = parseMoney(invoice.currency, text);
  if (minorUnits > 0n) return { units: minorUnits, scale: currencyDecimals(invoice.currency) };
  throw new InputError({ code: 'not-an-amount', message: `"${text}" is not an amount above 0` });
}

function chosen(invoice: Invoice, of: readonly Part[], credited: readonly Part[]): Part[] {
  return of.map(({ line, amount }) => {
    const left = leftOf(invoice, line, credited);
    const wanted = parse(invoice, amount);
    if (compare(wanted, left) <= 0) return { line, amount: formatDecimal(wanted) };
    throw new InputError({ code: 'too-much', message: `only ${formatDecimal(left)} is left of line ${line}` });
  });
}

/** An amount of the whole is taken from the lines above 0, in their order: discounts and credit have lowered the sum. */
function spread(invoice: Invoice, amount: Decimal, credited: readonly Part[]): Part[] {
  const parts: Part[] = [];
  let rest = amount;
  for (const { id } of linesToSend(invoice)) {
    const left = leftOf(invoice, id, credited);
    const part = compare(left, rest) < 0 ? left : rest;
    if (part.units <= 0n) continue;
    parts.push({ line: id, amount: formatDecimal(part) });
    rest = subtract(rest, part);
  }
  return parts;
}

async function listed({ stripe }: InvoiceRecord, { id }: CreditNote, { billing }: CorrectingPorts) {
  const notes = read(await billing.listCreditNotes(stripe.invoice ?? ''));
  return notes.find(({ ours, status }) => ours === id && status === 'issued')?.id;
}

/** Stripe's id; undefined after a saved error, when the next attempt needs another key. */
async function issue(record: InvoiceRecord, note: CreditNote, ports: CorrectingPorts): Promise<string | undefined> {
  const { id, lines, amount, refund, reason } = note;
  const currency = record.invoice?.currency ?? '';
  const answer = await ports.billing.createCreditNote(
    { invoice: record.stripe.invoice ?? '', id, currency, lines, amount, refund, memo: reason },
    deedKey('credit', record.key, note.attempt, id),
  );
  if (answer.ok) return answer.value.id;
  const { kind, message } = answer.fault;
  if (kind === 'transient') throw new RetryLater(`Stripe: ${message}`);
  if (kind === 'replayed') return listed(record, note, ports);
  // What Stripe refuses was never issued: it must not stand in the way of another.
  const others = (all: readonly CreditNote[]) => all.filter((one) => one.id !== id);
  await changeInvoice(record.key, ({ creditNotes }) => ({ creditNotes: others(creditNotes) }), ports);
  throw refused(message);
}

async function issued(
  key: InvoiceKey,
  note: CreditNote,
  stripe: string,
  operator: Operator,
  ports: CorrectingPorts,
): Promise<CreditNote> {
  const done: CreditNote = { ...note, state: 'ISSUED', stripe };
  const act = { ...actOf('credit', operator, ports.clock), details: { note: note.id, amount: note.amount } };
  await changeInvoice(
    key,
    ({ creditNotes, acts }) =>
      creditNotes.some(({ id, state }) => id === note.id && state === 'ISSUED')
        ? undefined
        : { creditNotes: creditNotes.map((one) => (one.id === note.id ? done : one)), acts: [...acts, act] },
    ports,
  );
  return done;
}

const changeNote = (key: InvoiceKey, id: string, change: (note: CreditNote) => CreditNote, ports: CorrectingPorts) =>
  changeInvoice(
    key,
    ({ creditNotes }) => ({ creditNotes: creditNotes.map((one) => (one.id === id ? change(one) : one)) }),
    ports,
  );
