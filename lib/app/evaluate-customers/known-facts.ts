import { customerFacts } from '../../domain/segmentation/customer-list.ts';
import { usageFacts } from '../../domain/segmentation/usage-facts.ts';
import { addHours, type Hour, hourStart } from '../../domain/time/time.ts';
import type { ClosedUsageReader } from '../ports/usage.ts';
import type { EvaluationPorts } from './ports.ts';

const WINDOW_HOURS = 60 * 24;

/**
 * Facts of a customer: what its file says and what its closed usage says. The usage window ends with the newest closed
 * hour, not now: the hours that are still open would look like a fall in calls.
 */
export function knownFacts(usage: Pick<ClosedUsageReader, 'closedHours' | 'firstOpenHour'>): EvaluationPorts['facts'] {
  let window: { readonly now: Hour; readonly end: Promise<Hour> } | undefined;
  const endOfWindow = (now: Hour): Promise<Hour> => {
    if (window?.now !== now) window = { now, end: closedUntil(usage, now) };
    return window.end;
  };
  return async ({ customer }, now, { ruleset }) => {
    const at = await endOfWindow(now);
    const start = hourStart(addHours(at, -WINDOW_HOURS));
    const rows = await usage.closedHours(customer.id, { start, end: hourStart(at) });
    const hours = rows.flatMap(({ hour, tallies }) => (tallies ? [{ hour, ...tallies }] : []));
    const routeGroups = (ruleset.meters.routeGroups ?? []).map(({ id }) => id);
    return { ...customerFacts(customer), ...usageFacts({ hours, at, routeGroups }, ruleset.facts) };
  };
}

async function closedUntil(usage: Pick<ClosedUsageReader, 'firstOpenHour'>, now: Hour): Promise<Hour> {
  const period = { start: hourStart(addHours(now, -WINDOW_HOURS)), end: hourStart(now) };
  const open = await usage.firstOpenHour(period);
  // Nothing closed yet: an empty window that ends now.
  return open === undefined || hourStart(open) === period.start ? now : open;
}
