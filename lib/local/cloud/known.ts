import { InputError } from '../../domain/input-error.ts';

/** @throws InputError `not-in-template` */
export function known<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new InputError({ code: 'not-in-template', message: `the template has no ${what}` });
  return value;
}
