import { canonicalJson } from '../invoicing/canonical.ts';
import type { RateCard } from '../pricing/rate-card.ts';
import type { RulesFault } from '../rules/fault.ts';
import type { Ruleset } from '../rules/ruleset.ts';
import { DAY_MS, formatDate } from '../time/time.ts';
import { factsRead, type Notes, type Plan } from './evaluate.ts';
import { changedCards } from './instant.ts';
import type { Notice } from './report.ts';
import type { Side } from './side.ts';

const fileOf = ({ id, effectiveFrom }: Pick<RateCard, 'id' | 'effectiveFrom'>): string =>
  `rate-cards/${id}/${effectiveFrom}.json`;

/** What `validate` warns of at head: every volume cliff, and of the rest what base did not have. */
export function warningNotices(base: readonly RulesFault[], head: readonly RulesFault[]): Notice[] {
  const key = ({ file, pointer, code, message }: RulesFault) => JSON.stringify([file, pointer, code, message]);
  const known = new Set(base.map(key));
  return head
    .filter((fault) => fault.code === 'volume-cliff' || !known.has(key(fault)))
    .map(({ code, file, pointer, message }) => ({
      code,
      severity: 'warning',
      file,
      message: pointer === '' ? message : `${pointer}: ${message}`,
    }));
}

/** Cliffs in cards that head adds or alters: those that were there before are not this change's. */
export function newCliffs(warnings: readonly RulesFault[], base: Ruleset, head: Ruleset): string[] {
  const changed = new Set(changedCards(base, head).map(fileOf));
  return warnings
    .filter(({ code, file }) => code === 'volume-cliff' && changed.has(file))
    .map(({ file, message }) => `${file}: ${message}`);
}

/** Cards, facts and dates that a reader of the numbers must know of. */
export function cardNotices(base: Side, head: Side, today: string): Notice[] {
  const notices: Notice[] = [];
  for (const card of new Map([...base.early, ...head.early].map((one) => [fileOf(one), one] as const)).values()) {
    notices.push({
      code: 'card-not-yet-in-force',
      severity: 'info',
      file: fileOf(card),
      message: `no version of ${card.id} is in force at the instant, so its earliest is taken, which begins on ${card.effectiveFrom}`,
    });
  }
  const before = new Set(base.ruleset.rateCards.map(fileOf));
  for (const card of changedCards(base.ruleset, head.ruleset)) {
    if (!before.has(fileOf(card)) || card.effectiveFrom > today) continue;
    notices.push({
      code: 'card-changed-in-place',
      severity: 'warning',
      file: fileOf(card),
      message: `${card.id}@${card.effectiveFrom} is in force and changes: publishing refuses that, since past usage is never repriced; add a version with a later date`,
    });
  }
  return notices;
}

/** What the evaluation met on its way, in words. */
export function usageNotices(notes: Notes, customers: number, { head, period }: Plan): Notice[] {
  const notices: Notice[] = [];
  const add = (code: string, severity: Notice['severity'], message: string) =>
    notices.push({ code, severity, file: null, message });
  if (customers === 0) add('no-customers', 'warning', 'there is neither usage nor a customer in this period');
  if (notes.outsideRecords > 0) {
    add(
      'outside-period',
      'info',
      `${counted(notes.outsideRecords, 'record')} lie outside the period and price nothing; the 60 days before its end feed facts about usage`,
    );
  }
  const missing = notes.earliest === null ? 0 : notes.earliest - (period.end - 60 * DAY_MS);
  if (
    notes.earliest !== null &&
    missing > 0 &&
    missing < 30 * DAY_MS &&
    factsRead(head.ruleset).includes('callsGrowth')
  ) {
    const days = Math.ceil(30 - missing / DAY_MS);
    add(
      'short-history',
      'warning',
      `usage begins on ${formatDate(notes.earliest)}: callsGrowth compares the last 30 days with ${days === 1 ? '1 day' : `${days} days`} of the 30 before, and says too much growth; add the usage of two months`,
    );
  }
  if (notes.hourless > 0) {
    add(
      'usage-without-hours',
      'warning',
      `usage of ${counted(notes.hourless, 'customer')} has no hours: it counts as calls of the period, and facts about days and peaks cannot be told from it`,
    );
  }
  if (notes.unknown > 0) {
    const more =
      notes.unknown > notes.unknownFirst.length ? ` and ${notes.unknown - notes.unknownFirst.length} more` : '';
    add(
      'unknown-customer',
      'warning',
      `usage of ${counted(notes.unknown, 'customer')} whom the customers file does not know, priced with the defaults of facts.json: ${notes.unknownFirst.join(', ')}${more}`,
    );
  }
  if (notes.assumedNew > 0) {
    add(
      'no-customers-file',
      'info',
      `without a customers file, ${counted(notes.assumedNew, 'customer')} have the defaults of facts.json and count as signing up on the day of the instant`,
    );
  }
  return notices;
}

const counted = (count: number, word: string): string => `${count} ${word}${count === 1 ? '' : 's'}`;

/** A rationale that only fills its place. */
const PLACEHOLDER = /^\W*(todo|tbd|fixme|n\/?a|none|nothing|test|wip|because|see (pr|ticket)|x+|\.+|-+)?\W*$/i;

/** Rules and cards that head adds or alters whose rationale says nothing, by file and name. */
export function unexplainedChanges(base: Ruleset, head: Ruleset): string[] {
  const cards = changedCards(base, head).map((card) => ({
    where: fileOf(card),
    rationale: card.rationale,
    name: card.name,
  }));
  const rules = [
    ...changedRules('segments.json', base.segments, head.segments),
    ...changedRules('tiers.json', base.tiers.rules, head.tiers.rules),
    ...changedRules('protection.json', base.protection, head.protection),
  ];
  return [...cards, ...rules]
    .filter(({ rationale, name }) => saysNothing(rationale, name))
    .map(({ where, rationale }) => `${where} does not say why (${JSON.stringify(rationale)})`);
}

interface Explained {
  readonly name: string;
  readonly rationale: string;
}

function changedRules(file: string, base: readonly Explained[], head: readonly Explained[]) {
  const known = new Map(base.map((rule) => [rule.name, canonicalJson(rule)]));
  return head
    .filter((rule) => known.get(rule.name) !== canonicalJson(rule))
    .map(({ name, rationale }) => ({ where: `${file}: ${name}`, rationale, name }));
}

function saysNothing(rationale: string, name: string): boolean {
  const words = rationale.trim().split(/\s+/);
  return PLACEHOLDER.test(rationale) || words.length < 2 || rationale.trim().toLowerCase() === name.toLowerCase();
}
