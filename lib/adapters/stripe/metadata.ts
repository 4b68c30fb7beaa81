import { INVOICE_KINDS, type InvoiceKey, type InvoiceLine } from '../../domain/invoicing/invoice.ts';
import { formatTimestamp, parseTimestamp } from '../../domain/time/time.ts';

/** How a Stripe object says which of our things it is. Values hold at most 500 characters (Stripe's limit). */
export type Metadata = Record<string, string>;

export const invoiceMetadata = ({ customer, period, kind }: InvoiceKey, digest: string): Metadata => ({
  tollgate_customer: customer,
  tollgate_period_start: formatTimestamp(period.start),
  tollgate_period_end: formatTimestamp(period.end),
  tollgate_kind: kind,
  tollgate_digest: digest,
});

/** Null for an invoice that we did not make. */
export function readInvoiceMetadata(metadata: Readonly<Metadata> | null): { key: InvoiceKey; digest: string } | null {
  const {
    tollgate_customer: customer,
    tollgate_period_start: start,
    tollgate_period_end: end,
    tollgate_kind: kindName,
    tollgate_digest: digest,
  } = metadata ?? {};
  const kind = INVOICE_KINDS.find((name) => name === kindName);
  if (!customer || !start || !end || !kind || !digest) return null;
  const period = { start: parseTimestamp(start), end: parseTimestamp(end) };
  return { key: { customer, period, kind }, digest };
}

export function lineMetadata(line: InvoiceLine): Metadata {
  const known: [string, string | null][] = [
    ['tollgate_line', line.id],
    ['kind', line.kind],
    ['meter', line.meter],
    ['group', line.group],
    ['tier', line.tier === null ? null : String(line.tier)],
    ['window', line.window],
    ['quantity', line.quantity],
    ['unit_price', line.unitPrice],
    ['rate_card', line.rateCard],
    ['rule', line.rule],
    ['rules_commit', line.rulesCommit],
    ['usage_digest', line.usageDigest],
  ];
  return Object.fromEntries(known.flatMap(([key, value]) => (value === null ? [] : [[key, value.slice(0, 500)]])));
}

/** What a person reads on the invoice. */
export function lineDescription(line: InvoiceLine): string {
  const title = [line.charge ?? line.rule ?? line.kind, line.group, line.window].filter((part) => part !== null);
  const prefix = line.kind === 'usage' || line.kind === 'flat' ? '' : `${line.kind}: `;
  const text = `${prefix}${[...new Set(title)].join(' / ')}${line.explanation ? ` (${line.explanation})` : ''}`;
  return text.length <= 500 ? text : `${text.slice(0, 499)}…`;
}
