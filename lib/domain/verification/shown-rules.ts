import type { PublishedRuleset } from '../invoicing/terms.ts';
import { parseMeters } from '../metering/parse-meters.ts';
import type { RateCard } from '../pricing/rate-card.ts';
import { hashOfParts, partDigest } from '../rules/hash-ruleset.ts';
import type { NamedConditions, ProtectionParams, Rule, SegmentParams, TierParams } from '../rules/ruleset.ts';
import type { Difference } from './bundle.ts';
import type { RulesContent, RulesetContent } from './contents.ts';

/** What a bundle shows of one ruleset. */
export interface ShownRuleset {
  readonly content: RulesetContent;
  readonly parts: readonly RulesContent[];
}

export const rulesetName = (hash: string): string => `ruleset ${hash.slice(0, 12)}`;
export const rulesName = (hash: string, file: string, part: string): string =>
  `${file}${part === 'file' ? '' : ` ${part}`} of ${rulesetName(hash)}`;

/** Whether the shown parts and the digests of the others make the hash; undefined where they do. */
export function provenDifference({ content, parts }: ShownRuleset): Difference | undefined {
  const { hash, hashed, others } = content;
  if (hashed === 'whole') return undefined;
  const made = hashOfParts([...others, ...parts.map(partDigest)]);
  if (made === hash) return undefined;
  const names = parts.map(({ file, part }) => rulesName(hash, file, part)).join(', ');
  const message = `its parts make the hash ${made.slice(0, 12)}…: one of ${names}, or of those not shown, is another`;
  return { input: rulesetName(hash), message };
}

/**
 * The shown part of a ruleset, as rating reads it: cards and rules that are not shown are not there.
 * @throws InputError, SyntaxError for texts that are no rules
 */
export function shownRuleset({ content, parts }: ShownRuleset): PublishedRuleset {
  const read = <T>(part: RulesContent): T => JSON.parse(part.text) as T;
  const of = (file: string, kind: string) => parts.filter((p) => p.file === file && p.part.startsWith(kind));
  const rules = <Params>(file: string) => of(file, 'rules/').map((part) => read<Rule<Params>>(part));
  const named = (file: string): NamedConditions =>
    Object.assign({}, ...of(file, 'conditions/').map(({ text }) => JSON.parse(`{${text}}`) as object));
  const [rest] = of('tiers.json', 'rest');
  const [meters] = of('meters.json', 'file');
  return {
    hash: content.hash,
    commit: content.commit,
    rules: {
      meters: meters ? parseMeters(read(meters)) : { meters: [] },
      rateCards: parts.filter(({ file }) => file.startsWith('rate-cards/')).map((part) => read<RateCard>(part)),
      segments: rules<SegmentParams>('segments.json'),
      tiers: {
        rules: rules<TierParams>('tiers.json'),
        otherwise: rest ? read<{ otherwise: TierParams }>(rest).otherwise : { rateCard: '' },
      },
      protection: rules<ProtectionParams>('protection.json'),
      facts: [],
      conditions: {
        segments: named('segments.json'),
        tiers: named('tiers.json'),
        protection: named('protection.json'),
      },
    },
  };
}
