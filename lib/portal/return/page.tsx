import type { PlanReturn } from '../../domain/shop/plan.ts';
import { type EpochMs, hourStart } from '../../domain/time/time.ts';
import { Button, Form, type FormProof } from '../design/form.tsx';
import { Notice } from '../design/parts.tsx';
import { dayName, spanWords, timeIn } from '../design/words.ts';
import { CardWords } from '../pricing/card.tsx';

export interface ReturnPageProps {
  readonly view: PlanReturn;
  readonly units: Readonly<Record<string, string>>;
  readonly timeZone: string | null;
  readonly now: EpochMs;
  /** A form was sent for a price that no longer holds. */
  readonly changed: boolean;
  readonly proof: FormProof;
}

/** Opening a closed account again: when, at which price, and what stays as it was, all before the button. */
export function ReturnPage({
  view: { offer, leftAt, owes, token },
  units,
  timeZone,
  now,
  changed,
  proof,
}: ReturnPageProps) {
  const { card, obstacle } = offer;
  const from = hourStart(offer.from);
  return (
    <>
      <h1>Open the account again on {card.name}?</h1>
      {changed ? (
        <Notice tone="warn">
          <p>
            <strong>Nothing was changed.</strong> Prices have changed since you saw them. This is how it stands now.
          </p>
        </Notice>
      ) : null}
      {owes ? (
        <Notice tone="warn">
          <p>
            <strong>An invoice is late.</strong> Pay it first, on <a href="/invoices">the page of invoices</a>; then the
            account can be opened again.
          </p>
        </Notice>
      ) : null}
      {obstacle === null ? null : (
        <Notice tone="warn">
          <p>
            <strong>This plan cannot be chosen:</strong> {obstacle}.
          </p>
        </Notice>
      )}
      <p class="lead">
        It opens on {timeIn(from, timeZone)}, in {spanWords(from - now)}, and this price holds from then on. You have
        been away since {dayName(leftAt)}: that time costs nothing.
      </p>
      <h2>What {card.name} costs and includes</h2>
      <div class="sheet">
        <CardWords card={card} units={units} />
      </div>
      <ul>
        <li>Fees of the period that is open are shared by time, as the plan says, from then on.</li>
        <li>A trial counts from the day on which you first came: one that is over is not given again.</li>
        <li>Keys from before are revoked and never work again. Make new ones; they work once the account is open.</li>
        <li>Invoices, credit, agreements and a spend cap stay as they are.</li>
      </ul>
      <div class="actions">
        {owes || obstacle !== null ? null : (
          <Form action="/plan/return" proof={proof} inline>
            <input type="hidden" name="card" value={card.id} />
            <input type="hidden" name="token" value={token} />
            <Button>Open the account again</Button>
          </Form>
        )}
        <a class="button quiet" href="/plan">
          Back, change nothing
        </a>
      </div>
    </>
  );
}
