import type { RatedBill, RatedLine } from '../../domain/pricing/bill.ts';
import type { Calculated, Calculation, CalculatorField } from '../../domain/shop/calculator.ts';
import type { Units } from '../../domain/shop/card-words.ts';
import { parseDate } from '../../domain/time/time.ts';
import { Button, TextField } from '../design/form.tsx';
import { Notice, Table } from '../design/parts.tsx';
import { dayName, money, spelled } from '../design/words.ts';
import { plural, signless } from '../report/wording.ts';

/** Quantities for a month, and what they come to on each plan, by the code that makes invoices. No script is needed. */
export function Calculator({ calculation, units }: { calculation: Calculation; units: Units }) {
  const { fields, values, faults, results } = calculation;
  const wrong = Object.keys(faults).length > 0;
  return (
    <>
      <form method="get" action="/pricing#calculator" class="stack wide-form">
        {wrong ? (
          <Notice tone="warn">
            <p>Nothing was calculated: see the fields that are marked.</p>
          </Notice>
        ) : null}
        <p class="soft">
          What you expect to use in a month, rated as an invoice would be: for a whole month, after trials, taxes apart.
          {apartFrom(fields)}
        </p>
        <div class="row">
          {fields.map((field) => (
            <Field {...{ field, values, faults }} />
          ))}
        </div>
        <Button>Calculate</Button>
      </form>
      {results === null ? null : <Results results={results} units={units} />}
    </>
  );
}

type Typed = Pick<Calculation, 'values' | 'faults'>;

/** Groups with a field of their own, of a meter that has one too: a call is entered once. */
function apartFrom(fields: readonly CalculatorField[]): string {
  const groups = fields.filter(
    ({ group, meter }) => group !== null && fields.some((one) => one.meter === meter && one.group === null),
  );
  const names = groups.map(({ group }) => spelled(group ?? ''));
  return names.length === 0
    ? ''
    : ` What has a field of its own (${names.join(', ')}) goes there, not among the others.`;
}

function Field({ field, values, faults }: Typed & { field: CalculatorField }) {
  const { name, kind, unit, group, meter } = field;
  const what = group === null ? spelled(meter) : `${spelled(group)} ${plural(unit)}`;
  const text = (key: string, label: string) => (
    <TextField
      {...{ name: key, label, max: 40, required: false, numeric: true }}
      value={values[key]}
      error={faults[key]}
    />
  );
  if (kind === 'quantity') return text(name, what.charAt(0).toUpperCase() + what.slice(1));
  return (
    <>
      {text(name, `${what}: how many`)}
      {text(`${name}.each`, `${what}: amount of each`)}
    </>
  );
}

function Results({ results, units }: { results: readonly Calculated[]; units: Units }) {
  return (
    <Table
      label="What each plan would cost"
      stacked
      head={[{ name: 'Plan' }, { name: 'A month', number: true }, { name: 'Made of' }]}
    >
      {results.map(({ card, isLater, bill, obstacle }) => (
        <tr>
          <th scope="row">
            {card.name}
            {isLater ? <span class="why">prices from {dayName(parseDate(card.effectiveFrom))}</span> : null}
          </th>
          <td class="number" data-label="A month">
            {bill === null ? '—' : money(bill.currency, bill.total)}
          </td>
          <td data-label="Made of">
            {bill === null ? `Not possible: ${obstacle}.` : <Lines bill={bill} units={units} />}
          </td>
        </tr>
      ))}
    </Table>
  );
}

function Lines({ bill, units }: { bill: RatedBill; units: Units }) {
  const lines = bill.lines.filter(({ quantity, kind }) => kind === 'flat' || kind === 'reserved' || quantity !== null);
  const discounts = bill.discounts.map(({ id, amount }) => ({ title: spelled(id), amount }));
  const bounds = [
    ...(isZero(bill.trueUp) ? [] : [{ title: 'up to the minimum', amount: bill.trueUp }]),
    ...(isZero(bill.capped) ? [] : [{ title: 'above the maximum', amount: `-${bill.capped}` }]),
  ];
  return (
    <ul class="plain lines">
      {lines.map((line) => (
        <li>
          <span>{titleOf(line, units)}</span> <span class="amount">{signless(line.amount)}</span>
        </li>
      ))}
      {[...discounts, ...bounds].map(({ title, amount }) => (
        <li>
          <span>{title}</span> <span class="amount">{signless(amount)}</span>
        </li>
      ))}
    </ul>
  );
}

function titleOf({ kind, charge, meter, group, tier, window, quantity }: RatedLine, units: Units): string {
  const parts = [spelled(charge ?? meter ?? kind)];
  if (group !== null && group !== charge) parts.push(spelled(group));
  if (window !== undefined && window !== null) parts.push(spelled(window));
  if (tier !== undefined) parts.push(`tier ${tier}`);
  if (kind === 'included' || kind === 'free' || kind === 'overage' || kind === 'reserved') parts.push(kind);
  const much = quantity === null || meter === null ? '' : `: ${signless(quantity)} ${plural(units[meter] ?? 'unit')}`;
  return `${parts.join(', ')}${much}`;
}

const isZero = (amount: string): boolean => /^[0.]+$/.test(amount);
