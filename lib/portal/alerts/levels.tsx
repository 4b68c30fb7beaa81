import type { Level } from '../../domain/alerts/level.ts';
import { percentUsed } from '../../domain/alerts/percent.ts';
import { grouped, money } from '../design/words.ts';

/** How much of everything is used, the fullest first. */
export function Levels({ levels }: { levels: readonly Level[] }) {
  const sorted = [...levels].sort((a, b) => percentUsed(b) - percentUsed(a));
  return (
    <ul class="levels">
      {sorted.map((level) => (
        <li>
          <p>
            <strong>{nameOf(level)}</strong>
            <span>
              {amountsOf(level)}, {percentUsed(level)} %
            </span>
          </p>
          <progress
            max={100}
            value={Math.min(100, percentUsed(level))}
            class={percentUsed(level) >= 100 ? 'full' : undefined}
            aria-label={nameOf(level)}
          />
        </li>
      ))}
    </ul>
  );
}

const NAMES: Readonly<Record<Level['kind'], string>> = {
  quota: 'Quota',
  'spend-cap': 'Spend cap',
  commitment: 'Commitment',
  balance: 'Prepaid balance',
};

const nameOf = ({ kind, mode }: Level): string =>
  mode === 'soft' ? `${NAMES[kind]} (soft: calls go on)` : NAMES[kind];

const amountsOf = ({ unit, used, of }: Level): string =>
  unit === 'calls' ? `${grouped(used)} of ${grouped(of)} calls` : `${money(unit, used)} of ${grouped(of)}`;
