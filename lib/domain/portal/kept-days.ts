/**
 * How long a deployed stack keeps things, in days; null is for ever. The stack itself says it (`KEPT_DAYS`), so that what the
 * pages promise is what its lifecycles do.
 */
export interface KeptDays {
  /** Raw lines of usage, and what was set aside of them. */
  readonly ledger: number | null;
  readonly logs: number | null;
  /** Files that were made for a customer. */
  readonly downloads: number | null;
  readonly downloadVersions: number | null;
  readonly backups: number | null;
  readonly queues: number | null;
}

const NAMES: readonly (keyof KeptDays)[] = ['ledger', 'logs', 'downloads', 'downloadVersions', 'backups', 'queues'];

/** @throws Error for anything else: a page must not promise a time that nobody set */
export function parseKeptDays(text: string): KeptDays {
  const days = JSON.parse(text) as Record<string, unknown>;
  for (const name of NAMES) {
    const value = days[name];
    if (value !== null && !(typeof value === 'number' && Number.isInteger(value) && value > 0))
      throw new Error(`KEPT_DAYS says ${JSON.stringify(value)} of ${name}`);
  }
  return days as unknown as KeptDays;
}
