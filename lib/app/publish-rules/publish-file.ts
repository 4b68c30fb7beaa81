import { InputError } from '../../domain/input-error.ts';
import type { RulesFiles } from '../../domain/rules/ruleset.ts';
import { formatHour } from '../../domain/time/time.ts';
import type { Log } from '../runtime.ts';
import type { publishRules } from './publish-rules.ts';

type PublishAnswer =
  | {
      readonly status: 'SUCCESS';
      readonly data: { readonly Hash: string; readonly EffectiveFrom: string; readonly Outcome: string };
    }
  | { readonly status: 'FAILED'; readonly reason: string };

/**
 * Publishes the text of the file that travels with the function, `{ "commit", "files" }`. Every failure is an answer: a
 * deployment must end with the reason, not with a timeout.
 */
export async function publishFile(
  publish: ReturnType<typeof publishRules>,
  text: string,
  log: Log,
): Promise<PublishAnswer> {
  try {
    const { files, commit } = JSON.parse(text) as { files: RulesFiles; commit: string };
    const { hash, effectiveFrom, outcome } = await publish({ files, commit });
    return { status: 'SUCCESS', data: { Hash: hash, EffectiveFrom: formatHour(effectiveFrom), Outcome: outcome } };
  } catch (error) {
    const { message } = error as Error;
    log.error('the rules were not published', { fault: message });
    const where = error instanceof InputError && error.path !== '' ? `rules/${error.path}: ` : '';
    const hint = error instanceof InputError && error.hint !== undefined ? ` (${error.hint})` : '';
    return { status: 'FAILED', reason: `${where}${message}${hint}` };
  }
}
