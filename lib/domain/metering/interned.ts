import { UNSET } from './access-line.ts';
import type { CompiledMeters, UsageClass } from './compile-meters.ts';

/** Customer number of callers that nobody knows: their lines are never billable. */
export const UNKNOWN_CUSTOMER = 0;

/** Maps the caller that a line names to a customer id; null when it is no customer's. */
export type CustomerOf = (caller: string) => string | null;

/** Lines carry the customer as they know it. */
export const asLogged: CustomerOf = (caller) => (caller === UNSET || caller === '' ? null : caller);

/** Who calls: all that a line says of its caller. */
export interface Caller {
  readonly name: string;
  readonly rateCard: string;
  readonly client: string;
}

/** Calls with a test key carry this instead of a rate card; they are metered apart and never billed. */
const TEST_RATE_CARD = 'test';

/** Numbers for callers and for the customers they belong to, so that a line is counted without touching a string. */
export class Callers {
  readonly all: Caller[] = [];
  /** Customer number of a caller number. */
  readonly customers: number[] = [];
  readonly customerNames: string[] = [UNSET];
  readonly #customerOf: CustomerOf;
  readonly #byKey = new Map<string, number>();
  readonly #byCustomer = new Map<string, number>();

  constructor(customerOf: CustomerOf) {
    this.#customerOf = customerOf;
  }

  numberOf(name: string, rateCard: string = UNSET, client: string = UNSET): number {
    const key = `${name.length} ${rateCard.length} ${name}${rateCard}${client}`;
    const known = this.#byKey.get(key);
    if (known !== undefined) return known;
    const customer = rateCard === TEST_RATE_CARD ? null : this.#customerOf(name);
    const number = this.all.push({ name, rateCard, client }) - 1;
    this.customers.push(customer === null ? UNKNOWN_CUSTOMER : this.#customerNumber(customer));
    this.#byKey.set(key, number);
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

/** What is called, and how it went: the class of a call follows from it. */
export interface Shape {
  readonly method: string;
  readonly resourcePath: string;
  readonly status: number;
  readonly usageClass: UsageClass;
}

/** Numbers for shapes; the class of a shape is found once. */
export class Shapes {
  readonly all: Shape[] = [];
  readonly #meters: CompiledMeters;
  readonly #byKey = new Map<string, number>();

  constructor(meters: CompiledMeters) {
    this.#meters = meters;
  }

  numberOf(method: string, resourcePath: string, status: number): number {
    const key = `${status} ${method.length} ${method}${resourcePath}`;
    const known = this.#byKey.get(key);
    if (known !== undefined) return known;
    const usageClass = this.#meters.classify(method, resourcePath, status);
    const number = this.all.push({ method, resourcePath, status, usageClass }) - 1;
    this.#byKey.set(key, number);
    return number;
  }
}
