/**
 * A chart as plain marks in its own units: drawn as SVG in a page or a mail, and as vectors in a PDF, so that all of them
 * show the same picture. Positions are floating point: they are pixels, never money.
 */
export interface Scene {
  readonly width: number;
  readonly height: number;
  /** What the picture shows, in one sentence: its text alternative. */
  readonly title: string;
  readonly marks: readonly Mark[];
}

/** Colours by what they mean; a theme says what they look like. `sheet` is what a chart stands on, `s1` to `s5` are series. */
export type Ink = 'ink' | 'sheet' | 'soft' | 'line' | 'accent' | 'warn' | 's1' | 's2' | 's3' | 's4' | 's5';

export type Mark = RectMark | LineMark | TextMark;
export interface RectMark {
  readonly kind: 'rect';
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly fill: Ink;
  /** 0 to 1. @default 1 */
  readonly opacity?: number;
  /** Only its outline, dashed: what is expected and not counted. */
  readonly outline?: boolean;
  readonly radius?: number;
  /** Shown on hovering, where the medium can. */
  readonly label?: string;
}
export interface LineMark {
  readonly kind: 'line';
  readonly x1: number;
  readonly y1: number;
  readonly x2: number;
  readonly y2: number;
  readonly stroke: Ink;
}
export interface TextMark {
  readonly kind: 'text';
  readonly x: number;
  /** Of the baseline. */
  readonly y: number;
  readonly text: string;
  readonly align: 'start' | 'middle' | 'end';
  readonly fill: Ink;
  /** @default 11 */
  readonly size?: number;
  readonly bold?: boolean;
}

/** On white paper; pages bring their own, light and dark, as `--c-<ink>`. */
export const PAPER: Readonly<Record<Ink, string>> = {
  ink: '#16211f',
  sheet: '#ffffff',
  soft: '#51605c',
  line: '#dcdfd8',
  accent: '#0b6e4f',
  warn: '#9a3412',
  s1: '#0b6e4f',
  s2: '#c9772b',
  s3: '#3b6fb5',
  s4: '#8a4f9e',
  s5: '#7d8a86',
};
export const NIGHT: Readonly<Record<Ink, string>> = {
  ink: '#e9ece6',
  sheet: '#171e1b',
  soft: '#a3b0ab',
  line: '#2d3834',
  accent: '#5fd0a5',
  warn: '#f2a27a',
  s1: '#4fbf94',
  s2: '#e0a062',
  s3: '#7ba7e0',
  s4: '#c08ad2',
  s5: '#93a19c',
};

export const INKS = Object.keys(PAPER) as readonly Ink[];
export const SERIES: readonly Ink[] = ['s1', 's2', 's3', 's4', 's5'];

/** Cut to what fits in `width` units at a size, by the mean width of letters. */
export function cutToWidth(text: string, width: number, size = 11): string {
  const most = Math.max(1, Math.floor(width / (size * 0.56)));
  const points = [...text];
  return points.length <= most ? text : `${points.slice(0, most - 1).join('')}…`;
}
