import { callsOfDay, type UsageDay, type UsageMonth } from '../../domain/portal/usage.ts';
import { ChartFrame } from '../design/parts.tsx';
import { grouped, monthName } from '../design/words.ts';

const WIDTH = 760;
const HEIGHT = 220;
const LEFT = 64;
const BOTTOM = 24;
const TOP = 8;

/** Calls per day, stacked by route group; paler where hours are still open. Drawn on the server, so that it prints. */
export function UsageChart({ usage }: { usage: UsageMonth }) {
  const { days, groups, month } = usage;
  const totals = days.map(callsOfDay);
  const ceiling = niceCeiling(totals.reduce((most, n) => (n > most ? n : most), 0n));
  const sum = totals.reduce((all, n) => all + n, 0n);
  const legend = groups.map((label, series) => ({ label, series: `s${series + 1}` }));
  return (
    <ChartFrame caption={`Billable calls per day (UTC) in ${monthName(month)}, by endpoint class`} legend={legend}>
      <svg
        class="chart"
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        role="img"
        aria-label={`Calls per day, ${grouped(sum)} in all. The table on the usage page has each number.`}
      >
        {[0n, 1n, 2n].map((half) => (
          <GridLine value={(ceiling * half) / 2n} ceiling={ceiling} />
        ))}
        {days.map((day, index) => (
          <Bar day={day} index={index} count={days.length} ceiling={ceiling} />
        ))}
      </svg>
    </ChartFrame>
  );
}

const y = (value: bigint, ceiling: bigint) =>
  HEIGHT - BOTTOM - (Number((value * 10_000n) / ceiling) / 10_000) * (HEIGHT - BOTTOM - TOP);

function GridLine({ value, ceiling }: { value: bigint; ceiling: bigint }) {
  const at = y(value, ceiling);
  return (
    <>
      <line class="grid" x1={LEFT} x2={WIDTH} y1={at} y2={at} />
      <text x={LEFT - 8} y={at + 4} text-anchor="end">
        {grouped(value)}
      </text>
    </>
  );
}

function Bar({ day, index, count, ceiling }: { day: UsageDay; index: number; count: number; ceiling: bigint }) {
  const step = (WIDTH - LEFT) / Math.max(count, 1);
  const x = LEFT + index * step;
  let below = 0n;
  const parts = day.calls.map((calls, series) => {
    const [bottom, top] = [y(below, ceiling), y(below + calls, ceiling)];
    below += calls;
    return calls === 0n ? null : (
      <rect
        class={`s${series + 1}${day.open ? ' open' : ''}`}
        x={(x + step * 0.14).toFixed(1)}
        y={top.toFixed(1)}
        width={(step * 0.72).toFixed(1)}
        height={Math.max(bottom - top, 0.5).toFixed(1)}
      />
    );
  });
  return (
    <g>
      <title>{`${day.day}: ${grouped(below)} calls${day.open ? ', not final yet' : ''}`}</title>
      {parts}
      {index % 5 === 0 ? (
        <text x={x + step / 2} y={HEIGHT - 6} text-anchor="middle">
          {Number(day.day.slice(8))}
        </text>
      ) : null}
    </g>
  );
}

/** The next even "round" number: an axis that ends in 1, 2, 4 or 6 times a power of ten. */
function niceCeiling(most: bigint): bigint {
  for (let power = 1n; ; power *= 10n) {
    for (const lead of [2n, 4n, 6n, 10n]) if (lead * power >= most) return lead * power;
  }
}
