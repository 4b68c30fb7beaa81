import type { CustomerStatus } from '../customer.ts';
import type { MailTrouble } from '../entitlement/mail-trouble.ts';
import type { Invoice, InvoiceKey } from '../invoicing/invoice.ts';
import type { PaymentState } from '../invoicing/payment.ts';
import type { InvoiceState } from '../invoicing/state.ts';
import type { Decision } from '../segmentation/decision.ts';
import { type EpochMs, formatDate, HOUR_MS, monthOf } from '../time/time.ts';

/** A rehearsal beside another system, and what an operator took out: no bill of the customer's. */
export const isNeverShown = (state: InvoiceState): boolean => state === 'SHADOW' || state === 'DROPPED';

/** What the pages know of a customer: its own profile and the decision in force, nothing of others. */
export interface PortalAccount {
  readonly id: string;
  readonly name: string;
  readonly status: CustomerStatus;
  readonly statusReason: string | null;
  readonly spend: 'open' | 'capReached';
  readonly registeredAt: EpochMs;
  /** A closed account opens again then; null unless that is to come. */
  readonly reopensAt: EpochMs | null;
  /** It cancelled itself and may come back. */
  readonly mayReturn: boolean;
  /** Addresses of its that take no mail. */
  readonly mailTrouble: readonly MailTrouble[];
  /** IANA name, null for UTC. */
  readonly timeZone: string | null;
  readonly decision: Decision | null;
  /** Name of the card in force, `Growth`; null when undecided. */
  readonly planName: string | null;
}

/** An invoice as its customer may see it. */
export interface PortalInvoice {
  readonly key: InvoiceKey;
  readonly state: InvoiceState;
  /** Null while it is held before it could be rated. */
  readonly invoice: Invoice | null;
  /** In words, when it is parked. */
  readonly held: string | null;
  readonly payment: PaymentState;
}

/** The same with nothing that grows with its lines: what lists show. */
export interface PortalInvoiceHead extends Omit<PortalInvoice, 'invoice'> {
  readonly invoice: Omit<Invoice, 'lines'> | null;
}

/** `2026-10` for a calendar month, `2026-10-05` for a period that begins elsewhere; `-advance`, `-top-up` for those kinds. */
export function invoiceNumber({ period, kind }: InvoiceKey): string {
  const day = formatDate(period.start);
  const name = day.endsWith('-01') ? monthOf(period.start) : day;
  if (kind === 'usage') return name;
  // A top-up is bought in an hour, and there may be several a day.
  return kind === 'top-up'
    ? `${day}T${String((period.start / HOUR_MS) % 24).padStart(2, '0')}-${kind}`
    : `${name}-${kind}`;
}
