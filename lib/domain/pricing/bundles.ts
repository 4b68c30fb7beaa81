import type { Bundle, Charge, RateCard } from './rate-card.ts';

const expanded = new WeakMap<RateCard, RateCard>();

/**
 * The card as an ordinary one: each bundle's price is a flat charge, before the card's own charges, and the units that
 * come with it are allowances of the charges that take them. A card without bundles is answered as it is, and the same
 * card always gives the same object, so that whoever keeps compiled cards by object finds them again.
 */
export function withoutBundles(card: RateCard): RateCard {
  if (card.bundles === undefined) return card;
  const known = expanded.get(card);
  if (known) return known;
  const { bundles, ...rest } = card;
  const fees = bundles.map(({ id, price }): Charge => ({ id, price }));
  const made = { ...rest, charges: [...fees, ...card.charges.map((charge) => withAllowances(charge, bundles))] };
  expanded.set(card, made);
  return made;
}

function withAllowances(charge: Charge, bundles: readonly Bundle[]): Charge {
  const bundled = bundles.flatMap(({ id, includes }) =>
    includes
      .filter(({ meter, group }) => meter === charge.meter && group === charge.group)
      .map(({ quantity }) => ({ bundle: id, quantity })),
  );
  return bundled.length === 0 ? charge : { ...charge, bundled };
}
