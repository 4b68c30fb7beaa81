import { resolve } from 'node:path';
import { Duration } from 'aws-cdk-lib';
import { DAY_MS, parseMonth } from '../../lib/domain/time/time.ts';
import { synthesize } from '../../lib/local/cloud/synth.ts';
import { COMPANIES } from '../../lib/local/demo/companies.ts';
import { liveMonth } from '../../lib/local/demo/month.ts';
import { serveMonth } from '../../lib/local/serve.ts';
import { DECLINING_CARD, GOOD_CARD } from '../../lib/local/stripe/payments.ts';

export interface ServedDemo {
  readonly url: string;
  readonly customer: { readonly id: string; readonly name: string };
  /** Its card is declined, so that its invoice is open. */
  readonly debtor: { readonly id: string; readonly name: string };
  /** The month that is invoiced, `YYYY-MM`. */
  readonly month: string;
  /** One call with a key; the status that came back, when the key has been placed. */
  call(key: string, path?: string): Promise<number>;
  stop(): Promise<void>;
}

const MONTH = '2026-10';
/** Few, so that the month is short. The debtor's fee is due in advance from the first day on, and its card is declined. */
const [CUSTOMER, DEBTOR] = ['podwave', 'lagos-ledger'];

/** A short month of a few companies, served as `npm start` does. */
export async function serveDemo(): Promise<ServedDemo> {
  const template = await synthesize({
    ...{ rules: resolve(import.meta.dirname, '../../rules'), commit: 'local', exempt: ['/health'], portal: {} },
    notices: { from: 'billing@example.com' },
    buffering: { seconds: 60, mebibytes: 64 },
    authorizerTtl: Duration.minutes(5),
    closeEvery: Duration.hours(6),
    invoiceDelayHours: 27,
  });
  const [company, debtor] = [CUSTOMER, DEBTOR].map((name) => COMPANIES.find(({ id }) => id === name));
  if (company === undefined || debtor === undefined) throw new Error('the demonstration has none of the companies');
  const cardOf = ({ name }: { name: string | null }) => (name === debtor.name ? DECLINING_CARD : GOOD_CARD);
  const month = await liveMonth([company, debtor], {
    template,
    period: parseMonth(MONTH),
    seed: 'browser',
    stripe: { cardOf },
  });
  await month.goOn?.(month.period.end + 4 * DAY_MS);
  const served = await serveMonth(month, { port: 0, speed: 60 });
  return {
    url: served.pagesUrl,
    customer: { id: company.id, name: company.name },
    debtor: { id: debtor.id, name: debtor.name },
    month: MONTH,
    async call(key, path = '/search') {
      for (let attempt = 0; ; attempt++) {
        const { status } = await fetch(`${served.gatewayUrl}${path}`, { headers: { 'x-api-key': key } });
        if (status !== 401 || attempt === 20) return status;
        await new Promise((wake) => setTimeout(wake, 250));
      }
    },
    async stop() {
      await served.close();
      await month.tollgate.stop();
    },
  };
}
