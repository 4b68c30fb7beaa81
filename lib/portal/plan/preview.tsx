import { formatDecimal, parseDecimal, subtract } from '../../domain/money/decimal.ts';
import type { PeriodOutlook, PlanPreview } from '../../domain/shop/plan.ts';
import { type EpochMs, hourOf, hourStart } from '../../domain/time/time.ts';
import { Button, Form, type FormProof } from '../design/form.tsx';
import { Notice, Table } from '../design/parts.tsx';
import { dayName, grouped, money, monthName, spanWords, timeIn } from '../design/words.ts';
import { CardWords } from '../pricing/card.tsx';
import { signed } from '../report/wording.ts';

export interface PreviewPageProps {
  readonly preview: PlanPreview;
  /** The customer's own; null for UTC. */
  readonly timeZone: string | null;
  readonly now: EpochMs;
  readonly units: Readonly<Record<string, string>>;
  readonly isAdmin: boolean;
  /** A form was sent for a preview that no longer holds. */
  readonly changed: boolean;
  readonly proof: FormProof;
}

/** What a change of plan does, before it is made: when, to this period's bill, and on the months that are over. */
export function PreviewPage({ preview, timeZone, now, units, isAdmin, changed, proof }: PreviewPageProps) {
  const { offer, isPresent } = preview;
  const { card, obstacle } = offer;
  if (isPresent) return <PresentPlan card={card} units={units} />;
  return (
    <>
      <h1>{titleOf(preview)}</h1>
      {changed ? (
        <Notice tone="warn">
          <p>
            <strong>Nothing was changed.</strong> Prices, or what they mean for you, have changed since you saw them.
            This is how it stands now.
          </p>
        </Notice>
      ) : null}
      {obstacle !== null ? (
        <Notice tone="warn">
          <p>
            <strong>This plan cannot be chosen:</strong> {obstacle}.
          </p>
        </Notice>
      ) : (
        <>
          <When {...{ preview, timeZone, now }} />
          <h2>This period’s bill</h2>
          <Bills preview={preview} />
          <Months preview={preview} />
        </>
      )}
      <Confirm preview={preview} isAdmin={isAdmin} proof={proof} />
      <Includes card={card} units={units} />
    </>
  );
}

/** The heading of the page, and its title. */
export const titleOf = ({ isPresent, offer: { card, isCurrent } }: PlanPreview): string =>
  isPresent ? `${card.name} is your plan` : isCurrent ? `Stay on ${card.name}?` : `Change to ${card.name}?`;

type CardProps = Pick<PreviewPageProps, 'units'> & { card: PlanPreview['offer']['card'] };

function PresentPlan({ card, units }: CardProps) {
  return (
    <>
      <h1>{card.name} is your plan</h1>
      <p class="lead">You have it already, and no change is ahead: there is nothing to choose.</p>
      <div class="actions">
        <a class="button quiet" href="/plan">
          What other plans would cost you
        </a>
      </div>
      <Includes card={card} units={units} />
    </>
  );
}

function Includes({ card, units }: CardProps) {
  return (
    <>
      <h2>What {card.name} includes</h2>
      <div class="sheet">
        <CardWords card={card} units={units} />
      </div>
    </>
  );
}

/** Below what it does, above what the plan is made of: nobody has to look for it. */
function Confirm({
  preview: { offer, token },
  isAdmin,
  proof,
}: Pick<PreviewPageProps, 'preview' | 'isAdmin' | 'proof'>) {
  const { card, isCurrent, obstacle } = offer;
  return (
    <>
      <div class="actions">
        {obstacle === null && isAdmin ? (
          <Form action="/plan/choose" proof={proof} inline>
            <input type="hidden" name="card" value={card.id} />
            <input type="hidden" name="token" value={token} />
            <Button>{isCurrent ? `Stay on ${card.name}` : `Change to ${card.name}`}</Button>
          </Form>
        ) : null}
        <a class="button quiet" href="/plan">
          Back, change nothing
        </a>
      </div>
      {isAdmin ? null : <p class="soft">Only an admin of the account can choose.</p>}
    </>
  );
}

