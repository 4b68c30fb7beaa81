import { InputError } from '../../domain/input-error.ts';
import { type UsageMonth, usageMonth } from '../../domain/portal/usage.ts';
import { DAY_MS, hourStart, monthOf, type Period, parseMonth } from '../../domain/time/time.ts';
import type { Directory } from '../ports/directory.ts';
import type { ClosedUsageReader, ProvisionalUsage } from '../ports/usage.ts';
import type { Clock } from '../runtime.ts';

export interface PortalUsageNeeds {
  readonly directory: Pick<Directory, 'profile'>;
  readonly usage: Pick<ClosedUsageReader, 'closedHours' | 'firstOpenHour'>;
  readonly provisional: Pick<ProvisionalUsage, 'provisional'>;
  readonly clock: Clock;
}

/** Two years, as long as anyone compares with. */
const MONTHS_MAX = 24;

/** One customer's usage by month: closed numbers, and the provisional ones of hours that are still open. */
export function portalUsage({ directory, usage, provisional, clock }: PortalUsageNeeds) {
  const read = async (customer: string, period: Period): Promise<UsageMonth> => {
    const [firstOpen, closed] = await Promise.all([usage.firstOpenHour(period), usage.closedHours(customer, period)]);
    const open =
      firstOpen === undefined
        ? []
        : await provisional.provisional(customer, { start: hourStart(firstOpen), end: period.end });
    return usageMonth({ period, closed, provisional: open, firstOpen });
  };
  const months = async (customer: string): Promise<string[]> => {
    const registeredAt = (await directory.profile(customer))?.registeredAt ?? clock.now();
    const found = [monthOf(clock.now())];
    while (found.length < MONTHS_MAX) {
      const { start } = parseMonth(found.at(-1) ?? '');
      if (start <= registeredAt) break;
      found.push(monthOf(start - DAY_MS));
    }
    return found;
  };
  return {
    months,
    current: (customer: string) => read(customer, parseMonth(monthOf(clock.now()))),
    async month(customer: string, month: string): Promise<UsageMonth | undefined> {
      const period = periodNamed(month);
      return period && (await months(customer)).includes(month) ? read(customer, period) : undefined;
    },
  };
}

/** An address may name a month that no calendar has. */
function periodNamed(month: string): Period | undefined {
  try {
    return parseMonth(month);
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}
