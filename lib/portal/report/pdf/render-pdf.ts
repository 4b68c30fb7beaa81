import type { UsageReport } from '../../../domain/reporting/report.ts';
import { SERIES } from '../../charts/scene.ts';
import { composeReport } from '../compose.ts';
import type { Block, ChartBlock, Figure, ReportDocument, Section } from '../document.ts';
import { drawScene } from './draw-scene.ts';
import { drawTable } from './draw-table.ts';
import { type Element, Paper, type PdfFonts } from './paper.ts';

export interface PdfOptions {
  readonly fonts: PdfFonts;
  /** @default A4 */
  readonly size?: 'A4' | 'LETTER';
}

/**
 * The report as a tagged, searchable PDF (PDF/UA-1) with bookmarks and an embedded font. The same report is the same
 * bytes. A name in a script that the font does not have stands in the document's title and as the heading's text for
 * search and screen readers; what is drawn is the customer's id, and a sentence that says so.
 */
export async function renderPdf(report: UsageReport, { fonts, size = 'A4' }: PdfOptions): Promise<Uint8Array> {
  const document = composeReport(report);
  const title = `${document.title}: ${document.name}`;
  const paper = new Paper({ title, size, fonts, created: new Date(report.period.asOf) });
  drawOpening(paper, document, report.customer.id);
  for (const section of document.sections.slice(1)) drawSection(paper, section);
  return paper.finish(document.footer);
}

function drawOpening(paper: Paper, document: ReportDocument, id: string): void {
  const section = paper.section();
  const { name, title, subtitle } = document;
  paper.doc.outline.addItem(paper.drawable(title));
  line(paper, section, 'P', title, 10, { ink: 'soft' });
  const shown = paper.canDraw(name) ? name : id;
  line(paper, section, 'H1', shown, [...shown].length > 60 ? 14 : 22, {
    bold: true,
    ...(shown === name ? {} : { actual: name }),
  });
  if (shown !== name) {
    const words =
      'The name is in a script that this file cannot draw. It is in the title of this document, and in the report as a page.';
    line(paper, section, 'P', words, 8, { ink: 'soft' });
  }
  line(paper, section, 'P', subtitle, 10, { ink: 'soft' });
  paper.y += 6;
  paper.artifact(() => void paper.doc.rect(paper.left, paper.y, paper.width, 2).fill(paper.ink('accent')));
  paper.y += 16;
  for (const block of document.sections[0]?.blocks ?? []) drawBlock(paper, section, block);
  section.end();
}

function drawSection(paper: Paper, { title, blocks }: Section): void {
  const section = paper.section();
  paper.y += 10;
  paper.need(blocks[0]?.kind === 'chart' ? chartHeight(paper, blocks[0]) + 34 : 150);
  if (title !== null) {
    paper.doc.outline.addItem(paper.drawable(title));
    line(paper, section, 'H2', title, 14, { bold: true });
    paper.y += 4;
  }
  for (const block of blocks) drawBlock(paper, section, block);
  section.end();
}

type LineOptions = { bold?: boolean; ink?: 'ink' | 'soft' | 'warn'; actual?: string; indent?: number };

/** Text over the whole width, on one page. */
function line(
  paper: Paper,
  parent: Element,
  type: string,
  text: string,
  size: number,
  options: LineOptions = {},
): void {
  const { bold = false, ink = 'ink', actual, indent = 0 } = options;
  const shown = paper.drawable(text);
  const width = paper.width - indent;
  const height = paper.style(size, { bold, ink }).heightOfString(shown, { width });
  paper.need(height);
  const draw = () => void paper.style(size, { bold, ink }).text(shown, paper.left + indent, paper.y, { width });
  paper.tag(parent, type, draw, actual === undefined ? {} : { actual });
  paper.y += height + size * 0.35;
}

function drawBlock(paper: Paper, parent: Element, block: Block): void {
  if (block.kind === 'figures') drawFigures(paper, parent, block.items);
  else if (block.kind === 'notice') drawNotice(paper, parent, block.text, block.severity === 'warning');
  else if (block.kind === 'text') line(paper, parent, 'P', block.text, 9, { ink: block.soft ? 'soft' : 'ink' });
  else if (block.kind === 'heading') drawHeading(paper, parent, block.text);
  else if (block.kind === 'tags') line(paper, parent, 'P', block.tags.join(' · '), 9, { ink: 'soft' });
  else if (block.kind === 'chart') drawChart(paper, parent, block);
  else drawTable(paper, parent, block);
}

