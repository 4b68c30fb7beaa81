import type { CreditGrants } from '../../app/ports/credits.ts';
import type { CreditGrant } from '../../domain/credits/credit-grant.ts';

/** Credit grants without a database. */
export function memoryCredits(): CreditGrants {
  const byCustomer = new Map<string, Map<string, CreditGrant>>();
  return {
    async grant(grant) {
      const known = byCustomer.get(grant.customer) ?? new Map<string, CreditGrant>();
      byCustomer.set(grant.customer, known);
      if (known.has(grant.id)) return 'exists';
      known.set(grant.id, structuredClone(grant));
      return 'granted';
    },
    async ofCustomer(customer) {
      const found = [...(byCustomer.get(customer)?.values() ?? [])];
      return structuredClone(found.sort((a, b) => a.grantedAt - b.grantedAt || (a.id < b.id ? -1 : 1)));
    },
  };
}
