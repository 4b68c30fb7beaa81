import { voidInvoice, writeOffInvoice } from '../app/correct-invoices/correct-invoices.ts';
import { creditCorrection } from '../app/correct-invoices/credit-correction.ts';
import { creditInvoice } from '../app/correct-invoices/credit-note.ts';
import {
  type CorrectionPreview,
  previewCorrection,
  recordCorrection,
} from '../app/correct-invoices/price-correction.ts';
import { draftKind } from '../app/invoice-customer/draft-kind.ts';
import { RetryLater } from '../app/invoice-customer/ports.ts';
import type { Hold, InvoiceHead } from '../app/ports/invoices.ts';
import {
  approveFirstRun,
  dropInvoice,
  heldInvoices,
  knownInvoice,
  releaseInvoice,
} from '../app/review-invoices/review-invoices.ts';
import { advancePeriodsDue, spanOf, usagePeriodsDue } from '../app/start-invoicing/due-invoices.ts';
import { startInvoicing } from '../app/start-invoicing/start-invoicing.ts';
import { InputError } from '../domain/input-error.ts';
import type { PriceCorrection } from '../domain/invoicing/correction.ts';
import type { InvoiceKey } from '../domain/invoicing/invoice.ts';
import { parseBillingTerms } from '../domain/invoicing/parse-billing-terms.ts';
import { DAY_MS, hourOf, parseHour } from '../domain/time/time.ts';
import { connect } from './connect.ts';
import type { ActName, CorrectFlags, OperatorFlags, PriceFlags, RefundFlags, RunFlags, ShowFlags } from './invoice.ts';
import { findInvoice, type InvoiceFlags, keyAnswer, parseKind, startsOf } from './invoice-key.ts';
import { correctionText, draftText, heldText, invoiceText } from './invoice-text.ts';
import type { Io } from './io.ts';
import { type Operating, operatingPorts, operatorOf } from './operating.ts';

/** Where the commands work; a test gives its own. */
export type Open = (flags: { readonly outputs?: string; readonly stack?: string }, io: Io) => Promise<Operating>;
export const onStack: Open = async (flags, io) => operatingPorts(await connect(flags, io));

/** EX_TEMPFAIL */
const TRY_AGAIN = 75;

/** What Stripe's absence means for a person: run it again. */
async function settled(io: Io, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof RetryLater)) throw error;
    io.stderr.write(`error: ${error.message} (nothing is lost: run it again)\n`);
    io.exitCode = TRY_AGAIN;
  }
}

const write = (io: Io, json: true | undefined, answer: unknown, text: () => string): void =>
  void io.stdout.write(json ? `${JSON.stringify(answer)}\n` : text());

/** @throws InputError */
export async function runPreview(flags: ShowFlags & PriceFlags, io: Io, open: Open = onStack): Promise<void> {
  const ports = await open(flags, io);
  if (flags.rateCard !== undefined || flags.discount !== undefined) {
    const request = await correctionRequest({ ...flags, reason: 'preview' }, io, ports);
    const preview = await previewCorrection(request, ports);
    write(io, flags.json, correctionAnswer(preview), () => correctionText(preview, request.key));
    return;
  }
  if (flags.asOf !== undefined || flags.until !== undefined) {
    throw new InputError({
      code: 'no-override',
      path: '--as-of',
      message: 'it says from when on a --rate-card or --discount holds',
    });
  }
  const { key, profile, terms, heads } = await duePeriod(flags, ports);
  const drafted = await draftKind({ key, profile, terms, heads }, ports);
  write(io, flags.json, drafted, () => draftText(drafted, key));
}

/** The invoice that would be made next for a period that has none. */
async function duePeriod(flags: InvoiceFlags, ports: Operating) {
  const { customer } = flags;
  const kind = parseKind(flags.kind);
  const profile = await ports.customers.profile(customer);
  if (!profile)
    throw new InputError({ code: 'unknown-customer', path: '--customer', message: `there is no customer ${customer}` });
  const terms = parseBillingTerms(profile.customer.overrides);
  const heads = await ports.invoices.headsOf(customer);
  const { start, end } = startsOf(flags.period);
  const periods =
    kind === 'advance'
      ? advancePeriodsDue(profile, terms, heads, ports.clock.now())
      : usagePeriodsDue(profile, terms, heads, ports.clock.now() + PERIOD_MS);
  const [first, ...rest] = periods.filter((one) => one.start >= start && (kind === 'advance' || one.start < end));
  if (!first || kind === 'top-up') {
    const hint =
      'tollgate invoice show prints one that is made; --rate-card and --discount say what another price would change';
    throw new InputError({
      code: 'not-due',
      path: '--period',
      message: `no ${kind} invoice of ${customer} is to be made for ${flags.period}`,
      hint,
    });
  }
  const key: InvoiceKey = { customer, kind, period: kind === 'advance' ? spanOf([first, ...rest]) : first };
  return { key, profile, terms, heads };
}

