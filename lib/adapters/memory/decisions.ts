import type { Decisions } from '../../app/ports/decisions.ts';
import type { Decision } from '../../domain/segmentation/decision.ts';

/** Decisions without a database: append only, one per customer and hour. */
export function memoryDecisions(): Decisions {
  const byCustomer = new Map<string, Decision[]>();
  const of = (customer: string) => byCustomer.get(customer) ?? [];

  return {
    inForceAt: async (customer, hour) => of(customer).findLast(({ effectiveFrom }) => effectiveFrom <= hour),
    latest: async (customer) => of(customer).at(-1),
    async during(customer, from, to) {
      const all = of(customer);
      const first = all.findLast(({ effectiveFrom }) => effectiveFrom <= from);
      const inside = all.filter(({ effectiveFrom }) => effectiveFrom > from && effectiveFrom < to);
      return first ? [first, ...inside] : inside;
    },
    async record(decision) {
      const all = of(decision.customer);
      if (all.some(({ effectiveFrom }) => effectiveFrom === decision.effectiveFrom)) return 'exists';
      const sorted = [...all, decision].sort((a, b) => a.effectiveFrom - b.effectiveFrom);
      byCustomer.set(decision.customer, sorted);
      return 'recorded';
    },
  };
}
