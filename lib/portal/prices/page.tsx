import type { PriceChange, PriceHistory } from '../../domain/portal/price-history.ts';
import type { PriceDifference } from '../../domain/portal/price-words.ts';
import { Badge, Empty, Notice } from '../design/parts.tsx';
import { cardName, dayName, timeName } from '../design/words.ts';

/** Every change of prices that concerns one customer. */
export function PricesPage({ history: { announced, past } }: { history: PriceHistory }) {
  return (
    <>
      <h1>Your prices over time</h1>
      <p class="lead">
        Every day on which what you pay has changed or will: new prices of your plan, moves to another one, promises
        that begin or end. What you used before a day keeps the prices that were in force then.
      </p>
      <h2>Announced</h2>
      {announced.length === 0 ? (
        <Empty>Nothing is announced: your prices stay as they are.</Empty>
      ) : (
        announced.map((change) => <Change change={change} announced />)
      )}
      <h2>Until now</h2>
      {past.length === 0 ? (
        <Empty>Nothing yet: your first price is being decided.</Empty>
      ) : (
        past.map((change) => <Change change={change} />)
      )}
    </>
  );
}

function Change({ change, announced = false }: { change: PriceChange; announced?: boolean }) {
  const { at, differences, why, keeps, commit, kind } = change;
  return (
    <section class="sheet change">
      <h3>
        {dayName(at)}: {headline(change)}
      </h3>
      <p class="note">
        From {timeName(at)}. Rules of commit <code>{commit}</code>.{' '}
        {announced ? <Badge tone="warn">to come</Badge> : null}
      </p>
      {differences.length === 0 ? (
        <p>{kind === 'placed' ? '' : 'No price on it changes.'}</p>
      ) : (
        <ul class="plain">
          {differences.map((difference) => (
            <li>
              <Difference difference={difference} />
            </li>
          ))}
        </ul>
      )}
      {why.map((reason) => (
        <p class="soft">{reason}</p>
      ))}
      {keeps.map((promise) => (
        <Notice>
          <p>{promise}</p>
        </Notice>
      ))}
    </section>
  );
}

function headline({ kind, from, to }: PriceChange): string {
  const [before, after] = [from === null ? 'no plan' : cardName(from), to === null ? 'no plan' : cardName(to)];
  switch (kind) {
    case 'placed':
      return `you began on ${after}`;
    case 'moved':
      return `from ${before} to ${after}`;
    case 'terms':
      return `other terms on ${after}`;
    case 'version':
      return `new prices, ${after}`;
    case 'protected':
      return 'a promise about your prices begins';
    case 'unprotected':
      return 'a promise about your prices ends';
  }
}

function Difference({ difference: { what, before, after } }: { difference: PriceDifference }) {
  return (
    <>
      <strong>{what}:</strong>{' '}
      <span>
        {before === null ? after : <del>{before}</del>}{' '}
        {before === null ? null : after === null ? <em>no longer</em> : <ins>{after}</ins>}
      </span>
    </>
  );
}
