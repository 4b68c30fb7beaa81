import type { Cell, Column, TableBlock } from '../document.ts';
import type { Element, Paper } from './paper.ts';

const SIZE = 8.5;
const NOTE = 7;
const PAD = 4;
const GAP = 8;

/** A table with headers that say what they head; its heading is repeated on every page, as an artifact. */
export function drawTable(paper: Paper, parent: Element, { caption, columns, rows, foot }: TableBlock): void {
  const table = paper.doc.struct('Table');
  parent.add(table);
  paper.need(16 + headHeight(paper, columns) + togetherHeight(paper, { columns, rows, ...(foot ? { foot } : {}) }));
  paper.tag(table, 'Caption', () =>
    paper
      .style(8, { ink: 'soft' })
      .text(paper.drawable(caption), paper.left, paper.y, { width: paper.width, lineBreak: false }),
  );
  paper.y += 14;
  headRow(paper, table, columns);
  for (const row of rows) bodyRow(paper, table, row, columns, false);
  if (foot) bodyRow(paper, table, foot, columns, true);
  table.end();
  paper.y += 12;
}

const SHORT_ROWS = 6;
const SHORT_HEIGHT = 300;

/** What stands under the heading on one page: a short table whole, so that no row is left over; of a long one its first row. */
function togetherHeight(paper: Paper, { columns, rows, foot }: Pick<TableBlock, 'columns' | 'rows' | 'foot'>): number {
  const heightOfRow = (row: readonly Cell[]) => rowHeight(paper, row, columns, row === foot);
  const all = [...rows, ...(foot ? [foot] : [])];
  const whole = all.length > SHORT_ROWS ? Infinity : all.reduce((sum, row) => sum + heightOfRow(row), 0);
  return whole <= SHORT_HEIGHT ? whole : heightOfRow(all[0] ?? []);
}

interface Place {
  readonly x: number;
  readonly width: number;
}

function places(paper: Paper, columns: readonly Column[]): Place[] {
  const all = columns.reduce((sum, { share }) => sum + share, 0);
  let x = paper.left;
  return columns.map(({ share }, i) => {
    const width = (paper.width * share) / all;
    const place = { x, width: i === columns.length - 1 ? width : width - GAP };
    x += width;
    return place;
  });
}

const heightOf = (paper: Paper, text: string, width: number, size: number, bold: boolean): number =>
  text === '' ? 0 : paper.style(size, { bold }).heightOfString(text, { width });

function headHeight(paper: Paper, columns: readonly Column[]): number {
  const at = places(paper, columns);
  return (
    2 * PAD +
    Math.max(...columns.map(({ title }, i) => heightOf(paper, title, at[i]?.width ?? 0, NOTE + 0.5, true)), SIZE)
  );
}

function rowHeight(paper: Paper, row: readonly Cell[], columns: readonly Column[], bold: boolean): number {
  const at = places(paper, columns);
  const heights = row.map(({ text, notes = [] }, i) => {
    const width = at[i]?.width ?? 0;
    const small = notes.reduce((sum, note) => sum + heightOf(paper, paper.drawable(note), width, NOTE, false), 0);
    return heightOf(paper, paper.drawable(text), width, SIZE, bold) + small;
  });
  return 2 * PAD + Math.max(...heights, SIZE);
}

function rule(paper: Paper, strong: boolean): void {
  paper.artifact(() => {
    const { doc, left, width, y } = paper;
    doc
      .moveTo(left, y)
      .lineTo(left + width, y)
      .lineWidth(strong ? 1 : 0.5)
      .stroke(paper.ink(strong ? 'ink' : 'line'));
  });
}

function headRow(paper: Paper, table: Element, columns: readonly Column[]): void {
  const row = paper.doc.struct('TR');
  table.add(row);
  const height = headHeight(paper, columns);
  const at = places(paper, columns);
  for (const [i, { title, number = false }] of columns.entries()) {
    const { x, width } = at[i] ?? { x: 0, width: 0 };
    const draw = () => headCell(paper, title, x, width, number);
    if (title === '') paper.tag(row, 'TD', draw);
    else paper.tag(row, 'TH', draw, { scope: 'Column' });
  }
  row.end();
  paper.y += height;
  rule(paper, true);
}

const headCell = (paper: Paper, title: string, x: number, width: number, number: boolean): void => {
  if (title === '') return;
  paper
    .style(NOTE + 0.5, { bold: true, ink: 'soft' })
    .text(paper.drawable(title), x, paper.y + PAD, { width, align: number ? 'right' : 'left' });
};

function bodyRow(paper: Paper, table: Element, row: readonly Cell[], columns: readonly Column[], foot: boolean): void {
  const height = rowHeight(paper, row, columns, foot);
  if (paper.need(height)) repeatHead(paper, columns);
  if (foot) rule(paper, true);
  const element = paper.doc.struct('TR');
  table.add(element);
  const at = places(paper, columns);
  for (const [i, cell] of row.entries()) {
    const { x, width } = at[i] ?? { x: 0, width: 0 };
    const draw = () => drawCell(paper, cell, x, width, columns[i]?.number ?? false, foot);
    if (i === 0) paper.tag(element, 'TH', draw, { scope: 'Row' });
    else paper.tag(element, 'TD', draw);
  }
  element.end();
  paper.y += height;
  if (!foot) rule(paper, false);
}

function drawCell(
  paper: Paper,
  { text, notes = [] }: Cell,
  x: number,
  width: number,
  number: boolean,
  bold: boolean,
): void {
  let y = paper.y + PAD;
  const put = (words: string, size: number, ink: 'ink' | 'soft', strong: boolean) => {
    if (words === '') return;
    const shown = paper.drawable(words);
    paper
      .style(size, { bold: strong, ink })
      .text(shown, x, y, { width, align: number ? 'right' : 'left', ...(number ? { features: ['tnum'] } : {}) });
    y += paper.doc.heightOfString(shown, { width });
  };
  put(text, SIZE, 'ink', bold);
  for (const note of notes) put(note, NOTE, 'soft', false);
}

/** For the eye only: the structure has its one heading row. */
function repeatHead(paper: Paper, columns: readonly Column[]): void {
  const height = headHeight(paper, columns);
  const at = places(paper, columns);
  paper.artifact(() => {
    for (const [i, { title, number = false }] of columns.entries()) {
      const { x, width } = at[i] ?? { x: 0, width: 0 };
      headCell(paper, title, x, width, number);
    }
  });
  paper.y += height;
  rule(paper, true);
}
