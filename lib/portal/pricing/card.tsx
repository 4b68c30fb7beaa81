import type { Charge, RateCard } from '../../domain/pricing/rate-card.ts';
import { billWords, chargeWords, limitWords, phaseWords, type Units } from '../../domain/shop/card-words.ts';
import { spelled } from '../design/words.ts';

/** All that a rate card says, for the people who pay by it. */
export function CardWords({ card, units }: { card: RateCard; units: Units }) {
  const fees = (card.bundles ?? []).map(({ id, price }): Charge => ({ id, price }));
  const phases = phaseWords(card, units, [...fees, ...card.charges]);
  const bill = billWords(card);
  const limits = limitWords(card);
  const free = card.freeMeters ?? [];
  return (
    <dl class="says">
      {phases.length === 0 ? null : (
        <Said
          title="To begin with"
          lines={phases.map((line, index) => (index === phases.length - 1 ? `${line}; then` : line))}
        />
      )}
      {chargeWords(card, units).map(({ title, lines }) => (
        <Said title={title} lines={lines} />
      ))}
      {free.length === 0 ? null : <Said title="Free of charge" lines={[free.map(spelled).join(', ')]} />}
      {bill.length === 0 ? null : <Said title="The whole bill" lines={bill} />}
      {card.features === undefined ? null : <Said title="Features" lines={[card.features.map(spelled).join(', ')]} />}
      {limits.length === 0 ? null : <Said title="Limits" lines={limits} />}
    </dl>
  );
}

function Said({ title, lines }: { title: string; lines: readonly string[] }) {
  return (
    <div>
      <dt>{title}</dt>
      {lines.map((line) => (
        <dd>{line}</dd>
      ))}
    </div>
  );
}
