import {
  invoiceNumber,
  isNeverShown,
  type PortalInvoice,
  type PortalInvoiceHead,
} from '../../domain/portal/account.ts';
import type { Billing, BillingCorrections } from '../ports/billing.ts';
import type { InvoiceHead, InvoiceRecord, Invoices } from '../ports/invoices.ts';
import type { Clock } from '../runtime.ts';

export interface PortalInvoiceNeeds {
  readonly invoices: Pick<Invoices, 'headsOf' | 'get'>;
  readonly billing: Pick<Billing, 'getInvoice'> & Pick<BillingCorrections, 'paymentMethodPage'>;
  readonly clock: Clock;
}

/** A customer's own invoices: each is asked for by (customer, number), so that no number leads to another's. */
export function portalInvoices({ invoices, billing, clock }: PortalInvoiceNeeds) {
  const shown = async (customer: string): Promise<InvoiceHead[]> =>
    (await invoices.headsOf(customer)).filter(({ state }) => !isNeverShown(state));
  const headOf = async (customer: string, number: string) =>
    (await shown(customer)).find(({ key }) => invoiceNumber(key) === number);

  return {
    list: async (customer: string): Promise<readonly PortalInvoiceHead[]> =>
      (await shown(customer)).map((head) => ({ ...stateOf(head), invoice: head.invoice })).reverse(),
    async one(customer: string, number: string): Promise<PortalInvoice | undefined> {
      const head = await headOf(customer, number);
      const record = head && (await invoices.get(head.key));
      return record && { ...stateOf(record), invoice: record.invoice };
    },
    async hostedPage(customer: string, number: string): Promise<string | undefined> {
      const id = (await headOf(customer, number))?.stripe.invoice ?? null;
      if (id === null) return undefined;
      const answer = await billing.getInvoice(id);
      return answer.ok ? (answer.value?.hostedUrl ?? undefined) : undefined;
    },
    /** The same page within the same minute: pressing twice opens one. */
    async paymentMethodPage(customer: string, returnUrl: string): Promise<string | undefined> {
      const newest = (await shown(customer)).findLast(({ stripe }) => stripe.customer !== null);
      const [stripeCustomer, currency] = [newest?.stripe.customer, newest?.invoice?.currency];
      if (stripeCustomer == null || currency === undefined) return undefined;
      const key = `payment-method/${customer}/${Math.floor(clock.now() / 60_000)}`;
      const answer = await billing.paymentMethodPage({ stripeCustomer, currency, returnUrl }, key);
      return answer.ok ? answer.value : undefined;
    },
  };
}

const stateOf = ({ key, state, held, payment }: InvoiceHead | InvoiceRecord) => ({
  key,
  state,
  held: state === 'HELD' ? (held?.message ?? null) : null,
  payment,
});
