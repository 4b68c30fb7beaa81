import { createColors } from 'picocolors';
import type { PlanReport } from '../../domain/impact/report.ts';
import { InputError } from '../../domain/input-error.ts';
import type { Io } from '../io.ts';
import type { PlanFlags } from '../plan.ts';
import { renderJson } from './render-json.ts';
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
    default:
      throw new InputError({
        code: 'not-allowed',
        path: '--format',
        message: `unknown format ${JSON.stringify(format)}`,
        hint: 'text, markdown, json or html',
      });
  }
}
