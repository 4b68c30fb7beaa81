import { userInfo } from 'node:os';
import { stripeLimiter } from '../adapters/stripe/limiter.ts';
import { stripeBilling } from '../adapters/stripe/stripe-billing.ts';
import { stripeCorrections } from '../adapters/stripe/stripe-corrections.ts';
import type { CorrectionPorts } from '../app/correct-invoices/price-correction.ts';
import type { TopUpPorts } from '../app/grant-credit/grant-credit.ts';
import { parsedOnce } from '../app/invoice-customer/parsed-once.ts';
import { parseSettings } from '../app/invoice-customer/settings.ts';
import type { Billing, BillingCorrections } from '../app/ports/billing.ts';
import type { CreditGrants } from '../app/ports/credits.ts';
import type { Decisions } from '../app/ports/decisions.ts';
import type { Directory } from '../app/ports/directory.ts';
import type { Approvals, Corrections, Invoices, Sweeps } from '../app/ports/invoices.ts';
import type { Rulesets } from '../app/ports/rulesets.ts';
import type { Operator } from '../app/review-invoices/review-invoices.ts';
import { requireEnv } from '../app/runtime.ts';
import { cardRater } from '../domain/invoicing/rater.ts';
import type { ConnectedStack } from './connect.ts';
import type { Io } from './io.ts';

/** What operators' commands do their work with. */
export interface Operating extends CorrectionPorts, TopUpPorts {
  readonly invoices: Invoices & Sweeps;
  readonly customers: Pick<Directory, 'profile' | 'customers'>;
  readonly decisions: Pick<Decisions, 'during' | 'inForceAt'>;
  readonly corrections: Corrections;
  readonly approvals: Approvals;
  readonly credits: CreditGrants;
  readonly rulesets: Pick<Rulesets, 'byHash' | 'inForceAt'>;
  readonly billing: Billing & BillingCorrections;
  /** Hours after its end at which a period is due. */
  readonly invoiceDelayHours: number;
}

/** The stack's stores and Stripe, as the use cases want them. */
export function operatingPorts({
  stores,
  runtime,
  stripe,
}: Pick<ConnectedStack, 'stores' | 'runtime' | 'stripe'>): Operating {
  const { clock, log, metrics } = runtime;
  const limiter = stripeLimiter(runtime);
  return {
    ...stores,
    ...{ clock, log, metrics, rater: cardRater(), parseRuleset: parsedOnce() },
    customers: stores.directory,
    queue: stores.invoiceQueue,
    billing: { ...stripeBilling(stripe, limiter), ...stripeCorrections(stripe, limiter) },
    get invoiceDelayHours() {
      return Number(requireEnv(runtime, 'INVOICE_DELAY_HOURS'));
    },
    /** Read only where a command makes an invoice. */
    get settings() {
      return parseSettings(requireEnv(runtime, 'INVOICING_SETTINGS'));
    },
  };
}

/** Who it is that asks, if the command was not told: the name that this machine knows. */
export const operatorOf = ({ by, reason }: { readonly by?: string; readonly reason: string }, io: Io): Operator => ({
  by: by ?? io.env.TOLLGATE_OPERATOR ?? userInfo().username,
  reason,
});
