/**
 * A rate card as its JSON says it (see docs for the format). Amounts and quantities stay decimal strings here:
 * `compileRateCard` turns a card into exact integers once, before many customers are rated with it.
 */
export interface RateCard {
  readonly $schema?: string;
  readonly id: string;
  readonly name: string;
  /** `YYYY-MM-DD`: in force from that day's first hour in UTC. */
  readonly effectiveFrom: string;
  /** ISO 4217. */
  readonly currency: string;
  readonly rationale: string;
  readonly valueDriver: string;
  readonly owner: string;
  readonly usagePlan?: UsagePlanLimits;
  readonly features?: readonly string[];
  readonly charges: readonly Charge[];
  readonly freeMeters?: readonly string[];
  readonly discounts?: readonly Discount[];
  readonly minimum?: Minimum;
  readonly maximum?: { readonly amount: string };
  readonly creditOrder?: 'expiryFirst' | 'promoFirst';
}

/** What API Gateway enforces, best effort: throttle and quota of the tier's usage plan. */
export interface UsagePlanLimits {
  readonly ratePerSecond: number;
  readonly burst: number;
  readonly quota?: { readonly calls: number; readonly per: 'day' | 'week' | 'month' };
}

export interface Charge {
  readonly id: string;
  /** Every model but `flat` needs one; `flat` must not have one. */
  readonly meter?: string;
  readonly group?: string;
  readonly included?: Quantity;
  readonly price: Price;
}

/** A decimal string, or a JSON integer up to 2^53. */
export type Quantity = string | number;
export type Proration = 'none' | 'day' | 'second';

export interface Tier {
  /** Inclusive; `null` on the last tier. */
  readonly upTo: Quantity | null;
  readonly unitPrice: string;
  readonly flat?: string;
}
export interface PercentTier {
  readonly upTo: Quantity | null;
  readonly percent: string;
  readonly flat?: string;
}

export interface FlatPrice {
  readonly model: 'flat';
  readonly amount: string;
  readonly due?: 'inArrears' | 'inAdvance';
  readonly proration?: Proration;
}
export interface PerUnitPrice {
  readonly model: 'perUnit';
  readonly unitPrice: string;
}
export interface GraduatedPrice {
  readonly model: 'graduated';
  readonly tiers: readonly Tier[];
  readonly zeroUsage?: 'free' | 'chargeFirstFlat';
}
export interface VolumePrice {
  readonly model: 'volume';
  readonly tiers: readonly Tier[];
  readonly zeroUsage?: 'free' | 'chargeFirstFlat';
}
export interface PackagePrice {
  readonly model: 'package';
  readonly size: Quantity;
  readonly amount: string;
  readonly rounding?: 'up' | 'down';
}
/** The prices that may stand inside a matrix, a time window or an overage. */
export type QuantityPrice = PerUnitPrice | GraduatedPrice | VolumePrice | PackagePrice;

export interface PercentagePrice {
  readonly model: 'percentage';
  readonly percent: string;
  readonly fixedFee?: string;
  readonly min?: string;
  readonly max?: string;
}
export interface GraduatedPercentagePrice {
  readonly model: 'graduatedPercentage';
  readonly tiers: readonly PercentTier[];
  readonly zeroUsage?: 'free' | 'chargeFirstFlat';
}
export interface DynamicPrice {
  readonly model: 'dynamic';
  readonly multiplier?: string;
}
export interface MatrixPrice {
  readonly model: 'matrix';
  readonly groups: readonly { readonly group: string; readonly price: QuantityPrice }[];
  readonly otherwise?: QuantityPrice;
}
export type Weekday = 'mon' | 'tue' | 'wed' | 'thu' | 'fri' | 'sat' | 'sun';
export interface TimeWindow {
  readonly id: string;
  readonly days?: readonly Weekday[];
  /** `HH:MM`, local. */
  readonly from: string;
  /** `HH:MM` up to `24:00`; wraps past midnight when not after `from`. */
  readonly to: string;
  readonly price: QuantityPrice;
}
export interface TimeWindowPrice {
  readonly model: 'timeWindow';
  /** IANA name, or `customer` for the customer's own (else UTC). */
  readonly timeZone: string;
  readonly windows: readonly TimeWindow[];
  readonly otherwise?: QuantityPrice;
}
export interface ReservedPrice {
  readonly model: 'reserved';
  /** @default per hour */
  readonly capacity: { readonly quantity: Quantity; readonly per?: 'hour' | 'period' };
  /** Per hour or per period, as the capacity says; used or not. */
  readonly amount: string;
  readonly overage: QuantityPrice;
}

export type Price =
  | FlatPrice
  | QuantityPrice
  | PercentagePrice
  | GraduatedPercentagePrice
  | DynamicPrice
  | MatrixPrice
  | TimeWindowPrice
  | ReservedPrice;

/** Either `percent` or `amount`. */
export interface Discount {
  readonly id: string;
  readonly percent?: string;
  readonly amount?: string;
  /** A charge's id; without it the discount is on the whole invoice. */
  readonly appliesTo?: string;
}
export interface Minimum {
  readonly amount: string;
  readonly order?: 'afterDiscounts' | 'beforeDiscounts';
  readonly proration?: Proration;
}
