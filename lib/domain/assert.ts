/** A broken invariant: never the user's fault, always stops the work at hand before money moves. */
export class InvariantError extends Error {
  override readonly name = 'InvariantError';
}

/** @throws InvariantError when the condition does not hold; the message says what should be true. */
export function assert(condition: unknown, shouldBeTrue: string): asserts condition {
  if (!condition) throw new InvariantError(`broken invariant: ${shouldBeTrue}`);
}
