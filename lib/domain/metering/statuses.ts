import { InputError } from '../input-error.ts';

/** Billable unless a meter says otherwise: what the API served, and refusals that are the caller's own doing. */
export const DEFAULT_STATUSES: readonly string[] = ['200-399', '400-400', '402-402', '404-428', '430-499'];

const CLASS = /^([1-5])xx$/;
const RANGE = /^([1-9]\d\d)(?:-([1-9]\d\d))?$/;

/** A set of HTTP statuses: index a status, 1 is counted. Status 0 (unset) is never in it. */
export type StatusSet = Uint8Array;

/**
 * Compiles `"2xx"`, `"404"` and `"200-399"` (both ends included).
 * @throws InputError `not-a-status` with the JSON pointer of the fault below `path`
 */
export function compileStatuses(statuses: readonly string[], path = ''): StatusSet {
  const set = new Uint8Array(1000);
  for (const [i, text] of statuses.entries()) {
    const [from, to] = statusRange(text) ?? [1, 0];
    if (from > to) {
      throw new InputError({
        code: 'not-a-status',
        message: `${JSON.stringify(text)} is not a status filter`,
        path: `${path}/${i}`,
        hint: 'write "2xx", "404" or "200-399"',
      });
    }
    set.fill(1, from, to + 1);
  }
  return set;
}

function statusRange(text: string): [number, number] | null {
  const hundred = CLASS.exec(text);
  if (hundred) return [Number(hundred[1]) * 100, Number(hundred[1]) * 100 + 99];
  const range = RANGE.exec(text);
  return range ? [Number(range[1]), Number(range[2] ?? range[1])] : null;
}
