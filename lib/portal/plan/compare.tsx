import type { ComparedCard, ComparedMonth } from '../../domain/shop/compare-cards.ts';
import type { PlanOffer, PlanView } from '../../domain/shop/plan.ts';
import { Badge, Empty, Table } from '../design/parts.tsx';
import { money, monthName } from '../design/words.ts';
import { signed } from '../report/wording.ts';

/** What the customer's own last months would have cost on each plan. */
export function Compare({
  months,
  compared,
  offers,
  pending,
  mayChoose,
}: Pick<PlanView, 'months' | 'compared' | 'offers' | 'pending'> & { mayChoose: boolean }) {
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
          <Row {...{ row, months, offer: offerOf(row.card.id), pending, mayChoose }} />
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
  pending,
  mayChoose,
}: {
  row: ComparedCard;
  months: readonly ComparedMonth[];
  offer: PlanOffer | undefined;
  pending: PlanView['pending'];
  mayChoose: boolean;
}) {
  const possible = offer?.obstacle === null;
  const isSame = (difference: string) => offer?.isCurrent === true && /^[0.]+$/.test(difference);
  return (
    <tr>
      <th scope="row">
        {card.name} {offer?.isCurrent ? <Badge tone="good">Your plan</Badge> : null}
      </th>
      {cells.map(({ total, difference, obstacle }, index) => (
        <td class="number" data-label={monthName(months[index]?.name ?? '')}>
          {possible && total !== null ? money(card.currency, total) : '—'}
          {possible && difference !== null && !isSame(difference) ? (
            <span class="why">{signed(difference)}</span>
          ) : null}
          {possible && obstacle !== null ? <span class="why">Not possible: {obstacle}.</span> : null}
        </td>
      ))}
      <td class="acts">
        <Choose {...{ card, offer, pending, mayChoose }} />
      </td>
    </tr>
  );
}

/** The present plan can only be chosen against another one that is ahead. */
function Choose({
  card,
  offer,
  pending,
  mayChoose,
}: {
  card: ComparedCard['card'];
  offer: PlanOffer | undefined;
  pending: PlanView['pending'];
  mayChoose: boolean;
}) {
  if (offer === undefined) return null;
  if (offer.isCurrent && pending === null) return null;
  if (offer.obstacle !== null) return <span class="why">Not to be chosen: {offer.obstacle}.</span>;
  if (!mayChoose) return null;
  return (
    <a class="button quiet" href={`/plan/change/${card.id}`}>
      {offer.isCurrent ? (
        <>Stay on {card.name}</>
      ) : (
        <>
          See what it changes<span class="visually-hidden"> for {card.name}</span>
        </>
      )}
    </a>
  );
}
