import type { Child } from 'hono/jsx';

/** What proves a form: the session's token, and an id by which sending it twice does it once. */
export interface FormProof {
  readonly csrf: string;
  readonly id: string;
}

/** Every form of the portal: the proof stands in it without anybody having to remember. */
export function Form({
  action,
  proof,
  children,
  inline = false,
}: {
  action: string;
  proof: FormProof;
  children?: Child;
  inline?: boolean;
}) {
  return (
    <form method="post" action={action} class={inline ? 'inline' : 'stack'}>
      <input type="hidden" name="csrf" value={proof.csrf} />
      <input type="hidden" name="form" value={proof.id} />
      {children}
    </form>
  );
}

/** A labelled text field; what is wrong with it stands under it and is read out with it. */
export function TextField({
  name,
  label,
  hint,
  value,
  error,
  type = 'text',
  max,
  required = true,
  numeric = false,
  suggested,
}: {
  name: string;
  label: string;
  hint?: string;
  value?: string | undefined;
  error?: string | undefined;
  type?: 'text' | 'email';
  max?: number;
  required?: boolean;
  /** Brings up digits on a phone. */
  numeric?: boolean;
  /** Values to choose from; others may be typed. */
  suggested?: readonly string[];
}) {
  const described = [hint === undefined ? '' : `${name}-hint`, error === undefined ? '' : `${name}-error`].filter(
    Boolean,
  );
  return (
    <div class="field">
      <label for={name}>{label}</label>
      {hint === undefined ? null : (
        <p class="hint" id={`${name}-hint`}>
          {hint}
        </p>
      )}
      <input
        id={name}
        name={name}
        type={type}
        value={value ?? ''}
        maxlength={max}
        required={required}
        inputmode={numeric ? 'numeric' : undefined}
        list={suggested === undefined ? undefined : `${name}-list`}
        autocomplete="off"
        aria-invalid={error === undefined ? undefined : 'true'}
        aria-describedby={described.length === 0 ? undefined : described.join(' ')}
      />
      {suggested === undefined ? null : (
        <datalist id={`${name}-list`}>
          {suggested.map((value) => (
            <option value={value} />
          ))}
        </datalist>
      )}
      {error === undefined ? null : (
        <p class="wrong" id={`${name}-error`}>
          {error}
        </p>
      )}
    </div>
  );
}

/** A labelled text of several lines. */
export function TextArea({
  name,
  label,
  hint,
  value,
  error,
  max,
}: {
  name: string;
  label: string;
  hint?: string;
  value?: string | undefined;
  error?: string | undefined;
  max: number;
}) {
  const described = [hint === undefined ? '' : `${name}-hint`, error === undefined ? '' : `${name}-error`].filter(
    Boolean,
  );
  return (
    <div class="field">
      <label for={name}>{label}</label>
      {hint === undefined ? null : (
        <p class="hint" id={`${name}-hint`}>
          {hint}
        </p>
      )}
      <textarea
        id={name}
        name={name}
        rows={4}
        maxlength={max}
        required
        aria-invalid={error === undefined ? undefined : 'true'}
        aria-describedby={described.length === 0 ? undefined : described.join(' ')}
      >
        {value ?? ''}
      </textarea>
      {error === undefined ? null : (
        <p class="wrong" id={`${name}-error`}>
          {error}
        </p>
      )}
    </div>
  );
}

/** Several of one kind under a heading of their own: each is on or off by itself. */
export function Checks({
  label,
  hint,
  options,
}: {
  label: string;
  hint?: string;
  options: readonly { readonly name: string; readonly value: string; readonly label: Child; readonly on: boolean }[];
}) {
  return (
    <fieldset class="checks">
      <legend>{label}</legend>
      {hint === undefined ? null : <p class="hint">{hint}</p>}
      {options.map(({ name, value, label: text, on }) => (
        <label class="check">
          <input type="checkbox" name={name} value={value} checked={on} />
          <span>{text}</span>
        </label>
      ))}
    </fieldset>
  );
}

export function Choice({
  name,
  label,
  options,
  chosen,
  error,
}: {
  name: string;
  label: string;
  options: readonly { readonly value: string; readonly label: string }[];
  chosen?: string | undefined;
  error?: string | undefined;
}) {
  return (
    <div class="field">
      <label for={name}>{label}</label>
      <select
        id={name}
        name={name}
        aria-invalid={error === undefined ? undefined : 'true'}
        aria-describedby={error === undefined ? undefined : `${name}-error`}
      >
        {options.map((option) => (
          <option value={option.value} selected={option.value === chosen}>
            {option.label}
          </option>
        ))}
      </select>
      {error === undefined ? null : (
        <p class="wrong" id={`${name}-error`}>
          {error}
        </p>
      )}
    </div>
  );
}

export function Button({ children, kind = 'main' }: { children?: Child; kind?: 'main' | 'quiet' | 'danger' }) {
  return (
    <button type="submit" class={kind}>
      {children}
    </button>
  );
}
