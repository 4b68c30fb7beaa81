import { parseDecimal } from '../../../domain/money/decimal.ts';
import type { UsageReport } from '../../../domain/reporting/report.ts';
import { sumOf, writeQuantity } from '../../../domain/reporting/usage-summary.ts';
import { grouped } from '../../../domain/words/numbers.ts';
import { hoursOfWeek } from '../../charts/hours-of-week.ts';
import { type DayBar, usageByDay } from '../../charts/usage-by-day.ts';
import { type Block, cell, chart, type Section } from '../document.ts';
import { capital, groupName, longTime, monthName, percent, plural } from '../wording.ts';

const SERIES_MAX = 5;

/** What was used, by endpoint class, day, hour of the day and status class. */
export function usage(report: UsageReport): Section {
  const { usage } = report;
  const title = 'What was used';
  if (usage.groups.length === 0) {
    const text = `No billable ${plural(usage.unit)} in this period.`;
    return { id: 'usage', title, blocks: [{ kind: 'text', text, soft: true }, ...otherMeters(report)] };
  }
  const { days, series } = dayBars(report);
  const unit = plural(usage.unit);
  const { timeZone } = report.customer;
  const peak = usage.peak
    ? ` The busiest hour began ${longTime(usage.peak.hour)} with ${grouped(usage.peak.quantity)} ${unit}.`
    : '';
  const open = days.some(({ provisional }) => provisional) ? ' Lighter bars are not closed yet.' : '';
  const expected = report.forecast?.quantity ? ' Dashed outlines are expected.' : '';
  return {
    id: 'usage',
    title,
    blocks: [
      chart(
        (width) => usageByDay({ days, series, unit, width }),
        `Billable ${unit} per UTC day.${open}${expected}${peak}`,
        series,
      ),
      groupTable(report),
      { kind: 'heading', text: 'When in the week' },
      chart(
        (width) => hoursOfWeek({ week: usage.week, unit, timeZone, width }),
        `The darker, the more ${unit}; hours as clocks show them in ${timeZone}.`,
      ),
      ...statuses(report),
      ...otherMeters(report),
    ],
  };
}

/** At most five series: the largest groups, then all others together. */
export function dayBars({ usage, forecast }: UsageReport): {
  readonly days: readonly DayBar[];
  readonly series: readonly string[];
} {
  const many = usage.groups.length > SERIES_MAX;
  const shown = many ? SERIES_MAX - 1 : usage.groups.length;
  const series = usage.groups.slice(0, shown).map(({ group }) => groupName(group));
  if (many) series.push(`${usage.groups.length - shown} others`);
  const expected = new Map(forecast?.days.map((day) => [day.day, day.expected]));
  const counted = usage.days.map(({ day, quantities, provisional }) => ({
    day,
    provisional,
    quantities: many
      ? [...quantities.slice(0, shown), writeQuantity(sumOf(quantities.slice(shown).map(parseDecimal)))]
      : quantities,
    ...expectedOf(expected.get(day)),
  }));
  const known = new Set(usage.days.map(({ day }) => day));
  const ahead = [...expected]
    .filter(([day]) => !known.has(day))
    .map(([day, quantity]) => ({ day, quantities: series.map(() => '0'), expected: quantity }));
  return { days: [...counted, ...ahead], series };
}

const expectedOf = (expected: string | undefined) => (expected === undefined ? {} : { expected });

function groupTable({ usage, comparison }: UsageReport): Block {
  const changes = new Map(comparison?.groups.map((change) => [change.group, change]));
  const compared = changes.size > 0;
  return {
    kind: 'table',
    caption: `Billable ${plural(usage.unit)} by endpoint class`,
    columns: [
      { title: 'Endpoint class', share: compared ? 0.4 : 0.6 },
      { title: capital(plural(usage.unit)), number: true, share: 0.22 },
      { title: 'Share', number: true, share: 0.18 },
      ...(compared ? [{ title: `Against ${monthName(comparison?.period ?? '')}`, number: true, share: 0.2 }] : []),
    ],
    rows: usage.groups.map(({ group, quantity, percent: share }) => [
      cell(groupName(group)),
      cell(grouped(quantity)),
      cell(`${share} %`),
      ...(compared ? [cell(percent(changes.get(group)?.percent ?? null) || 'new')] : []),
    ]),
    foot: [
      cell('Total'),
      cell(grouped(usage.total)),
      cell(''),
      ...(compared ? [cell(percent(comparison?.quantity.percent ?? null))] : []),
    ],
  };
}

const CLASSES: Readonly<Record<string, string>> = {
  '1xx': 'informational',
  '2xx': 'answered',
  '3xx': 'redirected',
  '4xx': 'refused or wrong request',
  '5xx': 'our failure',
};

function statuses({ usage: { statuses } }: UsageReport): Block[] {
  if (statuses === null) return [];
  const summary = `Of ${grouped(statuses.calls)} calls in closed hours, billable or not, ${grouped(statuses.errors)} (${statuses.errorPercent} %) were answered with an error.`;
  const heading: Block = { kind: 'heading', text: 'How calls were answered' };
  if (statuses.classes === null || statuses.classes.length === 0) return [heading, { kind: 'text', text: summary }];
  return [
    heading,
    { kind: 'text', text: summary },
    {
      kind: 'table',
      caption: 'Calls by status class',
      columns: [
        { title: 'Status', share: 0.5 },
        { title: 'Calls', number: true, share: 0.5 },
      ],
      rows: statuses.classes.map(({ statusClass, calls }) => [
        cell(`${statusClass}, ${CLASSES[statusClass] ?? 'other'}`),
        cell(grouped(calls)),
      ]),
    },
  ];
}

/** Meters besides calls: only a table, since their units differ. */
function otherMeters({ usage: { meters, meter } }: UsageReport): Block[] {
  const others = meters.filter((one) => one.meter !== meter);
  if (others.length === 0) return [];
  return [
    { kind: 'heading', text: 'Other meters' },
    {
      kind: 'table',
      caption: 'Usage of other meters',
      columns: [
        { title: 'Meter', share: 0.6 },
        { title: 'Quantity', number: true, share: 0.4 },
      ],
      rows: others.map(({ meter, group, quantity, unit, events }) => [
        cell(group === null ? meter : `${meter}, ${group}`),
        cell(
          `${grouped(quantity)} ${quantity === '1' ? unit : plural(unit)}${events === null ? '' : ` in ${grouped(String(events))} events`}`,
        ),
      ]),
    },
  ];
}
