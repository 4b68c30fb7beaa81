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

interface FieldProps {
  readonly name: string;
  readonly label: string;
  readonly hint?: string | undefined;
  readonly error?: string | undefined;
}

/** What a control says of itself to whoever cannot see what stands around it. */
function saidOf({ name, hint, error }: Omit<FieldProps, 'label'>) {
  const ids = [hint === undefined ? [] : `${name}-hint`, error === undefined ? [] : `${name}-error`].flat();
  return {
    'aria-invalid': error === undefined ? undefined : ('true' as const),
    'aria-describedby': ids.length === 0 ? undefined : ids.join(' '),
  };
}

/** A label, a hint, a control; what is wrong with it stands under it and is read out with it. */
function Field({ name, label, hint, error, children }: FieldProps & { children?: Child }) {
  return (
    <div class="field">
      <label for={name}>{label}</label>
      {hint === undefined ? null : (
        <p class="hint" id={`${name}-hint`}>
          {hint}
        </p>
      )}
      {children}
      {error === undefined ? null : (
        <p class="wrong" id={`${name}-error`}>
          {error}
        </p>
      )}
    </div>
  );
}

/** A line of text. */
export function TextField({
  value,
  type = 'text',
  max,
  required = true,
  numeric = false,
  suggested,
  ...field
}: FieldProps & {
  value?: string | undefined;
  type?: 'text' | 'email';
  max?: number;
  required?: boolean;
  /** Brings up digits on a phone. */
  numeric?: boolean;
  /** Values to choose from; others may be typed. */
  suggested?: readonly string[];
}) {
  const { name } = field;
  return (
    <Field {...field}>
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
        {...saidOf(field)}
      />
      {suggested === undefined ? null : (
        <datalist id={`${name}-list`}>
          {suggested.map((value) => (
            <option value={value} />
          ))}
        </datalist>
      )}
    </Field>
  );
}

/** A text of several lines. */
export function TextArea({ value, max, ...field }: FieldProps & { value?: string | undefined; max: number }) {
  const { name } = field;
  return (
    <Field {...field}>
      <textarea id={name} name={name} rows={4} maxlength={max} required {...saidOf(field)}>
        {value ?? ''}
      </textarea>
    </Field>
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
  options,
  chosen,
  ...field
}: FieldProps & {
  options: readonly { readonly value: string; readonly label: string }[];
  chosen?: string | undefined;
}) {
  const { name } = field;
  return (
    <Field {...field}>
      <select id={name} name={name} {...saidOf(field)}>
        {options.map((option) => (
          <option value={option.value} selected={option.value === chosen}>
            {option.label}
          </option>
        ))}
      </select>
    </Field>
  );
}

export function Button({ children, kind = 'main' }: { children?: Child; kind?: 'main' | 'quiet' | 'danger' }) {
  return (
    <button type="submit" class={kind}>
      {children}
    </button>
  );
}
