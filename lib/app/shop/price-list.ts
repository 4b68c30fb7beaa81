import { type Calculation, calculate } from '../../domain/shop/calculator.ts';
import { unitsOf } from '../../domain/shop/card-words.ts';
import { offeredCards } from '../../domain/shop/offered-cards.ts';
import type { PriceList } from '../../domain/shop/plan.ts';
import { askedFacts, readStated, type StatedFacts } from '../../domain/shop/stated-facts.ts';
import { hourOf, monthOf, parseMonth } from '../../domain/time/time.ts';
import type { Shop } from './needs.ts';
import { rulesAt } from './rules-at.ts';

/** What anyone may see: the offered cards of the rules in force. Undefined while nothing is published. */
export async function priceList(shop: Pick<Shop, 'rulesets' | 'compile' | 'clock'>): Promise<PriceList | undefined> {
  const at = hourOf(shop.clock.now());
  const found = await rulesAt(shop, at);
  if (!found) return undefined;
  const { ruleset } = found.rules;
  const cards = offeredCards(ruleset, at);
  return { at, cards, units: unitsOf(ruleset.meters), asked: askedFacts(ruleset.facts) };
}

type Answers = Readonly<Record<string, string | undefined>>;

/** What somebody entered, for the month that it is, on every offered card. Undefined while nothing is published. */
export async function calculatePrices(
  shop: Pick<Shop, 'rulesets' | 'compile' | 'clock'>,
  answers: Answers,
): Promise<Calculation | undefined> {
  const now = shop.clock.now();
  const found = await rulesAt(shop, hourOf(now));
  if (!found) return undefined;
  const { ruleset } = found.rules;
  return calculate(offeredCards(ruleset, hourOf(now)), ruleset, parseMonth(monthOf(now)), answers);
}

/** What somebody states of their company, as the rules in force ask for it. */
export async function statedFacts(
  shop: Pick<Shop, 'rulesets' | 'compile' | 'clock'>,
  answers: Answers,
): Promise<StatedFacts> {
  const found = await rulesAt(shop, hourOf(shop.clock.now()));
  return readStated(found?.rules.ruleset.facts ?? [], answers);
}
