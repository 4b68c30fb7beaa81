import type { Scene } from '../charts/scene.ts';

/** A report as paper would hold it: the page and the PDF are both drawn from it, so that they say the same. */
export interface ReportDocument {
  readonly title: string;
  /** Whose report it is, in full. */
  readonly name: string;
  readonly subtitle: string;
  readonly sections: readonly Section[];
  readonly footer: string;
}

export interface Section {
  readonly id: string;
  /** Null for the opening, which the document's own title heads. */
  readonly title: string | null;
  readonly blocks: readonly Block[];
}

export type Block =
  | { readonly kind: 'figures'; readonly items: readonly Figure[] }
  | { readonly kind: 'notice'; readonly severity: 'info' | 'warning'; readonly text: string }
  | { readonly kind: 'text'; readonly text: string; readonly soft?: boolean }
  | { readonly kind: 'heading'; readonly text: string }
  | { readonly kind: 'tags'; readonly tags: readonly string[] }
  | ChartBlock
  | TableBlock;

export interface Figure {
  readonly label: string;
  readonly value: string;
  readonly note: string | null;
}

/** The same picture at two widths: on paper and wide screens, and on a phone. */
export interface ChartBlock {
  readonly kind: 'chart';
  readonly wide: Scene;
  readonly narrow: Scene;
  readonly legend: readonly string[];
  readonly caption: string;
}

export interface TableBlock {
  readonly kind: 'table';
  readonly caption: string;
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly Cell[])[];
  readonly foot?: readonly Cell[];
  /** Long and for reference: folded on a screen. */
  readonly folded?: boolean;
}
export interface Column {
  readonly title: string;
  readonly number?: boolean;
  /** Share of the width on paper. */
  readonly share: number;
}
export interface Cell {
  readonly text: string;
  /** Smaller, below. */
  readonly notes?: readonly string[];
}

export const cell = (text: string, ...notes: readonly string[]): Cell =>
  notes.length > 0 ? { text, notes } : { text };

/** Widths at which charts are drawn. */
export const WIDE = 720;
export const NARROW = 340;

export const chart = (draw: (width: number) => Scene, caption: string, legend: readonly string[] = []): ChartBlock => ({
  ...{ kind: 'chart', caption, legend },
  wide: draw(WIDE),
  narrow: draw(NARROW),
});
