import type { Calculation } from '../../domain/shop/calculator.ts';
import { entryPrice, type OfferedCard } from '../../domain/shop/offered-cards.ts';
import type { PriceList } from '../../domain/shop/plan.ts';
import { hourStart, parseDate } from '../../domain/time/time.ts';
import { Badge, Empty } from '../design/parts.tsx';
import { dayName, money } from '../design/words.ts';
import { Calculator } from './calculator.tsx';
import { CardWords } from './card.tsx';

export interface PricingPageProps {
  readonly prices: PriceList;
  readonly calculation: Calculation;
  /** The visitor's own card, by id; null where it has none or is nobody that we know. */
  readonly current: string | null;
  /** What choosing leads to: signing up, the plan page, or nothing where only the team lets people in. */
  readonly choosing: 'join' | 'plan' | 'none';
}

/** The price list, made from the rate cards in force, and what it would come to. */
export function PricingPage({ prices, calculation, current, choosing }: PricingPageProps) {
  return (
    <div class="wide">
      <h1>Pricing</h1>
      {prices.cards.length === 0 ? (
        <Empty>No plan is on offer here. Ask the team that runs the API for a price.</Empty>
      ) : (
        <>
          <p class="lead">
            What each plan costs, as of {dayName(hourStart(prices.at))}. These words come from the rate cards that bill.
          </p>
          <ul class="plans">
            {prices.cards.map((offered) => (
              <Plan {...{ offered, current, choosing }} units={prices.units} />
            ))}
          </ul>
          <h2 id="calculator">What would it come to?</h2>
          <Calculator calculation={calculation} units={prices.units} />
        </>
      )}
    </div>
  );
}

function Plan({
  offered: { card, later },
  units,
  current,
  choosing,
}: Pick<PricingPageProps, 'current' | 'choosing'> & { offered: OfferedCard; units: PriceList['units'] }) {
  return (
    <li class="sheet" id={`plan-${card.id}`}>
      <h2>
        {card.name} {card.id === current ? <Badge tone="good">Your plan</Badge> : null}
      </h2>
      <p class="price">
        from <b>{money(card.currency, entryPrice(card))}</b> a month
      </p>
      <p class="soft">{card.valueDriver}</p>
      <CardWords card={card} units={units} />
      {later.map((next) => (
        <details>
          <summary>
            From {dayName(parseDate(next.effectiveFrom))} on: from {money(next.currency, entryPrice(next))} a month
          </summary>
          <div>
            <p class="soft">{next.rationale}</p>
            {next.selfService === undefined ? <p>From then on it is no longer offered to new customers.</p> : null}
            <CardWords card={next} units={units} />
          </div>
        </details>
      ))}
      {choosing === 'none' || card.id === current ? null : (
        <div class="actions">
          <a class="button" href={choosing === 'join' ? `/join?card=${card.id}` : `/plan/change/${card.id}`}>
            {choosing === 'join' ? 'Choose' : 'See what it changes'}
            <span class="visually-hidden"> {card.name}</span>
          </a>
        </div>
      )}
    </li>
  );
}
