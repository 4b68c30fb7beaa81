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
  /** Prices for a set of features and meters: a fee, and units of several meters that come with it. */
  readonly bundles?: readonly Bundle[];
  /** Its presence offers the card to the public: customers choose it themselves. */
  readonly selfService?: SelfService;
  /** One after the other from the customer's start; after the last the card's own prices. See `cardInPhase`. */
  readonly phases?: readonly Phase[];
}

/** When a customer that chooses this card itself gets it: with the next hour, or with its next billing period. */
export interface SelfService {
  /** Coming from a card that costs less in a month without any use. @default now */
  readonly upgrade?: 'now' | 'periodEnd';
  /** Coming from a card that costs more in such a month. @default periodEnd */
  readonly downgrade?: 'now' | 'periodEnd';
}

export interface Bundle {
  /** Unique among the charges too: the bundle's price is a line like a flat charge's, with this id. */
  readonly id: string;
  /** Which of the card's `features` it stands for; for people, the card's list is what is enforced. */
  readonly features?: readonly string[];
  readonly price: FlatPrice;
  readonly includes: readonly { readonly meter: string; readonly group?: string; readonly quantity: Quantity }[];
}

/** A stretch of a customer's first time with other prices. Either `days` or `months`, counted by UTC days. */
export interface Phase {
  readonly id: string;
  readonly days?: number;
  readonly months?: number;
  /** By the id of a charge or bundle: what takes the place of its price or allowance; `included: null` is none. */
  readonly charges?: Readonly<Record<string, ChargeInPhase>>;
  /** Off the whole invoice, as a discount with the phase's id, after the card's own. */
  readonly percent?: string;
  /** `null` is none; missing is the card's. */
  readonly minimum?: Minimum | null;
  readonly maximum?: { readonly amount: string } | null;
  /** On the last phase only. `end`: the customer has to choose a card, see `trialEnd`. @default convert */
  readonly after?: 'convert' | 'end';
}
export interface ChargeInPhase {
  readonly included?: Quantity | null;
  readonly price?: Price;
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
  /** Units that come with bundles, after `included`: made by `withoutBundles`, never written in a card. */
  readonly bundled?: readonly { readonly bundle: string; readonly quantity: Quantity }[];
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
/** At least one of `percent` and `fixedFee`. */
export interface OutcomePrice {
  readonly model: 'outcome';
  readonly percent?: string;
  readonly fixedFee?: string;
  readonly min?: string;
  readonly max?: string;
  /** An outcome counts within so many days of its touch; without it, whenever it comes. */
  readonly attributionDays?: number;
  /** A reversal within so many days of its outcome gives back what was charged; without it none does. */
  readonly reversalDays?: number;
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
  | OutcomePrice
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