/** A period that has begun ends within it. */
const PERIOD_MS = 32 * DAY_MS;

/** @throws InputError */
export async function runInvoicing(flags: RunFlags, io: Io, open: Open = onStack): Promise<void> {
  if ((flags.customer === undefined) !== (flags.period === undefined)) {
    throw new InputError({ code: 'missing-option', message: '--customer and --period go together' });
  }
  const ports = await open(flags, io);
  if (flags.customer !== undefined && flags.period !== undefined) {
    const { customer, period, kind } = flags;
    const { key } = await askedFor({ customer, period, kind }, ports);
    await ports.queue.send([key]);
    write(io, flags.json, { customers: 1, sent: 1 }, () => 'asked for 1 invoice\n');
    return;
  }
  // Whatever an earlier look remembered: a person asks now.
  const invoices = { ...ports.invoices, lastSettled: async () => undefined };
  const { clock, log, metrics, customers, decisions, rulesets, parseRuleset, queue, invoiceDelayHours } = ports;
  const found = await startInvoicing({
    ...{ clock, log, metrics, customers, decisions, rulesets, parseRuleset, queue, invoices },
    delayHours: invoiceDelayHours,
  });
  write(io, flags.json, found, () => `looked at ${found.customers} customers, asked for ${found.sent} invoices\n`);
}

/** One that exists, or the next that is due. */
async function askedFor(flags: InvoiceFlags, ports: Operating): Promise<{ readonly key: InvoiceKey }> {
  try {
    return await findInvoice(flags, ports.invoices);
  } catch (error) {
    if (!(error instanceof InputError) || error.code !== 'unknown-invoice') throw error;
    return duePeriod(flags, ports);
  }
}

/** @throws InputError `unknown-invoice` */
export async function runShow(flags: ShowFlags, io: Io, open: Open = onStack): Promise<void> {
  const ports = await open(flags, io);
  const { key } = await findInvoice(flags, ports.invoices);
  const record = await knownInvoice(key, ports.invoices);
  write(io, flags.json, { ...record, key: keyAnswer(record.key) }, () => invoiceText(record));
}

/** @throws InputError */
export async function runHeld(flags: RunFlags, io: Io, open: Open = onStack): Promise<void> {
  const ports = await open(flags, io);
  const held: (InvoiceHead & { readonly held: Hold })[] = [];
  for await (const head of heldInvoices(ports, flags.customer)) held.push(head);
  const answer = held.map(({ key, held: { code, message, since }, invoice }) => ({
    ...keyAnswer(key),
    ...{ code, message, since, total: invoice?.total ?? null, currency: invoice?.currency ?? null },
  }));
  write(io, flags.json, answer, () => heldText(held));
}

/** @throws InputError */
export async function runCorrect(
  flags: OperatorFlags & InvoiceFlags & PriceFlags & CorrectFlags,
  io: Io,
  open: Open = onStack,
): Promise<void> {
  const ports = await open(flags, io);
  const request = await correctionRequest(flags, io, ports);
  if (flags.toBalance && !flags.creditNote) {
    throw new InputError({ code: 'missing-option', path: '--to-balance', message: 'it goes with --credit-note' });
  }
  if (flags.creditNote && flags.apply) {
    return settled(io, async () => {
      const done = await creditCorrection({ ...request, refund: flags.toBalance !== true }, ports);
      const { note } = done;
      write(io, flags.json, { ...correctionAnswer(done), applied: true, note }, () => {
        const text = correctionText(done, request.key);
        return `${text}credited by ${note.stripe}, ${note.amount}: the next usage invoice takes nothing more\n`;
      });
    });
  }
  const preview = await (flags.apply ? recordCorrection(request, ports) : previewCorrection(request, ports));
  const applied = flags.apply === true;
  write(io, flags.json, { ...correctionAnswer(preview), applied }, () => {
    const what = applied
      ? 'recorded: the next usage invoice takes the difference'
      : 'nothing is recorded: --apply does it';
    return `${correctionText(preview, request.key)}${what}\n`;
  });
}

