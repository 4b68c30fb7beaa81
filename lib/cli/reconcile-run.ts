import { stripeLimiter } from '../adapters/stripe/limiter.ts';
import { stripeBilling } from '../adapters/stripe/stripe-billing.ts';
import { type Reconciliation, reconcilePeriod } from '../app/reconcile/reconcile-period.ts';
import type { PlaceDifference } from '../domain/reconciliation/reconcile.ts';
import { parseMonth } from '../domain/time/time.ts';
import { connect } from './connect.ts';
import { type Io, progress } from './io.ts';
import type { ReconcileFlags } from './reconcile.ts';

/** @throws InputError for a month or customer that is none, and what {@link connect} throws */
export async function runReconcile(flags: ReconcileFlags, io: Io, open: typeof connect = connect): Promise<void> {
  parseMonth(flags.period);
  const { stores, stripe, runtime } = await open(flags, io);
  const billing = stripeBilling(stripe, stripeLimiter(runtime));
  const bar = progress(io, 'Counting again: hour');
  const reconciliation = await reconcilePeriod(
    {
      month: flags.period,
      ...(flags.customer === undefined ? {} : { customer: flags.customer }),
      onHour: (done, hours) => bar.update(done, hours),
    },
    { ...stores, customers: stores.directory, billing },
  ).finally(() => bar.end());
  if (reconciliation.differences.length > 0) io.exitCode = 3;
  io.stdout.write(flags.json ? `${JSON.stringify(reconciliation)}\n` : reconciliationText(reconciliation));
}

export function reconciliationText(reconciliation: Reconciliation): string {
  const { month, customers, hours, differences, withoutInvoice, notSent } = reconciliation;
  const counted = `${customers} customers, ${hours} hours counted again`;
  const verdict = differences.length === 0 ? 'everything agrees' : `${differences.length} differences`;
  return [
    `${month}: ${verdict} (${counted})`,
    ...differences.map(differenceText),
    ...(withoutInvoice.length > 0 ? [`  no invoice yet: ${withoutInvoice.join(', ')}`] : []),
    ...(notSent.length > 0 ? [`  not at Stripe: ${notSent.join(', ')}`] : []),
    '',
  ].join('\n');
}

function differenceText({ customer, kind, place, from, to, meter, group, line, message }: PlaceDifference): string {
  const which = kind === 'usage' ? '' : `${kind} `;
  const what = [meter, group && `(${group})`, line && `${which}line ${line}`].filter(Boolean);
  return `  ${customer}, ${from} to ${to}${what.length > 0 ? `, ${what.join(' ')}` : ''}: ${place ?? 'unclear which'} differs: ${message}`;
}
