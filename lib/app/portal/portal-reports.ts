import { InputError } from '../../domain/input-error.ts';
import { cardRater } from '../../domain/invoicing/rater.ts';
import { isNeverShown } from '../../domain/portal/account.ts';
import type { UsageReport } from '../../domain/reporting/report.ts';
import { parsedOnce } from '../invoice-customer/parsed-once.ts';
import { type ReportPorts, reportMaker } from '../make-report/make-report.ts';

export interface PortalReportNeeds extends Omit<ReportPorts, 'rater' | 'parseRuleset'> {
  /** Read at the first PDF: no page waits for them. */
  readonly fonts: () => { readonly regular: Uint8Array; readonly bold: Uint8Array };
}

/** A customer's monthly reports: those of `tollgate reports`, without invoices that the customer is never to see. */
export function portalReports(needs: PortalReportNeeds) {
  const make = reportMaker({
    ...needs,
    // A link that was mailed before a customer was erased opens nothing any more.
    directory: {
      profile: async (customer) => {
        const profile = await needs.directory.profile(customer);
        return profile?.erasedAt === undefined ? profile : undefined;
      },
    },
    invoices: {
      get: needs.invoices.get,
      headsOf: async (customer) => (await needs.invoices.headsOf(customer)).filter(({ state }) => !isNeverShown(state)),
    },
    rater: cardRater(),
    parseRuleset: parsedOnce(),
  });
  return {
    fonts: needs.fonts,
    async of(customer: string, month: string): Promise<UsageReport | undefined> {
      try {
        const report = await make(customer, month);
        return report === 'unknown-customer' ? undefined : report;
      } catch (error) {
        // An address may name a month before the customer came, one to come, or one that no calendar has.
        if (error instanceof InputError && NO_SUCH_MONTH.has(error.code)) return undefined;
        throw error;
      }
    },
  };
}

const NO_SUCH_MONTH: ReadonlySet<string> = new Set(['no-such-period', 'no-rules', 'not-a-month', 'not-a-date']);
