/**
 * Bad input from outside: a file, a request, a flag. Expected, so it carries what a person needs to mend it.
 * A broken invariant is a plain Error instead: that is our fault, not the user's.
 */
export class InputError extends Error {
  override readonly name = 'InputError';
  /** Stable and machine readable, in kebab-case: `unknown-key`, `not-a-decimal`. */
  readonly code: string;
  /** JSON pointer (RFC 6901) into what was read, `''` for the whole. */
  readonly path: string;
  /** What to do about it, when there is something more to say than the message. */
  readonly hint: string | undefined;

  constructor(fault: { code: string; message: string; path?: string; hint?: string }) {
    super(fault.message);
    this.code = fault.code;
    this.path = fault.path ?? '';
    this.hint = fault.hint;
  }
}
