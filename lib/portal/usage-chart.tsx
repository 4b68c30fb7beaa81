import { type DayUsage, grouped } from './view.ts';

const WIDTH = 720;
const HEIGHT = 200;
const LEFT = 56;
const BOTTOM = 22;
const TOP = 8;

/** Calls per day, stacked by route group. Drawn on the server: it works without JavaScript and prints. */
export function UsageChart({ days, groups }: { days: readonly DayUsage[]; groups: readonly string[] }) {
  const totals = days.map(({ calls }) => calls.reduce((sum, n) => sum + n, 0n));
  const ceiling = niceCeiling(totals.reduce((most, n) => (n > most ? n : most), 0n));
  const sum = totals.reduce((all, n) => all + n, 0n);
  return (
    <figure>
      <svg
        class="chart"
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        role="img"
        aria-label={`Calls per day, ${grouped(sum.toString())} in all`}
      >
        {[0n, 1n, 2n].map((half) => (
          <GridLine value={(ceiling * half) / 2n} ceiling={ceiling} />
        ))}
        {days.map((day, index) => (
          <Bar day={day} index={index} count={days.length} ceiling={ceiling} />
        ))}
      </svg>
      <ul class="legend">
        {groups.map((group, series) => (
          <li>
            <i class={`s${series + 1}`} />
            {group}
          </li>
        ))}
      </ul>
    </figure>
  );
}

const y = (value: bigint, ceiling: bigint) =>
  HEIGHT - BOTTOM - (Number((value * 10_000n) / ceiling) / 10_000) * (HEIGHT - BOTTOM - TOP);

function GridLine({ value, ceiling }: { value: bigint; ceiling: bigint }) {
  const at = y(value, ceiling);
  return (
    <>
      <line class="grid" x1={LEFT} x2={WIDTH} y1={at} y2={at} />
      <text x={LEFT - 6} y={at + 4} text-anchor="end">
        {grouped(value.toString())}
      </text>
    </>
  );
}

function Bar({ day, index, count, ceiling }: { day: DayUsage; index: number; count: number; ceiling: bigint }) {
  const step = (WIDTH - LEFT) / Math.max(count, 1);
  const x = LEFT + index * step;
  let below = 0n;
  const parts = day.calls.map((calls, series) => {
    const [bottom, top] = [y(below, ceiling), y(below + calls, ceiling)];
    below += calls;
    return (
      <rect
        class={`s${series + 1}`}
        x={x + step * 0.12}
        y={top}
        width={step * 0.76}
        height={Math.max(bottom - top, 0)}
      />
    );
  });
  const label = index % 5 === 0 || count <= 10;
  return (
    <g>
      <title>{`${day.day}: ${grouped(below.toString())} calls`}</title>
      {parts}
      {label ? (
        <text x={x + step / 2} y={HEIGHT - 6} text-anchor="middle">
          {day.day.slice(8)}
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