function When({ preview: { offer, period }, timeZone, now }: Pick<PreviewPageProps, 'preview' | 'timeZone' | 'now'>) {
  const at = timeIn(hourStart(offer.from), timeZone);
  const terms = offer.decision.discounts.map(
    ({ id, percent, amount }) => `${id}, ${percent ? `${percent} %` : amount} off`,
  );
  return (
    <p class="lead">
      {offer.when === 'now'
        ? `It holds from the next hour that is not decided yet: from ${at}, in ${spanWords(hourStart(offer.from) - now)}. Calls before that are at your present price.`
        : `It holds from your next billing period on: ${at}.`}{' '}
      {offer.from < hourOf(period.end)
        ? 'What was used before counts against its allowances and tiers; fees are shared by time.'
        : 'Until then nothing changes, and you can take it back.'}
      {terms.length === 0 ? '' : ` You keep: ${terms.join('; ')}.`}
    </p>
  );
}

function Bills({ preview: { without, with: changed, period, offer } }: { preview: PlanPreview }) {
  const best = (outlook: PeriodOutlook) => outlook.forecast?.total?.expected ?? outlook.soFar;
  const [before, after] = [best(without), best(changed)];
  const span = `From ${dayName(period.start)} to ${dayName(period.end - 1)}`;
  if (before === null || without.currency === null) {
    return <p>It cannot be told at present: {without.fault ?? 'nothing is priced yet'}.</p>;
  }
  if (after === null || changed.currency === null) return <p>It cannot be told at present: {changed.fault}.</p>;
  const basis = changed.forecast?.total ? 'forecast' : 'as far as it is counted, with the fees of the whole period';
  const rows = [
    { name: 'As things are', outlook: without, difference: null },
    { name: `With ${offer.card.name}`, outlook: changed, difference: differenceOf(before, after) },
  ];
  return (
    <>
      <p class="soft">
        {span}, {basis}.
      </p>
      <Table
        label="This period’s bill"
        stacked
        head={[{ name: 'Plan' }, { name: 'Expected', number: true }, { name: 'Between', number: true }]}
      >
        {rows.map(({ name, outlook, difference }) => (
          <tr>
            <th scope="row">{name}</th>
            <td class="number" data-label="Expected">
              {money(outlook.currency ?? '', best(outlook) ?? '')}
              {difference === null ? null : <span class="why">{signed(difference)}</span>}
            </td>
            <td class="number" data-label="Between">
              {between(outlook)}
            </td>
          </tr>
        ))}
      </Table>
      <p class="note">{changed.forecast?.explanation} Credits and taxes apart.</p>
    </>
  );
}

function between({ forecast }: PeriodOutlook): string {
  const total = forecast?.total;
  if (!total) return '—';
  return total.low === total.high ? grouped(total.low) : `${grouped(total.low)} and ${grouped(total.high)}`;
}

/** Of two amounts in one currency. */
const differenceOf = (before: string, after: string): string =>
  formatDecimal(subtract(parseDecimal(after), parseDecimal(before)));

function Months({ preview: { months, compared, offer } }: { preview: PlanPreview }) {
  if (compared === null || months.length === 0) return null;
  return (
    <>
      <h2>A whole month of yours</h2>
      <Table
        label="Your last months"
        head={[{ name: 'Month' }, { name: 'As it was', number: true }, { name: offer.card.name, number: true }]}
      >
        {months.map(({ name, total, currency }, index) => {
          const cell = compared.months[index];
          return (
            <tr>
              <th scope="row">{monthName(name)}</th>
              <td class="number">{total === null || currency === null ? '—' : money(currency, total)}</td>
              <td class="number">
                {cell?.total ? money(offer.card.currency, cell.total) : '—'}
                <span class="why">
                  {cell?.difference ? signed(cell.difference) : cell?.obstacle ? `Not possible: ${cell.obstacle}.` : ''}
                </span>
              </td>
            </tr>
          );
        })}
      </Table>
    </>
  );
}
