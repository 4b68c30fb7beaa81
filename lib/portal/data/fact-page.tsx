import type { CorrectionPreview, KnownFact } from '../../domain/portal/known-facts.ts';
import type { FactDefinition } from '../../domain/rules/ruleset.ts';
import { hourStart } from '../../domain/time/time.ts';
import { Button, Choice, Form, type FormProof, TextArea, TextField } from '../design/form.tsx';
import { Notice } from '../design/parts.tsx';
import { cardName, timeName, valueWords } from '../design/words.ts';
import { factName, ORIGINS, SOURCES, USES } from './words.ts';

export const STATEMENT_MAX = 2_000;

export interface FactPageProps {
  readonly fact: KnownFact;
  readonly admin: boolean;
  readonly typed: Readonly<Record<string, string>>;
  readonly wrong: Readonly<Record<string, string>>;
  readonly proof: () => FormProof;
}

/** One fact: what it is, what it does, and the customer's say in it. */
export function FactPage(props: FactPageProps) {
  const { fact, admin } = props;
  const { definition, value, from, readBy } = fact;
  return (
    <>
      <h1>{factName(definition)}</h1>
      <p class="lead">{definition.description ?? 'A fact that rules may read.'}</p>
      <dl class="figures">
        <div>
          <dt>Value now</dt>
          <dd>
            <b>{valueWords(value)}</b>
            <span class="note">{[definition.unit ?? '', ORIGINS[from]].filter((part) => part !== '').join(', ')}</span>
          </dd>
        </div>
        <div>
          <dt>Where it comes from</dt>
          <dd>{SOURCES[definition.source]}</dd>
        </div>
        <div>
          <dt>What it may be used for</dt>
          <dd>
            {USES[definition.use]} {definition.justification ?? ''}
          </dd>
        </div>
      </dl>
      <h2>What it does to your price</h2>
      {readBy.length === 0 ? (
        <p>Nothing now: no rule behind your present price reads it.</p>
      ) : (
        <ul>
          {readBy.map(({ kind, rule, rationale }) => (
            <li>
              The {kind} rule <code>{rule}</code> read it: {rationale}
            </li>
          ))}
        </ul>
      )}
      {admin ? <Say {...props} /> : <p>Admins of the account can have it corrected, and object to its use.</p>}
      <p>
        <a href="/account/data">All that we know about you</a>
      </p>
    </>
  );
}

function Say({ fact: { definition, value, from }, typed, wrong, proof }: FactPageProps) {
  const at = `/account/data/facts/${encodeURIComponent(definition.id)}`;
  return (
    <>
      <h2>It is wrong</h2>
      {definition.ask !== undefined && definition.source === 'customer' ? (
        <>
          <p>You may change it yourself. You see what that does to your price before anything changes.</p>
          <Form action={`${at}/correct`} proof={proof()}>
            <Question
              definition={definition}
              typed={typed.value ?? (from === 'given' ? String(value) : undefined)}
              wrong={wrong.value}
            />
            <Button>See what it changes</Button>
          </Form>
        </>
      ) : (
        <Form action={`${at}/ask`} proof={proof()}>
          <TextArea
            name="correction"
            label="What is right, and how you know"
            hint={
              definition.source === 'usage'
                ? 'It is counted from your calls. Say which of them you think were counted wrongly; a person looks at them.'
                : 'A person of our team checks it and puts it right, or says why not.'
            }
            value={typed.correction}
            error={wrong.correction}
            max={STATEMENT_MAX}
          />
          <Button>Ask for a correction</Button>
        </Form>
      )}
      {definition.use === 'price' || definition.use === 'insight' ? (
        <>
          <h2>It should not be used</h2>
          <Form action={`${at}/object`} proof={proof()}>
            <TextArea
              name="objection"
              label="Why it should not be used for you"
              hint="You may object to being sorted into groups, or priced, by it. A person answers within 30 days; until then your price stays."
              value={typed.objection}
              error={wrong.objection}
              max={STATEMENT_MAX}
            />
            <Button kind="quiet">Object</Button>
          </Form>
        </>
      ) : null}
    </>
  );
}

function Question({
  definition: { ask, unit },
  typed,
  wrong,
}: {
  definition: FactDefinition;
  typed: string | undefined;
  wrong: string | undefined;
}) {
  if (ask?.options !== undefined) {
    const options = ask.options.map((option) => ({ value: option, label: option }));
    return <Choice name="value" label={ask.label} options={options} chosen={typed} error={wrong} />;
  }
  const hint = ask?.hint ?? unit;
  return (
    <TextField
      name="value"
      label={ask?.label ?? 'Value'}
      value={typed}
      error={wrong}
      max={200}
      {...(hint === undefined ? {} : { hint })}
    />
  );
}

/** Before a correction: what the price would be with it. */
export function PreviewPage({
  fact: { definition, value },
  text,
  stated,
  preview,
  proof,
}: {
  fact: KnownFact;
  text: string;
  stated: string;
  preview: CorrectionPreview;
  proof: FormProof;
}) {
  const at = `/account/data/facts/${encodeURIComponent(definition.id)}`;
  const { before, after, changes, from } = preview;
  return (
    <>
      <h1>{factName(definition)}: what a correction changes</h1>
      <p class="lead">
        From <strong>{valueWords(value)}</strong> to <strong>{stated}</strong>. Nothing is changed yet.
      </p>
      <Notice tone={changes ? 'warn' : 'plain'}>
        <p>
          {after.undecided !== null
            ? `With this value no price could be decided: ${after.undecided}. Your present one would stay.`
            : changes
              ? `Your price would change. From ${timeName(hourStart(from))} you would be on ${cardName(after.rateCard ?? '')}${before?.rateCard ? ` instead of ${cardName(before.rateCard)}` : ''}, as one of: ${after.segments.join(', ') || 'no group'}.`
              : 'Your price would stay as it is.'}{' '}
          Usage before that time keeps its price.
        </p>
      </Notice>
      <Form action={`${at}/correct`} proof={proof}>
        <input type="hidden" name="value" value={text} />
        <input type="hidden" name="confirmed" value="yes" />
        <Button>Change it</Button>
      </Form>
      <p>
        <a href={at}>Leave it as it is</a>
      </p>
    </>
  );
}
