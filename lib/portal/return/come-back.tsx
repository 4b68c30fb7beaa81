import { entryPrice } from '../../domain/shop/offered-cards.ts';
import type { PlanOffer } from '../../domain/shop/plan.ts';
import { Table } from '../design/parts.tsx';
import { money } from '../design/words.ts';

/** On the plan page of a closed account: on which plans it can be opened again. */
export function ComeBack({ offers, isAdmin }: { offers: readonly PlanOffer[]; isAdmin: boolean }) {
  return (
    <>
      <h2>Open it again</h2>
      <p class="soft">
        As the same customer, with its history, its agreements and what it owes. A trial that you had is over.
      </p>
      <Table
        label="Plans to come back on"
        stacked
        head={[{ name: 'Plan' }, { name: 'A month without a call', number: true }, { name: 'Choose' }]}
      >
        {offers.map(({ card, obstacle }) => (
          <tr>
            <th scope="row">{card.name}</th>
            <td class="number" data-label="A month without a call">
              {money(card.currency, entryPrice(card))}
            </td>
            <td class="acts">
              {obstacle !== null ? (
                <span class="why">Not to be chosen: {obstacle}.</span>
              ) : isAdmin ? (
                <a class="button quiet" href={`/plan/return/${card.id}`}>
                  See what it costs<span class="visually-hidden"> on {card.name}</span>
                </a>
              ) : null}
            </td>
          </tr>
        ))}
      </Table>
      {isAdmin ? null : <p class="soft">Only an admin of the account can choose.</p>}
    </>
  );
}
