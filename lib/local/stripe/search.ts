import { badRequest, missingParam } from './errors.ts';
import { type Form, textOf } from './form.ts';
import type { Store } from './store.ts';

/** Stripe: "data is searchable in under a minute" after a change, most of the time. Here always after one, never before. */
const DELAY_SECONDS = 60;

interface Searchable {
  readonly id: string;
  readonly created: number;
  readonly metadata: Readonly<Record<string, string>>;
}

/** Clauses `field:"value"` and `metadata["key"]:"value"`, joined by AND. */
export function search<T extends Searchable>(
  store: Store,
  items: Iterable<T>,
  query: Form,
  url: string,
  present: (item: T) => object,
): object {
  const text = textOf(query.query);
  if (text === undefined) throw missingParam('query');
  const clauses = text.split(/ and /i).map(readClause);
  const visible = store.seconds() - DELAY_SECONDS;
  const data = [...items].filter((item) => item.created <= visible && clauses.every((clause) => clause(item)));
  const limit = Number(textOf(query.limit) ?? 10);
  return {
    ...{ object: 'search_result', url, has_more: data.length > limit, next_page: null },
    data: data.slice(0, limit).map(present),
  };
}

function readClause(text: string): (item: Searchable) => boolean {
  const found = /^\s*(?:metadata\[["']([^"']+)["']\]|(\w+)):["']([^"']*)["']\s*$/.exec(text);
  if (!found) throw badRequest(`The search query is not understood: ${text}`);
  const [, key, field = '', value] = found;
  return (item) =>
    key === undefined
      ? Object.entries(item).some(([name, is]) => name === field && is === value)
      : item.metadata[key] === value;
}
