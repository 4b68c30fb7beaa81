import type { PublishedRuleset } from '../../domain/invoicing/terms.ts';
import type { DraftingPorts } from './ports.ts';

type Reader = DraftingPorts['rulesets'];

/** What a hash names never changes. By the reader, so that tests and functions share nothing. */
const PUBLISHED = new WeakMap<Reader, Map<string, PublishedRuleset>>();

/** Rulesets by their hashes; one that cannot be found is missing from the answer, and rating says so. */
export async function readRulesets(
  hashes: Iterable<string>,
  { rulesets, parseRuleset }: Pick<DraftingPorts, 'rulesets' | 'parseRuleset'>,
): Promise<Map<string, PublishedRuleset>> {
  const known = PUBLISHED.get(rulesets) ?? new Map<string, PublishedRuleset>();
  PUBLISHED.set(rulesets, known);
  const found = new Map<string, PublishedRuleset>();
  for (const hash of new Set(hashes)) {
    const published = known.get(hash) ?? (await readOne(hash));
    if (!published) continue;
    known.set(hash, published);
    found.set(hash, published);
  }
  return found;

  async function readOne(hash: string): Promise<PublishedRuleset | undefined> {
    const record = await rulesets.byHash(hash);
    return record && { hash, commit: record.commit, rules: parseRuleset(record) };
  }
}
