import { INKS, type Ink, NIGHT, PAPER } from './scene.ts';

const declared = (theme: Readonly<Record<Ink, string>>): string =>
  INKS.map((ink) => `--c-${ink}:${theme[ink]}`).join(';');

/** Custom properties `--c-<ink>` of either theme, for a stylesheet's `:root`. */
export const LIGHT_INKS = declared(PAPER);
export const DARK_INKS = declared(NIGHT);

/** Fills and strokes of charts, by class. */
export const CHART_COLOURS = INKS.map((ink) => `.f-${ink}{fill:var(--c-${ink})}.k-${ink}{stroke:var(--c-${ink})}`).join(
  '',
);
