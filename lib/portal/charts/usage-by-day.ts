import { scaleBand, scaleLinear } from 'd3-scale';
import { stack } from 'd3-shape';
import { grouped } from '../../domain/words/numbers.ts';
import { short } from './numbers.ts';
import { type Ink, type Mark, type Scene, SERIES } from './scene.ts';

export interface DayBar {
  /** `YYYY-MM-DD` */
  readonly day: string;
  /** Decimal strings, in the order of the series. */
  readonly quantities: readonly string[];
  /** Numbers may still change: drawn lighter. */
  readonly provisional?: boolean;
  /** What the whole day is expected to come to: an outline above what is counted. */
  readonly expected?: string;
}

export interface UsageByDay {
  readonly days: readonly DayBar[];
  /** At most five; gather the rest under the last. */
  readonly series: readonly string[];
  /** `calls` */
  readonly unit: string;
  readonly width: number;
  readonly height?: number;
}

const MARGIN = { left: 44, right: 4, top: 12, bottom: 22 };

/** Usage per day, stacked by series. */
export function usageByDay({ days, series, unit, width, height = 220 }: UsageByDay): Scene {
  const numbers = days.map(({ quantities }) =>
    Object.fromEntries(quantities.map((quantity, i) => [i, Number(quantity)])),
  );
  const layers = stack<Record<string, number>>().keys(series.map((_, i) => String(i)))(numbers);
  const most = Math.max(
    1,
    ...days.map(({ quantities, expected }) => Math.max(total(quantities), Number(expected ?? 0))),
  );
  const x = scaleBand()
    .domain(days.map(({ day }) => day))
    .range([MARGIN.left, width - MARGIN.right])
    .paddingInner(0.24)
    .paddingOuter(0.1);
  const y = scaleLinear()
    .domain([0, most])
    .nice(4)
    .range([height - MARGIN.bottom, MARGIN.top]);
  const bars = layers.flatMap((layer, index) =>
    layer.map(([from, to], i): Mark => {
      const { day, quantities, provisional } = days[i] as DayBar;
      const label = `${day}, ${series[index]}: ${grouped(quantities[index] ?? '0')} ${unit}${provisional ? ', provisional' : ''}`;
      const fill: Ink = SERIES[index] ?? 's5';
      const shape = { x: x(day) ?? 0, y: y(to), width: x.bandwidth(), height: y(from) - y(to) };
      return { kind: 'rect', ...shape, fill, label, ...(provisional ? { opacity: 0.55 } : {}) };
    }),
  );
  return {
    ...{ width, height },
    title: titleOf(days, unit),
    marks: [
      ...axis(y, width),
      ...grounds(days, x, y),
      ...bars.filter((bar) => bar.kind !== 'rect' || bar.height > 0),
      ...outlines(days, x, y, unit),
      ...dayLabels(days, x, width, height),
    ],
  };
}

const total = (quantities: readonly string[]): number =>
  quantities.reduce((sum, quantity) => sum + Number(quantity), 0);

function titleOf(days: readonly DayBar[], unit: string): string {
  const busiest = days.reduce<DayBar | undefined>(
    (best, day) => (best && total(best.quantities) >= total(day.quantities) ? best : day),
    undefined,
  );
  const most = busiest ? total(busiest.quantities) : 0;
  if (!busiest || most === 0) return `No ${unit} in these ${days.length} days`;
  return `${unit} per day, most on ${busiest.day} with ${grouped(String(most))}`;
}

function axis(y: ReturnType<typeof scaleLinear<number, number>>, width: number): Mark[] {
  return y
    .ticks(4)
    .filter(Number.isInteger)
    .flatMap((tick): Mark[] => [
      { kind: 'line', x1: MARGIN.left, x2: width - MARGIN.right, y1: y(tick), y2: y(tick), stroke: 'line' },
      { kind: 'text', x: MARGIN.left - 6, y: y(tick) + 4, text: short(tick), align: 'end', fill: 'soft' },
    ]);
}

type Days = ReturnType<typeof scaleBand<string>>;

/** What shows through a pale bar is the sheet, not the lines of the axis. */
function grounds(days: readonly DayBar[], x: Days, y: ReturnType<typeof scaleLinear<number, number>>): Mark[] {
  return days.flatMap(({ day, quantities, provisional }): Mark[] => {
    const top = y(total(quantities));
    const shape = { x: x(day) ?? 0, y: top, width: x.bandwidth(), height: y(0) - top };
    return provisional && shape.height > 0 ? [{ kind: 'rect', ...shape, fill: 'sheet' }] : [];
  });
}

function outlines(
  days: readonly DayBar[],
  x: Days,
  y: ReturnType<typeof scaleLinear<number, number>>,
  unit: string,
): Mark[] {
  return days.flatMap(({ day, quantities, expected }): Mark[] => {
    if (expected === undefined || Number(expected) <= total(quantities)) return [];
    const [top, bottom] = [y(Number(expected)), y(total(quantities))];
    const label = `${day}: ${grouped(expected)} ${unit} expected`;
    return [
      {
        kind: 'rect',
        x: x(day) ?? 0,
        y: top,
        width: x.bandwidth(),
        height: bottom - top,
        fill: 's1',
        outline: true,
        label,
      },
    ];
  });
}

/** As many as there is room for, the first among them. */
function dayLabels(days: readonly DayBar[], x: Days, width: number, height: number): Mark[] {
  const every = Math.max(1, Math.ceil(days.length / Math.max(1, (width - MARGIN.left) / 30)));
  return days.flatMap(({ day }, i): Mark[] =>
    i % every === 0
      ? [
          {
            kind: 'text',
            x: (x(day) ?? 0) + x.bandwidth() / 2,
            y: height - 6,
            text: String(Number(day.slice(8))),
            align: 'middle',
            fill: 'soft',
          },
        ]
      : [],
  );
}
