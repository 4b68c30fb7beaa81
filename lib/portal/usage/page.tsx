import { callsOfDay, type UsageMonth } from '../../domain/portal/usage.ts';
import { Badge, Empty, Table } from '../design/parts.tsx';
import { grouped, monthName, shortDay, timeName } from '../design/words.ts';
import { UsageChart } from './usage-chart.tsx';

/** One month: the chart, and every number of it as a table below. */
export function UsagePage({ usage, months }: { usage: UsageMonth; months: readonly string[] }) {
  const { month, days, groups, openSince, closedCalls, openCalls } = usage;
  const total = closedCalls + openCalls;
  return (
    <>
      <h1>Usage in {monthName(month)}</h1>
      <p class="lead">
        {openSince === null
          ? `${grouped(total)} billable calls. Every hour of the month is closed: these are the numbers that were billed.`
          : `${grouped(total)} billable calls so far. Hours since ${timeName(openSince)} are still open: they close after 26 hours and may change until then.`}
      </p>
      <p>
        <a href={`/usage/${month}/report`}>Report of {monthName(month)}</a>, to read, print or keep: what it costs
        {openSince === null ? '' : ' so far'}, and why.
      </p>
      {total === 0n ? (
        <Empty>No billable calls in {monthName(month)}.</Empty>
      ) : (
        <>
          <div class="sheet">
            <UsageChart usage={usage} />
          </div>
          <h2>Each day</h2>
          <Table
            label={`Calls by day in ${monthName(month)}`}
            head={[
              { name: 'Day (UTC)' },
              ...groups.map((name) => ({ name, number: true })),
              { name: 'All', number: true },
            ]}
            foot={
              <tr>
                <th scope="row">Month</th>
                {groups.map((_, series) => (
                  <td class="number">{grouped(days.reduce((sum, { calls }) => sum + (calls[series] ?? 0n), 0n))}</td>
                ))}
                <td class="number">{grouped(total)}</td>
              </tr>
            }
          >
            {days
              .filter((day) => callsOfDay(day) > 0n)
              .map((day) => (
                <tr>
                  <th scope="row" class="nowrap">
                    {shortDay(day.day)} {day.open ? <Badge>not final</Badge> : null}
                  </th>
                  {day.calls.map((calls) => (
                    <td class="number">{grouped(calls)}</td>
                  ))}
                  <td class="number">{grouped(callsOfDay(day))}</td>
                </tr>
              ))}
          </Table>
          <p class="note">Days without calls are left out. Calls with test keys are counted apart and never billed.</p>
        </>
      )}
      <h2>Other months</h2>
      <ul class="plain legend">
        {months.map((each) => (
          <li>
            {each === month ? <strong>{monthName(each)}</strong> : <a href={`/usage/${each}`}>{monthName(each)}</a>}
          </li>
        ))}
      </ul>
    </>
  );
}
