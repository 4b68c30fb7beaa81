import { effectiveHour } from '../../domain/entitlement/effective-hour.ts';
import { featureConflicts } from '../../domain/entitlement/features.ts';
import { InputError } from '../../domain/input-error.ts';
import { hashRuleset } from '../../domain/rules/hash-ruleset.ts';
import { parseRuleset } from '../../domain/rules/parse-ruleset.ts';
import type { RulesetRecord, RulesFiles } from '../../domain/rules/ruleset.ts';
import { addHours, type EpochMs, type Hour, hourOf, MINUTE_MS, monthOf, parseMonth } from '../../domain/time/time.ts';
import type { EvaluationQueue } from '../ports/access-queue.ts';
import type { Rulesets } from '../ports/rulesets.ts';
import type { Clock, Log } from '../runtime.ts';
import { refusedChanges } from './refused-changes.ts';

/** Longer than any writer of rules or decisions can live (15 minutes, Lambda's longest), and a margin. */
export const WRITER_LEAD_MS = 20 * MINUTE_MS;
/** Two deployments at once take turns on the hours; more of them than this is not a race any more. */
const ATTEMPTS_MAX = 5;

export interface PublishNeeds {
  readonly rulesets: Rulesets;
  readonly evaluations: EvaluationQueue;
  readonly clock: Clock;
  readonly log: Log;
}

export interface PublishOutcome {
  /** kept: these rules were published before and cannot come back as they are; the newer ones stay in force. */
  readonly outcome: 'published' | 'unchanged' | 'kept';
  readonly hash: string;
  readonly effectiveFrom: Hour;
}

/**
 * Validates and records a ruleset with the hour from which it is in force, then asks for an evaluation.
 *
 * The very first ruleset is in force from the start of the current month, since nothing was metered under another. Every
 * later one from the first whole hour that begins after this writer is gone and after the ruleset before it.
 *
 * @throws InputError when the rules are not valid, remove a rate card, or change one that is in force
 */
export function publishRules(needs: PublishNeeds) {
  return async (source: { readonly files: RulesFiles; readonly commit: string }): Promise<PublishOutcome> => {
    const outcome = await record(needs, source.files, source.commit);
    needs.log.info('rules', { ...outcome, commit: source.commit });
    await needs.evaluations.send({ task: 'evaluate' });
    return outcome;
  };
}

async function record(
  { rulesets, clock, log }: PublishNeeds,
  files: RulesFiles,
  commit: string,
): Promise<PublishOutcome> {
  const hash = hashRuleset(files);
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    const latest = await rulesets.latest();
    if (latest?.hash === hash) return { outcome: 'unchanged', hash, effectiveFrom: latest.effectiveFrom };
    checkRules(files);
    const effectiveFrom = hourFor(latest, clock.now());
    const refused = latest ? refusedChanges(latest.files, files, effectiveFrom) : [];
    if (latest && refused[0]) {
      // A deployment that rolls back brings its old rules along. Failing here would leave the stack between the two.
      if ((await rulesets.byHash(hash)) === undefined) throw refused[0];
      log.error('these rules cannot come back as they were: publish them as a change', {
        hash,
        why: refused[0].message,
      });
      return { outcome: 'kept', hash: latest.hash, effectiveFrom: latest.effectiveFrom };
    }
    const written = await rulesets.publish({ hash, commit, effectiveFrom, files });
    if (written !== 'refused') return { outcome: 'published', hash, effectiveFrom };
  }
  throw new Error('other deployments keep publishing rules at the same time: try again');
}

function hourFor(latest: RulesetRecord | undefined, now: EpochMs): Hour {
  if (!latest) return hourOf(parseMonth(monthOf(now)).start);
  return Math.max(effectiveHour(now, WRITER_LEAD_MS), addHours(latest.effectiveFrom, 1)) as Hour;
}

function checkRules(files: RulesFiles): void {
  const { meters, rateCards } = parseRuleset(files);
  const [conflict] = featureConflicts(meters, rateCards);
  if (!conflict) return;
  const { rateCard, closed, open } = conflict;
  throw new InputError({
    code: 'feature-overlap',
    path: 'meters.json /routeGroups',
    message: `${rateCard} does not include the feature ${closed.group}; closing its route ${closed.route} would also close ${open.route} of ${open.group}, which the card includes`,
    hint: 'give the two groups paths of which neither lies below the other',
  });
}
