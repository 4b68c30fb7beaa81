import { grouped } from '../../../lib/domain/words/numbers.ts';
import { amountBars, waterfall } from '../../../lib/portal/charts/amounts.ts';
import { hoursOfWeek } from '../../../lib/portal/charts/hours-of-week.ts';
import { short } from '../../../lib/portal/charts/numbers.ts';
import { PAPER, type RectMark, type Scene } from '../../../lib/portal/charts/scene.ts';
import { sceneToSvg } from '../../../lib/portal/charts/svg.ts';
import { usageByDay } from '../../../lib/portal/charts/usage-by-day.ts';

const rects = ({ marks }: Scene): RectMark[] => marks.filter((mark) => mark.kind === 'rect');
const inside = ({ width, height, marks }: Scene) =>
  marks.every((mark) => {
    if (mark.kind === 'line') return [mark.x1, mark.x2].every((x) => x >= 0 && x <= width) && mark.y2 <= height;
    if (mark.kind === 'text') return mark.x >= 0 && mark.x <= width && mark.y >= 0 && mark.y <= height;
    return (
      mark.x >= 0 &&
      mark.x + mark.width <= width + 0.01 &&
      mark.y >= 0 &&
      mark.y + mark.height <= height + 0.01 &&
      mark.height >= 0
    );
  });
const DAYS = [
  { day: '2026-10-01', quantities: ['30', '10'] },
  { day: '2026-10-02', quantities: ['0', '0'] },
  { day: '2026-10-03', quantities: ['10', '0'], provisional: true, expected: '40' },
];

describe('usage by day', () => {
  const scene = usageByDay({ days: DAYS, series: ['search', 'pay'], unit: 'calls', width: 720 });
  test('bars are as high as what they stand for, and stacked', () => {
    const [search, , pay] = rects(scene).filter(({ fill }) => fill !== 'sheet');
    expect(search?.height).toBeCloseTo(3 * (pay?.height ?? 0), 5);
    expect((pay?.y ?? 0) + (pay?.height ?? 0)).toBeCloseTo(search?.y ?? 0, 5);
  });
  test('provisional bars are lighter, what is expected is an outline on top', () => {
    expect(rects(scene).find(({ opacity }) => opacity !== undefined)?.label).toContain('provisional');
    const pale = rects(scene).find(({ opacity }) => opacity !== undefined);
    const ground = rects(scene).find(({ fill }) => fill === 'sheet');
    expect([ground?.x, ground?.y, ground?.height]).toEqual([pale?.x, pale?.y, pale?.height]);
    const outline = rects(scene).find((mark) => mark.outline);
    expect(outline?.label).toBe('2026-10-03: 40 calls expected');
  });
  test.each([340, 720])('everything lies inside of the picture, %d wide', (width) => {
    expect(inside(usageByDay({ days: DAYS, series: ['search', 'pay'], unit: 'calls', width }))).toBe(true);
  });
  test('without usage, or days, it says so', () => {
    expect(usageByDay({ days: [], series: [], unit: 'calls', width: 720 }).title).toBe('No calls in these 0 days');
  });
});

describe('hours of the week', () => {
  const week = ['mon', 'tue'].map((weekday, day) => ({
    weekday,
    hours: Array.from({ length: 24 }, (_, hour) => (day === 1 && hour === 9 ? '100' : '0')),
  }));
  const scene = hoursOfWeek({ week, unit: 'calls', timeZone: 'Europe/Berlin', width: 720 });
  test('a square for each hour, the busiest the darkest', () => {
    expect(rects(scene)).toHaveLength(48);
    expect(rects(scene).filter(({ opacity }) => opacity === 1)).toEqual([
      expect.objectContaining({ label: 'Tue 09:00, 100 calls' }),
    ]);
    expect(scene.title).toContain('most on Tue from 09:00');
    expect(inside(scene)).toBe(true);
  });
});

describe('amounts', () => {
  const steps = [
    { label: 'fee', amount: '49.00' },
    { label: 'calls', amount: '51.00' },
    { label: 'discount', amount: '-50.00' },
  ];
  const total = { label: 'Total', amount: '50.00' };
  test('a waterfall begins each bar where the last one ended, and the total at the start', () => {
    const [fee, calls, discount, sum] = rects(waterfall(steps, total, { title: 't', width: 720 }));
    expect(calls?.x).toBeCloseTo((fee?.x ?? 0) + (fee?.width ?? 0), 5);
    expect((discount?.x ?? 0) + (discount?.width ?? 0)).toBeCloseTo((calls?.x ?? 0) + (calls?.width ?? 0), 5);
    expect(sum?.x).toBeCloseTo(fee?.x ?? 0, 5);
    expect((sum?.x ?? 0) + (sum?.width ?? 0)).toBeCloseTo(discount?.x ?? 0, 5);
  });
  test('a bill below zero stays inside of the picture', () => {
    expect(
      inside(waterfall([{ label: 'x', amount: '-5' }], { label: 'Total', amount: '-5' }, { title: 't', width: 340 })),
    ).toBe(true);
  });
  test('amounts of nothing are bars of nearly nothing', () => {
    expect(rects(amountBars([{ label: 'a', amount: '0.00' }], { title: 't', width: 340 }))[0]?.width).toBe(1.5);
  });
});

describe('SVG', () => {
  const scene: Scene = {
    width: 10,
    height: 10,
    title: '<b>"',
    marks: [{ kind: 'rect', x: 0, y: 0, width: 5.123456, height: 5, fill: 's1', label: '<i>' }],
  };
  test('colours are classes, for the page to say what they look like; text is escaped', () => {
    expect(sceneToSvg(scene)).toContain(
      '<rect class="f-s1" x="0" y="0" width="5.12" height="5"><title>&lt;i&gt;</title></rect>',
    );
    expect(sceneToSvg(scene)).toContain('aria-label="&lt;b&gt;&quot;"');
  });
  test('for mail they are in the markup', () => {
    expect(sceneToSvg(scene, { colours: 'paper' })).toContain(`fill="${PAPER.s1}"`);
  });
});

test.each([
  ['1234567.5', '1,234,567.5'],
  ['-1234', '-1,234'],
  ['999', '999'],
])('%s reads %s', (text, shown) => expect(grouped(text)).toBe(shown));
test.each([
  [950, '950'],
  [1_500, '1.5k'],
  [2_000_000, '2M'],
  [0, '0'],
] as const)('%d is %s on an axis', (value, shown) => expect(short(value)).toBe(shown));
