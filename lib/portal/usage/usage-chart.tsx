import { raw } from 'hono/html';
import { callsOfDay, type UsageMonth } from '../../domain/portal/usage.ts';
import { SERIES } from '../charts/scene.ts';
import { sceneToSvg } from '../charts/svg.ts';
import { usageByDay } from '../charts/usage-by-day.ts';
import { ChartFrame } from '../design/parts.tsx';
import { monthName } from '../design/words.ts';

/** Letters keep their size: a phone is shown the narrow drawing. */
const WIDE = 760;
const NARROW = 340;

/** Calls per day, stacked by route group; paler where hours are still open. The same picture as in the report. */
export function UsageChart({ usage: { days, groups, month } }: { usage: UsageMonth }) {
  const bars = days.map((day) => ({
    day: day.day,
    quantities: day.calls.map(String),
    ...(day.open && callsOfDay(day) > 0n ? { provisional: true } : {}),
  }));
  const draw = (width: number, className: string) =>
    raw(sceneToSvg(usageByDay({ days: bars, series: groups, unit: 'calls', width }), { className }));
  const pale = bars.some(({ provisional }) => provisional) ? [{ label: 'paler: not final yet', series: 'pale' }] : [];
  const legend = [...groups.map((label, series) => ({ label, series: SERIES[series] ?? 's5' })), ...pale];
  return (
    <ChartFrame caption={`Billable calls per day (UTC) in ${monthName(month)}, by endpoint class`} legend={legend}>
      {draw(WIDE, 'chart wide')}
      {draw(NARROW, 'chart narrow')}
    </ChartFrame>
  );
}
