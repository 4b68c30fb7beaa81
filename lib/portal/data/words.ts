import type { KnownFact } from '../../domain/portal/known-facts.ts';
import type { CustomerRequest } from '../../domain/portal/request.ts';
import type { FactDefinition, FactValue } from '../../domain/rules/ruleset.ts';
import { valueWords } from '../design/words.ts';

/** Units that read well after a number; others (`ratio`, `share, 0 to 1`) say what it is and stand with its description. */
const COUNTED = /^[a-z]+s$/;

/** `6 employees`, `0.9146`, `yes`. */
export const measured = (value: FactValue | undefined, unit: string | undefined): string =>
  typeof value === 'number' && unit !== undefined && COUNTED.test(unit)
    ? `${valueWords(value)} ${unit}`
    : valueWords(value);

/** `callsLast30Days` becomes `Calls last 30 days`. */
export function factName({ id, ask }: Pick<FactDefinition, 'id' | 'ask'>): string {
  const spaced = id.replace(/([a-z])([A-Z])|([a-z])(\d)|(\d)([A-Z])/g, (_, ...parts: (string | undefined)[]) =>
    parts
      .slice(0, 6)
      .filter((part) => part !== undefined)
      .join(' '),
  );
  return ask?.label ?? `${spaced.charAt(0).toUpperCase()}${spaced.slice(1).toLowerCase()}`;
}

export const SOURCES: Readonly<Record<FactDefinition['source'], string>> = {
  customer: 'told by you, or agreed in your contract',
  usage: 'counted from your calls',
  choice: 'chosen by you',
};

export const ORIGINS: Readonly<Record<KnownFact['from'], string>> = {
  given: '',
  default: 'nothing is known, so this is assumed',
  missing: 'nothing is known',
  unusable: 'cannot be read as it stands',
};

/** What a fact may be used for, to whom it is about. */
export const USES: Readonly<Record<FactDefinition['use'], string>> = {
  price: 'Rules may read it to set a price.',
  insight: 'Only for reports and advice: no rule that sets a price may read it.',
  proxy:
    'It can stand for something that must not set a price, so no rule may read it without a reason that is written down.',
  prohibited: 'It must never set a price: rules that read it are refused.',
};

const ANSWERED: Readonly<Record<CustomerRequest['kind'], string>> = {
  correct: 'A person puts it right or says why not, within 30 days. Until then nothing changes.',
  object:
    'A person answers within 30 days. If you are right, the fact is taken out of what sets your price, or the price is corrected, also for what was invoiced.',
  bundle: 'It is made by itself.',
  export: 'It is made by itself.',
  erase: 'It is done by itself, and cannot be undone.',
};

/** Where a request stands, in a sentence. */
export function standingWords({ kind, state, answer }: CustomerRequest): string {
  if (state === 'open') return ANSWERED[kind];
  if (state === 'done') return answer ?? 'Done.';
  return `${state === 'refused' ? 'Not followed' : 'Not possible'}: ${answer ?? 'no reason was given'}`;
}
