import type { Invoice } from '../../domain/invoicing/invoice.ts';
import type { RatingContext } from '../../domain/invoicing/rate-period.ts';
import type { ClosedHour } from '../../domain/metering/meters.ts';
import { hashRuleset, partDigest, type RulesetPart, rulesetParts } from '../../domain/rules/hash-ruleset.ts';
import type { RulesetRecord } from '../../domain/rules/ruleset.ts';
import type { Decision } from '../../domain/segmentation/decision.ts';
import type { BundlePart } from '../../domain/verification/bundle.ts';
import { rulesetName, rulesName } from '../../domain/verification/shown-rules.ts';

/** What an invoice cites of rulesets. */
export interface Cited {
  /** Card ids: every dated version up to the period's end is shown, since which one is in force follows from the dates. */
  readonly cards: ReadonlySet<string>;
  /** `YYYY-MM-DD`; later versions are not the customer's business yet. */
  readonly until: string;
  readonly decisions: readonly Decision[];
  /** Rulesets that hours with usage pin: their meters are shown. */
  readonly counting: ReadonlySet<string>;
}

export function citedBy(
  invoice: Invoice,
  { decisions, rulesets, corrections }: Pick<RatingContext, 'decisions' | 'rulesets' | 'corrections'>,
  rows: readonly ClosedHour[],
): Cited {
  const idOf = (ref: string) => ref.replace(/@.*$/, '');
  const refs = [
    ...decisions.map(({ rateCard }) => rateCard),
    ...corrections.map(({ rateCard }) => rateCard),
    ...invoice.lines.map(({ rateCard }) => rateCard),
    ...decisions.flatMap(({ protection, ruleset }) =>
      (rulesets.get(ruleset.hash)?.rules.protection ?? [])
        .filter(({ name }) => protection.includes(name))
        .map(({ event }) => event.params.rateCard),
    ),
  ];
  return {
    cards: new Set(refs.flatMap((ref) => (ref ? [idOf(ref)] : []))),
    until: invoice.end.slice(0, 'YYYY-MM-DD'.length),
    decisions,
    counting: new Set(rows.map(({ ruleset }) => ruleset)),
  };
}

/** The record as a bundle holds it: the cited parts in full, of all others the digests alone. */
export function shownParts(record: RulesetRecord, cited: Cited): BundlePart[] {
  const { hash, commit, files } = record;
  const parts = rulesetParts(files);
  const shown = parts.filter(shownOf(record, parts, cited));
  const others = parts.filter((part) => !shown.includes(part)).map(partDigest);
  const hashed = hashRuleset(files) === hash ? 'parts' : 'whole';
  return [
    { part: 'ruleset', name: rulesetName(hash), content: { hash, commit, hashed, others: others.sort() } },
    ...shown.map(
      ({ file, part, text }): BundlePart => ({
        ...{ part: 'rules', name: rulesName(hash, file, part) },
        content: { ruleset: hash, file, part, text },
      }),
    ),
  ];
}

function shownOf(
  { hash }: RulesetRecord,
  parts: readonly RulesetPart[],
  { cards, until, decisions, counting }: Cited,
): (part: RulesetPart) => boolean {
  const made = decisions.filter(({ ruleset }) => ruleset.hash === hash);
  const rules = new Set(made.flatMap(({ reasons, protection }) => [...reasons.map(({ rule }) => rule), ...protection]));
  const otherwise = made.some(({ reasons }) => reasons.some(({ kind }) => kind === 'otherwise'));
  const isCited = ({ part, text }: RulesetPart) =>
    part.startsWith('rules/') && rules.has((JSON.parse(text) as { name: string }).name);
  const conditions = new Map<string, Set<string>>();
  for (const file of ['segments.json', 'tiers.json', 'protection.json']) {
    conditions.set(
      file,
      namedIn(
        parts.filter((part) => part.file === file),
        isCited,
      ),
    );
  }
  return (part) => {
    const { file, text } = part;
    if (file === 'meters.json') return counting.has(hash);
    if (file.startsWith('rate-cards/')) {
      const { id, effectiveFrom } = JSON.parse(text) as { id: string; effectiveFrom: string };
      return cards.has(id) && effectiveFrom <= until;
    }
    if (file === 'tiers.json' && part.part === 'rest') return otherwise;
    if (part.part.startsWith('conditions/')) return conditions.get(file)?.has(conditionName(text)) ?? false;
    return isCited(part);
  };
}

const conditionName = (text: string): string => Object.keys(JSON.parse(`{${text}}`) as object)[0] ?? '';

/** Named conditions that the cited rules of a file use, and those that these use. */
function namedIn(parts: readonly RulesetPart[], isCited: (part: RulesetPart) => boolean): Set<string> {
  const named = new Map(
    parts.filter(({ part }) => part.startsWith('conditions/')).map(({ text }) => [conditionName(text), text]),
  );
  const found = new Set<string>();
  const look = (text: string) => {
    for (const [, quoted = ''] of text.matchAll(/"condition"\s*:\s*("(?:[^"\\]|\\.)*")/g)) {
      const name = JSON.parse(quoted) as string;
      if (found.has(name)) continue;
      found.add(name);
      look(named.get(name) ?? '');
    }
  };
  for (const part of parts.filter(isCited)) look(part.text);
  return found;
}
