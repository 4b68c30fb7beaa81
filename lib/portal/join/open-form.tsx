import { entryPrice } from '../../domain/shop/offered-cards.ts';
import type { PriceList } from '../../domain/shop/plan.ts';
import type { AskedFact } from '../../domain/shop/stated-facts.ts';
import { Button, Choice, Form, type FormProof, TextField } from '../design/form.tsx';
import { Notice } from '../design/parts.tsx';
import { money } from '../design/words.ts';

export interface OpenFormProps {
  readonly prices: PriceList;
  /** What was typed, by field name. */
  readonly values: Readonly<Record<string, string>>;
  /** By field name; `form` for what is wrong with the whole. */
  readonly faults: Readonly<Record<string, string>>;
  readonly proof: FormProof;
}

/** What opening an account asks for: a name, a plan, and what the rules may ask of whoever comes. */
export function OpenForm({ prices, values, faults, proof }: OpenFormProps) {
  return (
    <Form action="/join/account" proof={proof}>
      {faults.form === undefined ? null : (
        <Notice tone="warn">
          <p>{faults.form}</p>
        </Notice>
      )}
      <TextField
        name="name"
        label="Company"
        hint="As it shall stand on invoices."
        value={values.name}
        error={faults.name}
        max={200}
      />
      <Choice
        name="card"
        label="Plan"
        options={prices.cards.map(({ card }) => ({
          value: card.id,
          label: `${card.name}: from ${money(card.currency, entryPrice(card))} a month`,
        }))}
        chosen={values.card}
      />
      {prices.asked.map((asked) => (
        <Asked {...{ asked }} value={values[`fact-${asked.id}`]} error={faults[`fact-${asked.id}`]} />
      ))}
      <TextField
        name="timeZone"
        label="Time zone"
        hint="Such as Europe/Berlin: for charts by hour, and prices that depend on it. Blank is UTC."
        value={values.timeZone}
        error={faults.timeZone}
        max={60}
        required={false}
        suggested={Intl.supportedValuesOf('timeZone')}
      />
      <Button>Open the account</Button>
    </Form>
  );
}

/** Nothing has to be said: the rules have a default for who does not. */
function Asked({ asked, value, error }: { asked: AskedFact; value: string | undefined; error: string | undefined }) {
  const { id, type, label, hint, options } = asked;
  const name = `fact-${id}`;
  const choices = type === 'boolean' ? ['yes', 'no'] : options;
  if (choices !== undefined) {
    const listed = choices.map((option) => ({ value: option, label: option }));
    const all = [{ value: '', label: 'I would rather not say' }, ...listed];
    return <Choice {...{ name, label }} options={all} chosen={value} />;
  }
  return (
    <TextField
      {...{ name, label, value, error }}
      hint={hint ?? 'You may leave it blank.'}
      max={100}
      required={false}
      numeric={type === 'number'}
    />
  );
}
