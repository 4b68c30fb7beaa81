import type { Child } from 'hono/jsx';

/**
 * A table that a keyboard can scroll on a narrow screen. A `stacked` one becomes a card a row on a phone, where each cell
 * needs its `data-label`: for words and buttons; numbers that are compared stay in columns.
 */
export function Table({
  label,
  head,
  children,
  foot,
  stacked = false,
}: {
  label: string;
  head: readonly { readonly name: string; readonly number?: boolean }[];
  children?: Child;
  foot?: Child;
  stacked?: boolean;
}) {
  return (
    <section class="scroll" tabindex={0} aria-label={label}>
      <table class={stacked ? 'stacked' : undefined}>
        <thead>
          <tr>
            {head.map(({ name, number = false }) => (
              <th scope="col" class={number ? 'number' : undefined}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
        {foot === undefined ? null : <tfoot>{foot}</tfoot>}
      </table>
    </section>
  );
}

export type Tone = 'plain' | 'good' | 'warn';

export function Badge({ children, tone = 'plain' }: { children?: Child; tone?: Tone }) {
  return <span class={`badge ${tone}`}>{children}</span>;
}

/** Something that has to be read: what happened, and what to do. */
export function Notice({ children, tone = 'plain' }: { children?: Child; tone?: Tone }) {
  return (
    <div class={`notice ${tone}`} role={tone === 'warn' ? 'alert' : 'status'}>
      {children}
    </div>
  );
}

/** Letters that fit beside others in the large size. */
const LONG = 14;

/** Large numbers with what they are. `live` names the value that the script keeps up to date. */
export function Figures({
  figures,
}: {
  figures: readonly { readonly label: string; readonly value: string; readonly note?: Child; readonly live?: string }[];
}) {
  return (
    <dl class="figures">
      {figures.map(({ label, value, note, live }) => (
        <div class={value.length > LONG ? 'long' : undefined}>
          <dt>{label}</dt>
          <dd>
            <b data-live={live}>{value}</b>
            {note === undefined ? null : <span class="note">{note}</span>}
          </dd>
        </div>
      ))}
    </dl>
  );
}

/** A chart with its title and its legend; the numbers stand in a table as well. */
export function ChartFrame({
  caption,
  legend,
  children,
}: {
  caption: string;
  /** `pale` is no series, but what a paler one means. */
  legend: readonly { readonly label: string; readonly series: string | 'pale' }[];
  children?: Child;
}) {
  return (
    <figure>
      <figcaption>{caption}</figcaption>
      {children}
      <ul class="legend">
        {legend.map(({ label, series }) => (
          <li>
            <svg viewBox="0 0 10 10" aria-hidden="true">
              <rect class={series === 'pale' ? 'pale' : `f-${series}`} width="10" height="10" rx="2" />
            </svg>
            {label}
          </li>
        ))}
      </ul>
    </figure>
  );
}

/** Nothing here yet: said plainly, with the way on. */
export function Empty({ children }: { children?: Child }) {
  return <p class="empty">{children}</p>;
}
