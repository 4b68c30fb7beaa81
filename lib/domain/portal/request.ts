import { DAY_MS, type EpochMs } from '../time/time.ts';

/**
 * bundle, export: a file is made for the customer. erase: what law allows is erased. correct, object: a person of the team
 * answers.
 */
export type RequestKind = 'bundle' | 'export' | 'erase' | 'correct' | 'object';

/** open: waits to be worked on, or answered. done, refused: settled. failed: cannot be done as asked; `answer` says why. */
export type RequestState = 'open' | 'done' | 'refused' | 'failed';

/** Something that a customer asked for and that no page can do while it is waited for. */
export interface CustomerRequest {
  /** Unique for the customer; see {@link requestId}. */
  readonly id: string;
  readonly customer: string;
  readonly kind: RequestKind;
  readonly state: RequestState;
  readonly askedAt: EpochMs;
  /** Who asked, as the pages call them. */
  readonly askedBy: string;
  /** bundle: the invoice's number. correct, object: the fact. Empty for the others. */
  readonly subject: string;
  /** The customer's own words; empty where none are asked for. */
  readonly statement: string;
  /** In words, once it is settled; null before. */
  readonly answer: string | null;
  readonly settledAt: EpochMs | null;
  /** The operator who settled it; null for what no person has to. */
  readonly settledBy: string | null;
  /** What was made: where it lies, its bytes as they lie there, and what it is called when it is saved. */
  readonly file: { readonly key: string; readonly bytes: number; readonly name: string } | null;
  /** Raised by one with every write; a writer that read an older one loses. */
  readonly version: number;
}

/** Files are kept for seven days (the bucket forgets them by itself); one that is nearly gone is made anew. */
export const FILE_LIFE_MS = 6 * DAY_MS;

/** Of files and of erasing there is one at a time; of statements as many as are made. */
export function requestId(kind: RequestKind, subject: string, askedAt: EpochMs, unique: string): string {
  if (kind === 'bundle') return `bundle-${subject}`;
  return kind === 'export' || kind === 'erase' ? kind : `${kind}-${String(askedAt).padStart(15, '0')}-${unique}`;
}

/** Whether what was asked for before still serves who asks again now. */
export function stillServes({ state, askedAt, settledAt, file }: CustomerRequest, now: EpochMs): boolean {
  if (state === 'open') return now - askedAt < DAY_MS;
  return state === 'done' && file !== null && settledAt !== null && now - settledAt < FILE_LIFE_MS;
}

/** Those that wait for a person's answer. */
export const needsPerson = ({ kind, state }: Pick<CustomerRequest, 'kind' | 'state'>): boolean =>
  state === 'open' && (kind === 'correct' || kind === 'object');
