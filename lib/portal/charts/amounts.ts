import { scaleLinear } from 'd3-scale';
import { grouped } from '../../domain/words/numbers.ts';
import { cutToWidth, type Ink, type Mark, type Scene } from './scene.ts';

export interface AmountBar {
  readonly label: string;
  /** Decimal string, may be negative. */
  readonly amount: string;
  readonly ink?: Ink;
  readonly bold?: boolean;
}

const ROW = 26;
const BAR = 14;

/** By the mean width of letters in the widest of the usual fonts. */
const widthOf = (words: string, bold = false): number => [...words].length * (bold ? 7.8 : 7);

/** Space for labels and amounts around bars, as wide as they need. */
function columns(bars: readonly AmountBar[], width: number): { readonly left: number; readonly right: number } {
  const label = Math.max(0, ...bars.map((bar) => widthOf(bar.label, bar.bold))) + 12;
  const amount = Math.max(0, ...bars.map((bar) => widthOf(grouped(bar.amount), bar.bold))) + 10;
  return { left: Math.min(label, width * 0.36), right: width - Math.min(amount, width * 0.32) };
}

/** Amounts beside each other from a common start. */
export function amountBars(bars: readonly AmountBar[], { title, width }: { title: string; width: number }): Scene {
  const { left, right } = columns(bars, width);
  const x = scaleLinear()
    .domain([0, Math.max(1e-9, ...bars.map(({ amount }) => Number(amount)))])
    .range([left, right - 6]);
  const marks = bars.flatMap(({ label, amount, ink = 's1', bold }, i): Mark[] => [
    text(cutToWidth(label, left - 8, bold ? 13.5 : 12), left - 8, i, 'end', bold),
    {
      kind: 'rect',
      x: left,
      y: i * ROW + (ROW - BAR) / 2,
      width: Math.max(1.5, x(Number(amount)) - left),
      height: BAR,
      fill: ink,
      radius: 2,
      label: `${label}: ${grouped(amount)}`,
    },
    text(grouped(amount).replace(/^-/, '−'), width, i, 'end', bold),
  ]);
  return { width, height: bars.length * ROW, title, marks };
}

/** How amounts add up to a total: each bar begins where the last one ended. */
export function waterfall(
  steps: readonly AmountBar[],
  total: AmountBar,
  { title, width }: { title: string; width: number },
): Scene {
  const { left, right } = columns([...steps, total], width);
  const ends: number[] = [];
  for (const { amount } of steps) ends.push((ends.at(-1) ?? 0) + Number(amount));
  const x = scaleLinear()
    .domain([Math.min(0, ...ends), Math.max(1e-9, ...ends, Number(total.amount))])
    .range([left, right - 6]);
  const bar = ({ label, amount }: AmountBar, from: number, to: number, i: number, fill: Ink, bold = false): Mark[] => {
    const [low, high] = [x(Math.min(from, to)), x(Math.max(from, to))];
    return [
      text(cutToWidth(label, left - 8, bold ? 13.5 : 12), left - 8, i, 'end', bold),
      {
        kind: 'rect',
        x: low,
        y: i * ROW + (ROW - BAR) / 2,
        width: Math.max(1.5, high - low),
        height: BAR,
        fill,
        radius: 2,
        label: `${label}: ${grouped(amount)}`,
      },
      text(grouped(amount).replace(/^-/, '−'), width, i, 'end', bold),
    ];
  };
  const marks = steps.flatMap((step, i) =>
    bar(step, ends[i - 1] ?? 0, ends[i] ?? 0, i, step.ink ?? (step.amount.startsWith('-') ? 's3' : 's1')),
  );
  const last = steps.length;
  return {
    ...{ width, height: (last + 1) * ROW, title },
    marks: [
      { kind: 'line', x1: x(0), x2: x(0), y1: 0, y2: (last + 1) * ROW, stroke: 'line' },
      ...marks,
      ...bar(total, 0, Number(total.amount), last, total.ink ?? 'ink', true),
    ],
  };
}

const text = (words: string, x: number, row: number, align: 'start' | 'end', bold = false): Mark => ({
  ...{ kind: 'text', x, y: row * ROW + ROW / 2 + 4, text: words, align, fill: bold ? 'ink' : 'soft', size: 11.5, bold },
});
