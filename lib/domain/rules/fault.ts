import { closest, distance } from 'fastest-levenshtein';

/** Something wrong in a rules folder, for a person to mend. */
export interface RulesFault {
  /** Path inside the rules folder. */
  readonly file: string;
  /** JSON pointer (RFC 6901) into the file, `''` for the whole. */
  readonly pointer: string;
  /** From 1; missing where the file itself is. */
  readonly line?: number;
  readonly column?: number;
  /** Stable and machine readable, in kebab-case. */
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
}

/** A fault inside a file whose name and lines the caller knows. */
export type FaultAt = Omit<RulesFault, 'file' | 'line' | 'column'>;

/** `did you mean "industry"?` when one of the known is near enough to be a slip; else the known ones, if they are few. */
export function nearestHint(found: string, known: readonly string[]): string | undefined {
  if (known.length === 0) return undefined;
  const near = closest(
    found.toLowerCase(),
    [...known].map((k) => k.toLowerCase()),
  );
  const match = known.find((k) => k.toLowerCase() === near) as string;
  if (distance(found.toLowerCase(), near) <= Math.max(2, Math.floor(found.length / 3))) {
    return `did you mean ${JSON.stringify(match)}?`;
  }
  return known.length <= 12 ? `known are ${known.join(', ')}` : undefined;
}

/** `{ hint }` only where there is one, as `exactOptionalPropertyTypes` wants it. */
export const withHint = (hint: string | undefined): { hint?: string } => (hint === undefined ? {} : { hint });
