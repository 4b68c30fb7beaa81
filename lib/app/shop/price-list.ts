import { offeredCards } from '../../domain/shop/offered-cards.ts';
import type { PriceList } from '../../domain/shop/plan.ts';
import { askedFacts } from '../../domain/shop/stated-facts.ts';
import { hourOf } from '../../domain/time/time.ts';
import type { Shop } from './needs.ts';
import { rulesAt } from './rules-at.ts';

/** What anyone may see: the offered cards of the rules in force. Undefined while nothing is published. */
export async function priceList(shop: Pick<Shop, 'rulesets' | 'compile' | 'clock'>): Promise<PriceList | undefined> {
  const at = hourOf(shop.clock.now());
  const found = await rulesAt(shop, at);
  if (!found) return undefined;
  const { ruleset } = found.rules;
  const cards = offeredCards(ruleset, at);
  const units = Object.fromEntries(ruleset.meters.meters.map(({ id, unit }) => [id, unit ?? 'unit']));
  return { at, cards, units, asked: askedFacts(ruleset.facts) };
}
