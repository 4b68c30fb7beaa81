import type { Mark, Scene } from '../../charts/scene.ts';
import type { Paper } from './paper.ts';

/** The same marks as on the page, as vectors; its top left at (x, y) in points. */
export function drawScene(paper: Paper, scene: Scene, x: number, y: number, scale: number): void {
  const { doc } = paper;
  doc.save();
  doc.translate(x, y).scale(scale);
  for (const mark of scene.marks) drawMark(paper, mark);
  doc.restore();
}

function drawMark(paper: Paper, mark: Mark): void {
  const { doc } = paper;
  if (mark.kind === 'line') {
    doc.moveTo(mark.x1, mark.y1).lineTo(mark.x2, mark.y2).lineWidth(1).stroke(paper.ink(mark.stroke));
    return;
  }
  if (mark.kind === 'text') {
    const { size = 11, bold = false, align } = mark;
    const text = paper.drawable(mark.text);
    paper.style(size, { bold, ink: mark.fill });
    const width = doc.widthOfString(text);
    const left = align === 'start' ? mark.x : align === 'end' ? mark.x - width : mark.x - width / 2;
    doc.text(text, left, mark.y, { lineBreak: false, baseline: 'alphabetic' });
    return;
  }
  const { x, y, width, height, fill, opacity = 1, outline, radius = 0 } = mark;
  const shape =
    radius > 0
      ? doc.roundedRect(x, y, width, height, Math.min(radius, width / 2, height / 2))
      : doc.rect(x, y, width, height);
  if (outline) shape.lineWidth(0.8).dash(3, { space: 2 }).stroke(paper.ink(fill)).undash();
  else shape.fillOpacity(opacity).fill(paper.ink(fill)).fillOpacity(1);
}
