import { createColors } from 'picocolors';
import type { PlanReport } from '../../domain/impact/report.ts';
import { InputError } from '../../domain/input-error.ts';
import type { Io } from '../io.ts';
import type { PlanFlags } from '../plan.ts';
import { renderHtml } from './render-html.ts';
import { renderJson } from './render-json.ts';
import { renderMarkdown } from './render-markdown.ts';
import { renderText } from './render-text.ts';

type Render = (report: PlanReport) => Iterable<string>;

/** @throws InputError for a format that there is not */
export function rendererFor({ format, out }: PlanFlags, io: Io): Render {
  switch (format) {
    case 'text': {
      const colors = createColors(out === undefined && io.isTerminal.stdout && !io.env.NO_COLOR);
      return (report) => [renderText(report, colors)];
    }
    case 'json':
      return renderJson;
    case 'markdown':
      return (report) => [renderMarkdown(report)];
    case 'html':
      return (report) => [renderHtml(report)];
    default:
      throw new InputError({
        code: 'not-allowed',
        path: '--format',
        message: `unknown format ${JSON.stringify(format)}`,
        hint: 'text, markdown, json or html',
      });
  }
}