async function correctionRequest(
  flags: Omit<OperatorFlags, 'json'> & InvoiceFlags & PriceFlags,
  io: Io,
  ports: Operating,
) {
  const { rateCard, discount, asOf, until, rules } = flags;
  const override = {
    ...(asOf === undefined ? {} : { from: hourIn('--as-of', asOf) }),
    ...(until === undefined ? {} : { to: hourIn('--until', until) }),
    ...(rateCard === undefined ? {} : { rateCard }),
    ...(rules === undefined ? {} : { ruleset: rules }),
    ...(discount === undefined ? {} : { discounts: discount.map(parseDiscount) }),
  };
  const { key } = await findInvoice(flags, ports.invoices);
  return { key, ...operatorOf(flags, io), ...override };
}

function hourIn(path: string, text: string) {
  if (/^\d{4}-\d{2}-\d{2}$/.test(text)) return hourOf(startsOf(text).start);
  try {
    return parseHour(text);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new InputError({ code: error.code, path, message: error.message });
  }
}

function parseDiscount(text: string): NonNullable<PriceCorrection['discounts']>[number] {
  const [, id, amount, percent] = /^([\w.-]+)=(\d+(?:\.\d+)?)(%?)$/.exec(text) ?? [];
  if (id !== undefined && amount !== undefined) return percent === '%' ? { id, percent: amount } : { id, amount };
  const hint = 'such as goodwill=10% or goodwill=25.00';
  throw new InputError({ code: 'not-a-discount', path: '--discount', message: `${text} is no discount`, hint });
}

const correctionAnswer = ({ correction, currency, before, after, difference, lines }: CorrectionPreview) => ({
  correction: correction.id,
  ...{ currency, before, after, difference, lines },
});

const DEEDS = { release: releaseInvoice, drop: dropInvoice, void: voidInvoice, 'write-off': writeOffInvoice } as const;
const DONE = { release: 'released', drop: 'dropped', void: 'voided', 'write-off': 'written off' } as const;

/** @throws InputError where it is not possible, with what is */
export function runAct(
  name: ActName,
  flags: OperatorFlags & InvoiceFlags,
  io: Io,
  open: Open = onStack,
): Promise<void> {
  return settled(io, async () => {
    const ports = await open(flags, io);
    const { key } = await findInvoice(flags, ports.invoices);
    await DEEDS[name](key, operatorOf(flags, io), ports);
    const { state } = await knownInvoice(key, ports.invoices);
    write(
      io,
      flags.json,
      { ...keyAnswer(key), done: name, state },
      () => `${flags.customer} ${flags.period}: ${DONE[name]}\n`,
    );
  });
}

/** @throws InputError */
export async function runApprove(flags: OperatorFlags, io: Io, open: Open = onStack): Promise<void> {
  const ports = await open(flags, io);
  const { released } = await approveFirstRun(operatorOf(flags, io), ports);
  write(io, flags.json, { approved: true, released }, () => `approved: ${released} held invoices go on\n`);
}

/** @throws InputError */
export function runRefund(flags: RefundFlags, io: Io, open: Open = onStack): Promise<void> {
  return settled(io, async () => {
    if (flags.amount !== undefined && flags.line !== undefined) {
      throw new InputError({ code: 'two-amounts', path: '--amount', message: 'give --amount or --line, not both' });
    }
    const ports = await open(flags, io);
    const { key } = await findInvoice(flags, ports.invoices);
    const of =
      flags.line?.map(parseLine) ?? (flags.amount === undefined ? ('whole' as const) : { amount: flags.amount });
    const id = flags.id === undefined ? {} : { id: flags.id };
    const note = await creditInvoice(
      key,
      { ...operatorOf(flags, io), ...id, of, refund: flags.toBalance !== true },
      ports,
    );
    write(io, flags.json, { ...keyAnswer(key), note }, () => `credit note ${note.stripe} of ${note.amount}\n`);
  });
}

function parseLine(text: string): { line: string; amount: string } {
  const [, line, amount] = /^(\d{4,})=(\d+(?:\.\d+)?)$/.exec(text) ?? [];
  if (line !== undefined && amount !== undefined) return { line, amount };
  throw new InputError({ code: 'not-a-line', path: '--line', message: `${text} is not such as 0003=12.50` });
}
