import type { PortalInvoice } from '../../domain/portal/account.ts';
import { Badge } from '../design/parts.tsx';

/** An invoice's state in a customer's words. */
export function InvoiceState({ invoice: { state, payment } }: { invoice: Pick<PortalInvoice, 'state' | 'payment'> }) {
  if (payment.dispute === 'open') return <Badge tone="warn">disputed</Badge>;
  switch (state) {
    case 'PAID':
      return <Badge tone="good">paid</Badge>;
    case 'NOTHING_DUE':
      return <Badge tone="good">nothing to pay</Badge>;
    case 'VOID':
      return <Badge>void</Badge>;
    case 'FINALIZED':
      return payment.overdueSince === null ? <Badge>open</Badge> : <Badge tone="warn">overdue</Badge>;
    case 'UNCOLLECTIBLE':
      return <Badge tone="warn">unpaid</Badge>;
    case 'HELD':
      return <Badge>being checked</Badge>;
    default:
      return <Badge>in preparation</Badge>;
  }
}
