import type { FactValue } from './rules/ruleset.ts';

/** A customer of the API, as the customers file says (CONTRACT: customers file). */
export interface Customer {
  readonly id: string;
  readonly name: string;
  /** `YYYY-MM-DD` */
  readonly createdAt: string;
  /** Existing keys imported by hash: `sha256:<hex>`. */
  readonly keys: readonly string[];
  readonly facts: Readonly<Record<string, FactValue>>;
  readonly overrides: Readonly<Record<string, unknown>>;
  /** IANA name. */
  readonly timeZone?: string;
}

/** active: calls pass. grace: calls pass, payment is overdue. suspended: calls are refused. closed: the customer left. */
export type CustomerStatus = 'active' | 'grace' | 'suspended' | 'closed';
