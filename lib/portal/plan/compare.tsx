import type { ComparedCard, ComparedMonth } from '../../domain/shop/compare-cards.ts';
import type { PlanOffer } from '../../domain/shop/plan.ts';
import { Badge, Empty, Table } from '../design/parts.tsx';
import { money, monthName } from '../design/words.ts';
import { signed } from '../report/wording.ts';

/** What the customer's own last months would have cost on each plan. */
export function Compare({
  months,
  compared,
  offers,
  mayChoose,
}: {
  months: readonly ComparedMonth[];
  compared: readonly ComparedCard[];
  offers: readonly PlanOffer[];
  mayChoose: boolean;
}) {
  const offerOf = (id: string) => offers.find(({ card }) => card.id === id);
  return (
    <>
      {months.length === 0 ? (
        <Empty>Nothing to compare yet: that takes one of your months to be over and closed.</Empty>
      ) : (
        <p class="soft">
          Your own usage of those months, rated by the code that makes invoices, with the discounts and agreements that
          you would have, at the prices of that time. Credits and taxes apart.
        </p>
      )}
      <Table
        label="What each plan would have cost"
        stacked
        head={[
          { name: 'Plan' },
          ...months.map(({ name }) => ({ name: monthName(name), number: true })),
          { name: 'Choose' },
        ]}
      >
        {months.length === 0 ? null : <Own months={months} />}
        {compared.map((row) => (
          <Row {...{ row, months, offer: offerOf(row.card.id), mayChoose }} />
        ))}
      </Table>
    </>
  );
}

function Own({ months }: { months: readonly ComparedMonth[] }) {
  return (
    <tr>
      <th scope="row">As it was</th>
      {months.map(({ name, total, currency, partly }) => (
        <td class="number" data-label={monthName(name)}>
          {total === null || currency === null ? '—' : money(currency, total)}
          {partly ? <span class="why">from your first day on</span> : null}
        </td>
      ))}
      <td />
    </tr>
  );
}

function Row({
  row: { card, months: cells },
  months,
  offer,
  mayChoose,
}: {
  row: ComparedCard;
  months: readonly ComparedMonth[];
  offer: PlanOffer | undefined;
  mayChoose: boolean;
}) {
  const possible = offer?.obstacle === null;
  return (
    <tr>
      <th scope="row">
        {card.name} {offer?.isCurrent ? <Badge tone="good">Your plan</Badge> : null}
      </th>
      {cells.map(({ total, difference, obstacle }, index) => (
        <td class="number" data-label={monthName(months[index]?.name ?? '')}>
          {possible && total !== null ? money(card.currency, total) : '—'}
          {possible && difference !== null ? <span class="why">{signed(difference)}</span> : null}
          {possible && obstacle !== null ? <span class="why">Not possible: {obstacle}.</span> : null}
        </td>
      ))}
      <td class="acts">
        {offer === undefined ? null : offer.obstacle !== null ? (
          <span class="why">Not to be chosen: {offer.obstacle}.</span>
        ) : mayChoose ? (
          <a class="button quiet" href={`/plan/change/${card.id}`}>
            See what it changes<span class="visually-hidden"> for {card.name}</span>
          </a>
        ) : null}
      </td>
    </tr>
  );
}
