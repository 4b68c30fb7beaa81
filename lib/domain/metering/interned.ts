import { UNSET } from './access-line.ts';
import type { CompiledMeters, UsageClass } from './compile-meters.ts';

/** Customer number of callers that nobody knows: their lines are never billable. */
export const UNKNOWN_CUSTOMER = 0;

/** Maps the caller that a line names to a customer id; null when it is no customer's. */
export type CustomerOf = (caller: string) => string | null;

/** Lines carry the customer as they know it. */
export const asLogged: CustomerOf = (caller) => (caller === UNSET || caller === '' ? null : caller);

/** Numbers for callers and for the customers they belong to, so that a line is counted without touching a string. */
export class Callers {
  readonly names: string[] = [];
  /** Customer number of a caller number. */
  readonly customers: number[] = [];
  readonly customerNames: string[] = [UNSET];
  readonly #customerOf: CustomerOf;
  readonly #byName = new Map<string, number>();
  readonly #byCustomer = new Map<string, number>();

  constructor(customerOf: CustomerOf) {
    this.#customerOf = customerOf;
  }

  numberOf(name: string): number {
    const known = this.#byName.get(name);
    if (known !== undefined) return known;
    const customer = this.#customerOf(name);
    const number = this.names.push(name) - 1;
    this.customers.push(customer === null ? UNKNOWN_CUSTOMER : this.#customerNumber(customer));
    this.#byName.set(name, number);
    return number;
  }

  #customerNumber(customer: string): number {
    const known = this.#byCustomer.get(customer);
    if (known !== undefined) return known;
    const number = this.customerNames.push(customer) - 1;
    this.#byCustomer.set(customer, number);
    return number;
  }
}

/** What calls have in common: all fields of a line but its id, time, caller and measurements. */
export interface Shape {
  readonly rateCard: string;
  readonly client: string;
  readonly method: string;
  readonly resourcePath: string;
  readonly status: number;
  readonly usageClass: UsageClass;
}

/** Calls with a test key carry this instead of a rate card; they are metered apart and never billed. */
const TEST_RATE_CARD = 'test';

/** Numbers for shapes; the class of a shape is found once. */
export class Shapes {
  readonly all: Shape[] = [];
  readonly #meters: CompiledMeters;
  readonly #byKey = new Map<string, number>();

  constructor(meters: CompiledMeters) {
    this.#meters = meters;
  }

  numberOf(fields: Omit<Shape, 'usageClass'>): number {
    const { rateCard, client, method, resourcePath, status } = fields;
    const key = JSON.stringify([rateCard, client, method, resourcePath, status]);
    const known = this.#byKey.get(key);
    if (known !== undefined) return known;
    const counted = this.#meters.classify(method, resourcePath, rateCard === TEST_RATE_CARD ? 0 : status);
    const number = this.all.push({ rateCard, client, method, resourcePath, status, usageClass: counted }) - 1;
    this.#byKey.set(key, number);
    return number;
  }
}