/** Never alone at the foot of a page. */
function drawHeading(paper: Paper, parent: Element, text: string): void {
  paper.y += 6;
  paper.need(110);
  line(paper, parent, 'H3', text, 10.5, { bold: true });
}

const FIGURES_A_ROW = 3;
const FIGURE_HEIGHT = 56;

function drawFigures(paper: Paper, parent: Element, items: readonly Figure[]): void {
  const width = (paper.width - (FIGURES_A_ROW - 1) * 8) / FIGURES_A_ROW;
  for (const [index, item] of items.entries()) {
    if (index % FIGURES_A_ROW === 0) paper.need(FIGURE_HEIGHT + 8);
    const x = paper.left + (index % FIGURES_A_ROW) * (width + 8);
    drawFigure(paper, parent, item, { x, width, first: index === 0 });
    if (index % FIGURES_A_ROW === FIGURES_A_ROW - 1 || index === items.length - 1) paper.y += FIGURE_HEIGHT + 8;
  }
  paper.y += 4;
}

function drawFigure(
  paper: Paper,
  parent: Element,
  { label, value, note }: Figure,
  at: { x: number; width: number; first: boolean },
): void {
  const { doc, y } = paper;
  const { x, width, first } = at;
  paper.artifact(
    () =>
      void doc
        .roundedRect(x, y, width, FIGURE_HEIGHT, 5)
        .lineWidth(first ? 1 : 0.6)
        .stroke(paper.ink(first ? 'accent' : 'line')),
  );
  const inner = { width: width - 18, lineBreak: false };
  const shown = paper.drawable(value);
  const size = Math.min(14, (14 * inner.width) / Math.max(1, paper.style(14, { bold: true }).widthOfString(shown)));
  paper.tag(parent, 'P', () => {
    paper.style(8, { ink: 'soft' }).text(`${paper.drawable(label)} `, x + 9, y + 8, inner);
    paper.style(size, { bold: true }).text(`${shown} `, x + 9, y + 20, inner);
    if (note !== null)
      paper
        .style(7.5, { ink: 'soft' })
        .text(paper.drawable(note), x + 9, y + 40, { ...inner, ellipsis: true, height: 9 });
  });
}

function drawNotice(paper: Paper, parent: Element, text: string, warning: boolean): void {
  const shown = paper.drawable(text);
  const height = paper.style(9).heightOfString(shown, { width: paper.width - 12 });
  paper.need(height + 8);
  paper.artifact(
    () => void paper.doc.rect(paper.left, paper.y, 3, height + 2).fill(paper.ink(warning ? 'warn' : 'accent')),
  );
  line(paper, parent, 'P', text, 9, { indent: 12, ink: warning ? 'warn' : 'ink' });
  paper.y += 4;
}

const chartHeight = (paper: Paper, { wide, legend }: ChartBlock): number =>
  (wide.height * paper.width) / wide.width + (legend.length > 1 ? 16 : 0) + 26;

function drawChart(paper: Paper, parent: Element, block: ChartBlock): void {
  const { wide, legend, caption } = block;
  paper.need(chartHeight(paper, block));
  const scale = paper.width / wide.width;
  const [top, bottom] = [paper.y, paper.y + wide.height * scale];
  const bbox = [paper.left, top, paper.left + paper.width, bottom];
  paper.tag(parent, 'Figure', () => drawScene(paper, wide, paper.left, top, scale), {
    alt: wide.title,
    bbox,
    placement: 'Block',
  });
  paper.y = bottom + 5;
  if (legend.length > 1) drawLegend(paper, parent, legend);
  line(paper, parent, 'P', caption, 8, { ink: 'soft' });
  paper.y += 6;
}

function drawLegend(paper: Paper, parent: Element, legend: readonly string[]): void {
  const width = paper.width / legend.length;
  paper.artifact(() => {
    for (const i of legend.keys())
      paper.doc.rect(paper.left + i * width, paper.y + 1, 7, 7).fill(paper.ink(SERIES[i] ?? 's5'));
  });
  paper.tag(parent, 'P', () => {
    for (const [i, name] of legend.entries()) {
      const options = { width: width - 16, height: 10, ellipsis: true, lineBreak: false };
      paper.style(8).text(`${paper.drawable(name)} `, paper.left + i * width + 11, paper.y, options);
    }
  });
  paper.y += 15;
}
