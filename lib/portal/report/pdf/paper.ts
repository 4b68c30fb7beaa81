import PDFDocument from 'pdfkit';
import { type Ink, PAPER } from '../../charts/scene.ts';

export type Document = InstanceType<typeof PDFDocument>;
export type Element = ReturnType<Document['struct']>;

/** TrueType files; both must cover Latin, Greek and Cyrillic. */
export interface PdfFonts {
  readonly regular: Uint8Array;
  readonly bold: Uint8Array;
}

export interface PaperOptions {
  readonly title: string;
  readonly size: 'A4' | 'LETTER';
  readonly fonts: PdfFonts;
  /** Written as the date of the file, so that the same report is the same bytes. */
  readonly created: Date;
}

const MARGIN = { side: 48, top: 52, bottom: 60 };

/**
 * Says that the file is PDF/UA-1. pdfkit's own `subset: 'PDF/UA'` says so too, but then adds a CIDSet that does not list
 * the font's glyphs, as for PDF/A-1, and so breaks the standard it names (ISO 14289-1, 7.21.4.2).
 */
const PDF_UA = `
<rdf:Description xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/" rdf:about="">
  <pdfuaid:part>1</pdfuaid:part>
</rdf:Description>`;

/** What pdfkit reads and its published types leave out (checked against 0.20.2). */
interface TagOptions {
  readonly alt?: string;
  readonly actual?: string;
  readonly lang?: string;
  readonly scope?: 'Column' | 'Row';
  readonly bbox?: readonly number[];
  readonly placement?: 'Block';
}

/** A tagged document (PDF/UA-1) that is written from top to bottom; every mark is either in its structure or an artifact. */
export class Paper {
  readonly doc: Document;
  readonly left = MARGIN.side;
  readonly width: number;
  y = MARGIN.top;
  readonly #root: Element;
  readonly #covers: (codePoint: number) => boolean;

  constructor({ title, size, fonts, created }: PaperOptions) {
    this.doc = new PDFDocument({
      size,
      margin: 0,
      pdfVersion: '1.7',
      tagged: true,
      lang: 'en',
      displayTitle: true,
      bufferPages: true,
      info: { Title: title.replace(CONTROL, ' '), CreationDate: created, Producer: 'Tollgate', Creator: 'Tollgate' },
    });
    this.doc.appendXML(PDF_UA);
    escapeMetadata(this.doc, title);
    this.doc.registerFont('regular', Buffer.from(fonts.regular));
    this.doc.registerFont('bold', Buffer.from(fonts.bold));
    this.#covers = coverageOf(this.doc.font('regular'));
    this.width = this.doc.page.width - 2 * MARGIN.side;
    this.#root = this.doc.struct('Document');
    this.doc.addStructure(this.#root);
  }

  /** Every character that the font cannot draw, gone: nobody reads an empty box. */
  drawable(text: string): string {
    return [...text.replace(/[\p{Cc}\p{Cf}]+/gu, ' ')]
      .map((c) => (this.#covers(c.codePointAt(0) ?? 0) ? c : '?'))
      .join('')
      .replace(/\?{2,}/g, '(…)');
  }

  canDraw(text: string): boolean {
    return [...text].every((c) => this.#covers(c.codePointAt(0) ?? 0));
  }

  /** A new page where less than this is left on the present one. */
  need(height: number): boolean {
    if (this.y + height <= this.doc.page.height - MARGIN.bottom) return false;
    this.doc.addPage();
    this.y = MARGIN.top;
    return true;
  }

  section(): Element {
    const element = this.doc.struct('Sect');
    this.#root.add(element);
    return element;
  }

  /** An element with the marks that the function makes, in a parent. */
  tag(parent: Element, type: string, draw: () => void, options: TagOptions = {}): void {
    parent.add(this.doc.struct(type, options as object, [draw]));
  }

  /** Decoration: not read aloud. */
  artifact(draw: () => void): void {
    this.doc.markContent('Artifact', { type: 'Layout' });
    draw();
    this.doc.endMarkedContent();
  }

  ink(ink: Ink): string {
    return PAPER[ink];
  }

  style(size: number, { bold = false, ink = 'ink' as Ink } = {}): Document {
    return this.doc
      .font(bold ? 'bold' : 'regular')
      .fontSize(size)
      .fillColor(PAPER[ink]);
  }

  /** Page numbers, then the end of the file. */
  async finish(footer: string): Promise<Uint8Array> {
    const chunks: Uint8Array[] = [];
    const done = new Promise<void>((resolve, reject) => {
      this.doc.on('data', (chunk: Uint8Array) => void chunks.push(chunk));
      this.doc.on('end', resolve);
      this.doc.on('error', reject);
    });
    this.#root.end();
    const { start, count } = this.doc.bufferedPageRange();
    for (let page = start; page < start + count; page++) {
      this.doc.switchToPage(page);
      this.doc.markContent('Artifact', { type: 'Pagination' });
      const at = this.doc.page.height - 36;
      const options = { width: this.width, lineBreak: false };
      this.style(8, { ink: 'soft' }).text(this.drawable(footer), this.left, at, options);
      this.style(8, { ink: 'soft' }).text(`${page + 1} / ${count}`, this.left, at, { ...options, align: 'right' });
      this.doc.endMarkedContent();
    }
    this.doc.end();
    await done;
    return Buffer.concat(chunks);
  }
}

const CONTROL = /\p{Cc}+/gu;
const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

/** pdfkit puts the title into its XML as it is; by then the other place where a title stands is written. */
function escapeMetadata(doc: Document, title: string): void {
  const write = doc.endMetadata.bind(doc);
  doc.endMetadata = () => {
    doc.info.Title = title.replace(CONTROL, ' ').replace(/[&<>]/g, (c) => ENTITIES[c] ?? c);
    write();
  };
}

/** pdfkit keeps the opened font to itself; only whether it has a character is asked of it. */
function coverageOf(doc: Document): (codePoint: number) => boolean {
  const { _font } = doc as unknown as { _font?: { font?: { hasGlyphForCodePoint?(codePoint: number): boolean } } };
  const font = _font?.font;
  if (typeof font?.hasGlyphForCodePoint !== 'function')
    throw new TypeError('pdfkit no longer tells what a font covers');
  return (codePoint) => codePoint === 32 || font.hasGlyphForCodePoint?.(codePoint) === true;
}
