import type { DistributionBar, ReportedCustomer } from '../../domain/impact/report.ts';
import { grouped } from '../../domain/words/numbers.ts';
import { type Html, html } from './html-text.ts';
import { cut, signed } from './wording.ts';

/** In the drawing's own units: as wide as a phone, so that its text stays readable there. */
const WIDTH = 360;
const ROW = 24;

/** Lengths on the screen only, so that floating point will do. */
const length = (value: number, most: number, space: number): number =>
  most === 0 ? 0 : Math.max(value === 0 ? 0 : 2, Math.round((space * value) / most));

/** Customers by how much their bill changes, a bar each. */
export function distributionChart(bars: readonly DistributionBar[]): Html {
  const most = Math.max(...bars.map(({ customers }) => customers));
  const [labels, numbers] = [160, 50];
  const rows = bars.map(({ id, label, customers }, i) => {
    const y = i * ROW;
    const width = length(customers, most, WIDTH - labels - numbers);
    const side = id === 'same' ? 'same' : id.startsWith('rise') ? 'rise' : 'fall';
    return html`<text x="${labels - 10}" y="${y + 16}" text-anchor="end">${label}</text><rect class="${side}" x="${labels}" y="${y + 4}" width="${width}" height="${ROW - 8}" rx="2"/><text x="${labels + width + 6}" y="${y + 16}">${grouped(customers)}</text>`;
  });
  return html`<svg class="chart" viewBox="0 0 ${WIDTH} ${bars.length * ROW}" role="img" aria-label="Customers by how much their bill changes">${rows}</svg>`;
}

/** The largest changes on one axis: falls to the left, rises to the right. */
export function changesChart(customers: readonly ReportedCustomer[], currency: string): Html {
  const values = customers.map(({ change }) => Number(change));
  const most = Math.max(...values.map(Math.abs));
  const [labels, numbers] = [105, 68];
  const half = (WIDTH - labels - 2 * numbers) / 2;
  const middle = labels + numbers + half;
  const rows = customers.map(({ id, change }, i) => {
    const y = i * ROW;
    const width = length(Math.abs(values[i] as number), most, half);
    const rises = (values[i] as number) > 0;
    const [x, textX] = rises ? [middle, middle + width + 6] : [middle - width, middle - width - 6];
    return html`<text x="${labels - 10}" y="${y + 16}" text-anchor="end">${cut(id, 13)}</text><rect class="${rises ? 'rise' : 'fall'}" x="${x}" y="${y + 4}" width="${width}" height="${ROW - 8}" rx="2"/><text x="${textX}" y="${y + 16}" text-anchor="${rises ? 'start' : 'end'}">${signed(change)}</text>`;
  });
  const axis = html`<line class="axis" x1="${middle}" x2="${middle}" y1="0" y2="${customers.length * ROW}"/>`;
  return html`<svg class="chart" viewBox="0 0 ${WIDTH} ${customers.length * ROW}" role="img" aria-label="The largest changes of bills, in ${currency}">${axis}${rows}</svg>`;
}
