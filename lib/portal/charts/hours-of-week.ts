import { scaleBand, scaleSqrt } from 'd3-scale';
import { grouped } from '../../domain/words/numbers.ts';
import type { Mark, Scene } from './scene.ts';

const NAMES: Readonly<Record<string, string>> = {
  mon: 'Mon',
  tue: 'Tue',
  wed: 'Wed',
  thu: 'Thu',
  fri: 'Fri',
  sat: 'Sat',
  sun: 'Sun',
};
const LEFT = 34;
const TOP = 16;

export interface HoursOfWeek {
  /** Monday first; 24 decimal strings each. */
  readonly week: readonly { readonly weekday: string; readonly hours: readonly string[] }[];
  readonly unit: string;
  readonly timeZone: string;
  readonly width: number;
}

/** When in the week something is used: a square for each hour, the darker the more. */
export function hoursOfWeek({ week, unit, timeZone, width }: HoursOfWeek): Scene {
  const hours = Array.from({ length: 24 }, (_, hour) => hour);
  const x = scaleBand<number>().domain(hours).range([LEFT, width]).padding(0.1);
  const row = Math.max(14, Math.min(22, x.bandwidth() * 0.8));
  const most = Math.max(0, ...week.flatMap(({ hours: quantities }) => quantities.map(Number)));
  // By square root: quiet hours stay visible beside a peak.
  const depth = scaleSqrt()
    .domain([0, Math.max(most, 1)])
    .range([0.06, 1]);
  const cells = week.flatMap(({ weekday, hours: quantities }, day) => [
    {
      kind: 'text',
      x: LEFT - 6,
      y: TOP + day * (row + 2) + row * 0.72,
      text: NAMES[weekday] ?? weekday,
      align: 'end',
      fill: 'soft',
    } satisfies Mark,
    ...quantities.map((quantity, hour): Mark => {
      const label = `${NAMES[weekday] ?? weekday} ${String(hour).padStart(2, '0')}:00, ${grouped(quantity)} ${unit}`;
      const place = { x: x(hour) ?? 0, y: TOP + day * (row + 2), width: x.bandwidth(), height: row };
      const opacity = Math.round(depth(Number(quantity)) * 100) / 100;
      return {
        kind: 'rect',
        ...place,
        fill: Number(quantity) === 0 ? 'line' : 's1',
        opacity: Number(quantity) === 0 ? 0.5 : opacity,
        radius: 2,
        label,
      };
    }),
  ]);
  const every = width < 500 ? 6 : 3;
  const labels = hours
    .filter((hour) => hour % every === 0)
    .map(
      (hour): Mark => ({
        kind: 'text',
        x: (x(hour) ?? 0) + x.bandwidth() / 2,
        y: 11,
        text: `${String(hour).padStart(2, '0')}`,
        align: 'middle',
        fill: 'soft',
      }),
    );
  return {
    ...{ width, height: TOP + week.length * (row + 2) },
    title: `${unit} by weekday and hour of the day, ${timeZone}: ${busiest(week)}`,
    marks: [...labels, ...cells],
  };
}

function busiest(week: HoursOfWeek['week']): string {
  const all = week.flatMap(({ weekday, hours }) =>
    hours.map((quantity, hour) => ({ weekday, hour, quantity: Number(quantity) })),
  );
  const top = all.reduce<(typeof all)[number] | undefined>(
    (best, one) => (best && best.quantity >= one.quantity ? best : one),
    undefined,
  );
  if (!top || top.quantity === 0) return 'none';
  return `most on ${NAMES[top.weekday] ?? top.weekday} from ${String(top.hour).padStart(2, '0')}:00`;
}
