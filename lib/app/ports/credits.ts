import type { CreditGrant } from '../../domain/credits/credit-grant.ts';

/** Credit grants by customer, append only: one conditional item write each. What is left of them, invoices say. */
export interface CreditGrants {
  /** `exists` when the customer has a grant of that id, which stays as it is. */
  grant(grant: CreditGrant): Promise<'granted' | 'exists'>;
  /** Oldest first; those that invoices gave (`Invoice.grants`) are not among them. */
  ofCustomer(customer: string): Promise<CreditGrant[]>;
}
