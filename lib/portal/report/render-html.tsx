import { raw } from 'hono/html';
import type { Child } from 'hono/jsx';
import type { UsageReport } from '../../domain/reporting/report.ts';
import { SERIES } from '../charts/scene.ts';
import { sceneToSvg } from '../charts/svg.ts';
import { composeReport } from './compose.ts';
import type { Block, Cell, ChartBlock, Column, ReportDocument, Section, TableBlock } from './document.ts';
import { STYLE } from './style.ts';

export interface HtmlOptions {
  /** Where the stylesheet is served, for pages whose policy forbids inline styles. @default it stands in the page */
  readonly stylesheet?: string;
  /** Ways out of the page, above the title: back, and other formats. @default none */
  readonly links?: readonly { readonly href: string; readonly text: string }[];
}

/** One page that stands alone: no script, no font, no picture from anywhere; it prints on A4 and Letter. */
export function renderHtml(report: UsageReport, options: HtmlOptions = {}): string {
  return `<!doctype html>${(<Page document={composeReport(report)} {...options} />).toString()}`;
}

function Page({ document, stylesheet, links = [] }: { document: ReportDocument } & HtmlOptions) {
  const { title, name, subtitle, sections, footer } = document;
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex" />
        <title>{`${title}: ${name}`}</title>
        {stylesheet === undefined ? <style>{raw(STYLE)}</style> : <link rel="stylesheet" href={stylesheet} />}
      </head>
      <body>
        {links.length === 0 ? null : <WaysOut links={links} />}
        <main>
          <header>
            <p>{title}</p>
            <h1 dir="auto">{name}</h1>
            <p>{subtitle}</p>
            <Contents sections={sections} />
          </header>
          {sections.map((section) => (
            <Part section={section} />
          ))}
          <footer>{footer}</footer>
        </main>
      </body>
    </html>
  );
}

function WaysOut({ links }: Required<Pick<HtmlOptions, 'links'>>) {
  return (
    <nav class="ways" aria-label="Report">
      <ul>
        {links.map(({ href, text }) => (
          <li>
            <a href={href}>{text}</a>
          </li>
        ))}
      </ul>
    </nav>
  );
}

function Contents({ sections }: { sections: readonly Section[] }) {
  return (
    <nav aria-label="Sections">
      <ul>
        {sections.map(({ id, title }) =>
          title === null ? null : (
            <li>
              <a href={`#${id}`}>{title}</a>
            </li>
          ),
        )}
      </ul>
    </nav>
  );
}

function Part({ section: { id, title, blocks } }: { section: Section }) {
  return (
    <section id={id}>
      {title === null ? null : <h2>{title}</h2>}
      {blocks.map((block) => (
        <Piece block={block} />
      ))}
    </section>
  );
}

function Piece({ block }: { block: Block }): Child {
  switch (block.kind) {
    case 'figures':
      return (
        <dl class="figures">
          {block.items.map(({ label, value, note }) => (
            <div>
              <dt>{label}</dt>
              <dd>{value}</dd>
              {note === null ? null : <dd class="note">{note}</dd>}
            </div>
          ))}
        </dl>
      );
    case 'notice':
      return <p class={block.severity === 'warning' ? 'notice warning' : 'notice'}>{block.text}</p>;
    case 'text':
      return block.soft ? <p class="soft">{block.text}</p> : <p>{block.text}</p>;
    case 'heading':
      return <h3>{block.text}</h3>;
    case 'tags':
      return (
        <ul class="tags">
          {block.tags.map((tag) => (
            <li>{tag}</li>
          ))}
        </ul>
      );
    case 'chart':
      return <Chart block={block} />;
    case 'table':
      return block.folded ? (
        <details>
          <summary>{block.caption}</summary>
          <Table table={block} />
        </details>
      ) : (
        <Table table={block} />
      );
  }
}

function Chart({ block: { wide, narrow, legend, caption } }: { block: ChartBlock }) {
  return (
    <figure>
      {raw(sceneToSvg(wide, { className: 'wide' }))}
      {raw(sceneToSvg(narrow, { className: 'narrow' }))}
      {legend.length < 2 ? null : (
        <ul class="legend">
          {legend.map((name, index) => (
            <li>
              <svg viewBox="0 0 10 10" aria-hidden="true">
                <rect class={`f-${SERIES[index] ?? 's5'}`} width="10" height="10" rx="2" />
              </svg>
              {name}
            </li>
          ))}
        </ul>
      )}
      <figcaption>{caption}</figcaption>
    </figure>
  );
}

const STACKED_COLUMNS_MAX = 4;

/** Wide ones can be scrolled by keyboard; those of words become cards on a phone, numbers that are compared stay in columns. */
const isStacked = ({ columns, rows }: TableBlock): boolean =>
  columns.length <= STACKED_COLUMNS_MAX &&
  (columns.slice(1).some(({ number }) => !number) || rows.some((row) => row.some(({ notes }) => notes !== undefined)));

function Table({ table }: { table: TableBlock }) {
  const { caption, columns, rows, foot } = table;
  return (
    <section class="scroll" tabindex={0} aria-label={caption}>
      <table class={isStacked(table) ? 'stack' : ''}>
        <caption>{caption}</caption>
        <thead>
          <tr>
            {columns.map(({ title, number }) =>
              title === '' ? (
                <td />
              ) : (
                <th scope="col" class={number ? 'n' : ''}>
                  {title}
                </th>
              ),
            )}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <Row row={row} columns={columns} />
          ))}
        </tbody>
        {foot ? (
          <tfoot>
            <Row row={foot} columns={columns} />
          </tfoot>
        ) : null}
      </table>
    </section>
  );
}

function Row({ row, columns }: { row: readonly Cell[]; columns: readonly Column[] }) {
  return (
    <tr>
      {row.map(({ text, notes = [] }, index) => {
        const small = notes.map((note) => <small>{note}</small>);
        if (index === 0) {
          return (
            <th scope="row">
              {text}
              {small}
            </th>
          );
        }
        const { title = '', number } = columns[index] ?? {};
        const style = number ? 'n' : 'words';
        return text === '' && notes.length === 0 ? (
          <td class={style} />
        ) : (
          <td class={style} data-label={title}>
            <span>
              {text}
              {small}
            </span>
          </td>
        );
      })}
    </tr>
  );
}
