import { type Ink, type Mark, PAPER, type Scene } from './scene.ts';

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const escaped = (text: string): string =>
  text.replace(/[\p{Cc}\p{Cf}]/gu, ' ').replace(/[&<>"']/g, (c) => ENTITIES[c] ?? c);

/** Two decimals are finer than any screen. */
const at = (value: number): string => String(Math.round(value * 100) / 100);

type Paint = (property: 'fill' | 'stroke', ink: Ink) => string;

/**
 * class: colours come from the page's stylesheet by classes `f-<ink>` and `k-<ink>` (fill and stroke), so that light, dark
 * and paper are the page's own affair and no inline style is needed. paper: colours are in the markup, for mail.
 */
const PAINTS: Readonly<Record<'class' | 'paper', Paint>> = {
  class: (property, ink) => `class="${property === 'fill' ? 'f' : 'k'}-${ink}"`,
  paper: (property, ink) => `${property}="${PAPER[ink]}"`,
};

/** A picture that says what it shows and needs nothing else. */
export function sceneToSvg(scene: Scene, options: { colours?: 'class' | 'paper'; className?: string } = {}): string {
  const paint = PAINTS[options.colours ?? 'class'];
  const name = options.className ? ` class="${escaped(options.className)}"` : '';
  const marks = scene.marks.map((mark) => markup(mark, paint)).join('');
  return `<svg${name} xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${at(scene.width)} ${at(scene.height)}" role="img" aria-label="${escaped(scene.title)}" font-family="Inter, system-ui, sans-serif">${marks}</svg>`;
}

function markup(mark: Mark, paint: Paint): string {
  if (mark.kind === 'line') {
    const { x1, y1, x2, y2, stroke } = mark;
    return `<line ${paint('stroke', stroke)} x1="${at(x1)}" y1="${at(y1)}" x2="${at(x2)}" y2="${at(y2)}"/>`;
  }
  if (mark.kind === 'text') {
    const { x, y, text, align, fill, size = 11, bold } = mark;
    const anchor = align === 'start' ? '' : ` text-anchor="${align}"`;
    return `<text ${paint('fill', fill)} x="${at(x)}" y="${at(y)}" font-size="${size}"${anchor}${bold ? ' font-weight="600"' : ''}>${escaped(text)}</text>`;
  }
  const { x, y, width, height, fill, opacity = 1, outline, radius, label } = mark;
  const colour = outline ? `${paint('stroke', fill)} fill="none" stroke-dasharray="3 2"` : paint('fill', fill);
  const see = opacity === 1 ? '' : ` fill-opacity="${at(opacity)}"`;
  const round = radius ? ` rx="${radius}"` : '';
  const shape = `${colour}${see} x="${at(x)}" y="${at(y)}" width="${at(Math.max(width, 0))}" height="${at(Math.max(height, 0))}"${round}`;
  return label ? `<rect ${shape}><title>${escaped(label)}</title></rect>` : `<rect ${shape}/>`;
}
