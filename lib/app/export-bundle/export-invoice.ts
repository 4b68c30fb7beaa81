import { presentIn } from '../../domain/entitlement/stays.ts';
import { InputError } from '../../domain/input-error.ts';
import { type AdvanceInput, draftAdvance } from '../../domain/invoicing/advance.ts';
import type { Invoice, InvoiceKind } from '../../domain/invoicing/invoice.ts';
import { parseBillingTerms } from '../../domain/invoicing/parse-billing-terms.ts';
import { nextPeriod } from '../../domain/invoicing/periods.ts';
import type { TopUpInput } from '../../domain/invoicing/top-up.ts';
import {
  addHours,
  formatTimestamp,
  hourOf,
  monthOf,
  type Period,
  parseMonth,
  parseTimestamp,
} from '../../domain/time/time.ts';
import type { Bundle } from '../../domain/verification/bundle.ts';
import { type Billed, gatherUsage, whoIsBilled } from '../invoice-customer/gather.ts';
import type { DraftingPorts } from '../invoice-customer/ports.ts';
import { readRulesets } from '../invoice-customer/read-rulesets.ts';
import type { Directory } from '../ports/directory.ts';
import type { InvoiceHead, InvoiceRecord } from '../ports/invoices.ts';
import { type ExportPorts, exportAdvance, exportBundle, exportTopUp } from './export-bundle.ts';

export interface ExportInvoicePorts extends DraftingPorts, Omit<ExportPorts, 'usage' | 'rulesets'> {
  readonly customers: Pick<Directory, 'profile'>;
}

/** Which invoice: of a period that begins in a month. */
export interface InvoiceOfMonth {
  readonly customer: string;
  /** `YYYY-MM`; or its exact beginning, `2026-01-15T10:00:00Z`, where several begin in a month. */
  readonly month: string;
  /** @default usage */
  readonly kind?: InvoiceKind;
}

/**
 * The bundle of a customer's invoice. Agreements (billing terms, time zone) are as they are now: where they were edited
 * after the invoice was made, and not by their own dates, verification says that it cannot be rated again.
 *
 * @throws InputError `unknown-customer`, `no-invoice`, `several-invoices`, `not-rated`
 */
export async function exportInvoice(request: InvoiceOfMonth, ports: ExportInvoicePorts): Promise<Bundle> {
  const { customer, month, kind = 'usage' } = request;
  if (month.includes('T')) parseTimestamp(month);
  else parseMonth(month);
  const profile = await ports.customers.profile(customer);
  if (!profile) throw new InputError({ code: 'unknown-customer', message: `there is no customer ${customer}` });
  const heads = await ports.invoices.headsOf(customer);
  const { key, held } = headOf(heads, customer, month, kind);
  const record = await ports.invoices.get(key);
  const invoice = record?.invoice;
  if (!invoice) {
    const message = `the invoice of ${customer} for ${month} waits for a person and is not rated yet`;
    throw new InputError({ code: 'not-rated', message, hint: held?.message ?? '' });
  }
  const terms = parseBillingTerms(profile.customer.overrides);
  if (kind === 'top-up') return exportTopUp(invoice, orderOf(invoice, record.acts));
  if (kind === 'advance') {
    const input = await advanceInput(invoice, { key, profile, terms, heads: [] }, ports);
    return exportAdvance(invoice, input, ports);
  }
  const input = await gatherUsage({ key, profile, terms, heads: headsThen(invoice, heads) }, ports);
  return exportBundle({ invoice, input }, ports);
}

/**
 * The customer's other invoices as a usage invoice saw them: those before it, and fees charged in advance that it took off
 * stood then, whatever became of them.
 */
export function headsThen({ start, lines }: Invoice, heads: readonly InvoiceHead[]): InvoiceHead[] {
  const tookOff = ({ invoice }: InvoiceHead) =>
    lines.some(
      ({ kind, explanation }) =>
        kind === 'advance' && explanation.includes(` of the advance invoice of ${invoice?.start.slice(0, 10)}: `),
    );
  return heads
    .filter(({ key }) => key.kind !== 'usage' || key.period.start < parseTimestamp(start))
    .map((head) => (head.key.kind === 'advance' && tookOff(head) ? { ...head, state: 'FINALIZED' } : head));
}

function headOf(heads: readonly InvoiceHead[], customer: string, month: string, kind: string): InvoiceHead {
  const ofKind = heads.filter(({ key }) => key.kind === kind);
  const isAsked = ({ key: { period } }: InvoiceHead) =>
    month === monthOf(period.start) || month === formatTimestamp(period.start);
  const [found, ...others] = ofKind.filter(isAsked);
  if (found && others.length === 0) return found;
  if (found) {
    const hint = [found, ...others].map(({ key }) => formatTimestamp(key.period.start)).join(', ');
    const message = `${customer} has several ${kind} invoices that begin in ${month}: give the exact beginning`;
    throw new InputError({ code: 'several-invoices', message, hint });
  }
  throw new InputError({
    code: 'no-invoice',
    message: `${customer} has no ${kind} invoice of a period that begins in ${month}`,
    ...(ofKind.length > 0
      ? { hint: `it has those of ${ofKind.map(({ key }) => monthOf(key.period.start)).join(', ')}` }
      : {}),
  });
}

/** What a top-up is made from is the order itself, which stands on the record. */
function orderOf(invoice: Invoice, acts: InvoiceRecord['acts']): TopUpInput {
  const { customer, currency, total: amount } = invoice;
  const [ordered] = acts.filter(({ act }) => act === 'top-up');
  const { by, reason } = ordered ?? { by: '', reason: '' };
  return { customer, at: parseTimestamp(invoice.start), amount, currency, by, reason };
}

/** An advance invoice is made when its period begins, or within days of it where runs were late. */
const MADE_WITHIN_HOURS = 7 * 24;

/**
 * What an advance invoice was made from: the rules and decisions of the hour in which it was. That hour is not kept; it is the
 * first from the period's start, or from registration, whose rules and decisions make this invoice.
 */
async function advanceInput(invoice: Invoice, billed: Billed, ports: ExportInvoicePorts): Promise<AdvanceInput> {
  const { key, profile, terms } = billed;
  const { start, end } = key.period;
  const periods: Period[] = [];
  for (let at = start; at < end; at = nextPeriod(terms.anchor.day, at).end) {
    periods.push(nextPeriod(terms.anchor.day, at));
  }
  const activeFrom = presentIn(periods[0] ?? key.period, profile).start;
  const first = hourOf(Math.max(start, activeFrom));
  let [tried, closest]: [string, AdvanceInput | undefined] = ['', undefined];
  for (let hour = first; hour < first + MADE_WITHIN_HOURS; hour = addHours(hour, 1)) {
    const record = await ports.rulesets.inForceAt(hour);
    const decisions = await ports.decisions.during(key.customer, hourOf(start), addHours(hour, 1));
    const name = `${record?.hash} ${decisions.length}`;
    if (!record || decisions.length === 0 || name === tried) continue;
    tried = name;
    const input = {
      ...whoIsBilled(billed, ports),
      ...{ corrections: [], periods, decisions, ruleset: record.hash, activeFrom },
      rulesets: await readRulesets([record.hash, ...decisions.map(({ ruleset }) => ruleset.hash)], ports),
    };
    closest ??= input;
    const drafted = draftAdvance(input);
    if (drafted.outcome === 'drafted' && drafted.invoice.digest === invoice.digest) return input;
  }
  if (closest) return closest;
  const message = `no decision of ${key.customer} was in force when the invoice was made`;
  throw new InputError({ code: 'no-invoice', message });
}
