import type { DunningWatch } from '../../app/ports/dunning-watch.ts';

/** Late customers without a database. */
export function memoryDunningWatch(): DunningWatch {
  const watched = new Set<string>();
  return {
    async add(customer) {
      watched.add(customer);
    },
    async remove(customer) {
      watched.delete(customer);
    },
    customers: async () => [...watched].sort(),
  };
}
