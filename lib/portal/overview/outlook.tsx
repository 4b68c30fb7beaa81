import type { PeriodOutlook } from '../../domain/shop/plan.ts';
import { Table } from '../design/parts.tsx';
import { dayName, grouped, legible, money } from '../design/words.ts';
import { signless } from '../report/wording.ts';

/** The present period's bill as a figure: what is expected and between which bounds, or what is counted so far. */
export function outlookFigure({ forecast, soFar, currency, period, fault }: PeriodOutlook) {
  const label = `Bill to ${dayName(period.end - 1)}`;
  const total = forecast?.total ?? null;
  if (soFar === null || currency === null) return { label, value: '—', note: fault ?? 'Nothing is priced yet.' };
  if (total === null) return { label, value: money(currency, soFar), note: 'So far: it cannot be forecast yet.' };
  const bounds =
    total.low === total.high ? 'forecast' : `forecast, between ${grouped(total.low)} and ${grouped(total.high)}`;
  return { label, value: money(currency, total.expected), note: `${bounds}; ${money(currency, soFar)} so far` };
}

/** What the expected bill is made of. */
export function OutlookLines({ outlook }: { outlook: PeriodOutlook }) {
  const { forecast, lines, currency, expected, soFar, period } = outlook;
  const total = expected ?? soFar;
  if (lines.length === 0 || total === null || currency === null) return null;
  const isForecast = forecast?.total != null;
  return (
    <details class="made-of">
      <summary>{isForecast ? 'What the forecast is made of' : 'What it is made of so far'}</summary>
      <div>
        <Table
          label="What it is made of"
          head={[{ name: 'Line' }, { name: currency, number: true }]}
          foot={
            <tr>
              <th scope="row">{isForecast ? 'Expected' : 'So far'}</th>
              <td class="number">{signless(total)}</td>
            </tr>
          }
        >
          {lines.map(({ title, explanation, amount }) => (
            <tr>
              <td>
                {title}
                <span class="why">{legible(explanation)}</span>
              </td>
              <td class="number">{signless(amount)}</td>
            </tr>
          ))}
        </Table>
        <p class="note">
          From {dayName(period.start)} to {dayName(period.end - 1)}. {forecast?.explanation} Fees are those of the whole
          period; credits and taxes apart. <a href="/plan">What another plan would cost</a>
        </p>
      </div>
    </details>
  );
}
