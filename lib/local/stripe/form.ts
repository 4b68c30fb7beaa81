import { badRequest } from './errors.ts';

/** A decoded form: strings, lists and maps, as Stripe's `lines[0][amount]=799` spells them. */
export type FormValue = string | FormValue[] | { [key: string]: FormValue };
export type Form = { [key: string]: FormValue };

/** Reads a query or a form body. Lists are spelled `a[0]`, `a[1]`, which is how the SDK spells them. */
export function parseForm(text: string): Form {
  const root: Form = {};
  for (const [name, value] of new URLSearchParams(text)) {
    place(root, name.replaceAll(']', '').split('['), value);
  }
  return listed(root) as Form;
}

function place(target: Form, path: readonly string[], value: string): void {
  const [head = '', ...rest] = path;
  if (rest.length === 0) {
    target[head] = value;
    return;
  }
  const next = mapOf(target[head]);
  target[head] = next;
  place(next, rest, value);
}

/** Maps whose keys are 0, 1, 2 … are lists. */
function listed(value: FormValue): FormValue {
  if (typeof value !== 'object' || Array.isArray(value)) return value;
  const entries = Object.entries(value).map(([key, member]) => [key, listed(member)] as const);
  const isList = entries.length > 0 && entries.every(([key], index) => key === String(index));
  return isList ? entries.map(([, member]) => member) : Object.fromEntries(entries);
}

export const textOf = (value: FormValue | undefined): string | undefined =>
  typeof value === 'string' ? value : undefined;
export const mapOf = (value: FormValue | undefined): Form =>
  typeof value === 'object' && !Array.isArray(value) ? value : {};
export const listOf = (value: FormValue | undefined): FormValue[] => (Array.isArray(value) ? value : []);
/** Metadata as Stripe keeps it: an empty value removes a key. */
export function mergeMetadata(
  old: Readonly<Record<string, string>>,
  value: FormValue | undefined,
): Record<string, string> {
  const merged = { ...old };
  for (const [key, text] of Object.entries(mapOf(value))) {
    if (text === '') delete merged[key];
    else if (typeof text === 'string') merged[key] = text;
  }
  return merged;
}

/** @throws StripeFault */
export function wholeNumber(form: Form, name: string): number | undefined {
  const text = textOf(form[name]);
  if (text === undefined) return undefined;
  if (!/^-?\d+$/.test(text)) throw badRequest(`Invalid integer: ${text}`, 'parameter_invalid_integer');
  return Number(text);
}
