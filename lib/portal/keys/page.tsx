import type { CustomerKey } from '../../domain/entitlement/snapshot.ts';
import type { EpochMs } from '../../domain/time/time.ts';
import { Button, Choice, Form, type FormProof, TextField } from '../design/form.tsx';
import { Badge, Empty, Notice, Table } from '../design/parts.tsx';
import { dayName, timeName } from '../design/words.ts';

export interface KeysPageProps {
  readonly keys: readonly CustomerKey[];
  /** One for the new key, then two for each key. */
  readonly proofs: readonly FormProof[];
  readonly admin: boolean;
  readonly now: EpochMs;
  readonly told: { readonly name?: string; readonly error?: string; readonly done?: string | undefined };
}

export function KeysPage({ keys, proofs, admin, told }: KeysPageProps) {
  const sorted = [...keys].sort(
    (a, b) => Number(b.state === 'active') - Number(a.state === 'active') || b.createdAt - a.createdAt,
  );
  const [first, ...rest] = proofs;
  return (
    <>
      <h1>API keys</h1>
      <p class="lead">
        Send a key in the header <code>x-api-key</code>. Use one for each system, so that one can be replaced without
        the others noticing. Calls with a test key are counted and never billed.
      </p>
      {told.done === 'revoked' ? (
        <Notice>
          <p>The key is revoked. Calls with it are refused within a few minutes, everywhere.</p>
        </Notice>
      ) : null}
      {told.done === 'kept' ? (
        <Notice>
          <p>You are signed in again. What you had typed stands in the form below; nothing has been sent yet.</p>
        </Notice>
      ) : null}
      {sorted.length === 0 ? (
        <Empty>No keys yet.</Empty>
      ) : (
        <Table
          stacked
          label="Keys"
          head={[{ name: 'Name' }, { name: 'Key' }, { name: 'Made on' }, { name: 'State' }, { name: 'Change' }]}
        >
          {sorted.map((key, index) => (
            <Row key_={key} admin={admin} proofs={rest.slice(2 * index, 2 * index + 2)} />
          ))}
        </Table>
      )}
      <h2>Make a key</h2>
      {admin && first !== undefined ? (
        <Form action="/keys" proof={first}>
          <TextField
            name="name"
            label="Name"
            hint="What will use it: production, nightly import."
            value={told.name}
            error={told.error}
            max={60}
          />
          <Choice
            name="mode"
            label="Kind"
            options={[
              { value: 'live', label: 'Live: calls are billed' },
              { value: 'test', label: 'Test: calls are counted, never billed' },
            ]}
          />
          <Button>Make the key</Button>
        </Form>
      ) : (
        <p>Only admins of the account make, roll and revoke keys.</p>
      )}
    </>
  );
}

function Row({ key_: key, admin, proofs }: { key_: CustomerKey; admin: boolean; proofs: readonly FormProof[] }) {
  const active = key.state === 'active';
  const [roll, revoke] = proofs;
  return (
    <tr>
      <th scope="row">{key.name}</th>
      <td data-label="Key">
        {key.prefix === null ? (
          <span class="soft">imported</span>
        ) : (
          <code class="nowrap">
            {key.prefix}…{key.lastFour}
          </code>
        )}
      </td>
      <td data-label="Made on">{dayName(key.createdAt)}</td>
      <td data-label="State">
        <KeyState keyOf={key} />
      </td>
      <td class="acts">
        {active && admin && roll !== undefined && revoke !== undefined ? (
          <details>
            <summary>
              Change<span class="visually-hidden"> {key.name}</span>
            </summary>
            <div>
              {key.expiresAt == null ? (
                <Form action={`/keys/${key.hash}/roll`} proof={roll}>
                  <div class="field">
                    <label for={`overlap-${key.hash}`}>Roll it: a new key of this name; the old one</label>
                    <select id={`overlap-${key.hash}`} name="overlap">
                      <option value="hour">works for an hour</option>
                      <option value="day" selected>
                        works for a day
                      </option>
                      <option value="week">works for a week</option>
                      <option value="none">stops at once</option>
                    </select>
                  </div>
                  <Button kind="quiet">Roll</Button>
                </Form>
              ) : null}
              <Form action={`/keys/${key.hash}/revoke`} proof={revoke}>
                <p class="hint">Revoking cannot be undone.</p>
                <Button kind="danger">Revoke now</Button>
              </Form>
            </div>
          </details>
        ) : null}
      </td>
    </tr>
  );
}

function KeyState({ keyOf: { state, mode, revokedAt, expiresAt } }: { keyOf: CustomerKey }) {
  if (state === 'revoked') return <span class="soft">revoked{revokedAt === null ? '' : ` ${dayName(revokedAt)}`}</span>;
  return (
    <>
      <Badge tone="good">{mode}</Badge>
      {expiresAt == null ? null : <span class="why warn">works until {timeName(expiresAt)}</span>}
    </>
  );
}

/** The only page on which a key stands in clear. */
export function NewKey({ name, key, until }: { name: string; key: string; until?: EpochMs | undefined }) {
  return (
    <>
      <h1>Your new key “{name}”</h1>
      <Notice>
        <p>
          <strong>Copy it now.</strong> It is shown this once: we keep only a hash of it, and cannot show it again.
        </p>
      </Notice>
      <code class="key" id="new-key">
        {key}
      </code>
      <div class="actions">
        <button type="button" class="quiet" data-copy="new-key" hidden>
          Copy
        </button>
        <a class="button" href="/keys">
          I have it
        </a>
      </div>
      {until === undefined ? (
        <p>It works within a minute. Keep it out of source code; leak scanners recognise it by its beginning.</p>
      ) : (
        <p>The old key works until {timeName(until)}, and then no more. Change your systems over before then.</p>
      )}
    </>
  );
}
