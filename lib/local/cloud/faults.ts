import type { AwsService } from '../../app/runtime.ts';

/** Where something travels, and so can be lost, doubled, late or out of order. */
export type Passage = 'object-notification' | 'queue-message' | 'firehose-record' | 'firehose-object' | 'schedule';

export interface SdkCall {
  /** The function's name, or `outside` for a use case that was seeded from outside. */
  readonly caller: string;
  readonly service: AwsService;
  /** `PutObject`, `SendMessage`, …; for API Gateway the method and path. */
  readonly operation: string;
}

/**
 * Seams for a fault simulator; what is not given does not happen. All are called in the clock's order, so that a seeded
 * implementation repeats.
 */
export interface Faults {
  /** How many arrive: 0 lost, 1 as it should be, 2 doubled. `name` is the queue, stream, bucket or schedule. */
  copies?(passage: Passage, name: string): number;
  /** Milliseconds that it is late. */
  delayMs?(passage: Passage, name: string): number;
  /** The order in which what was received together is handed over. */
  order?<T>(passage: Passage, name: string, items: readonly T[]): readonly T[];
  /** Whether the stream refuses this record of a direct put: it comes back as failed, for the caller to send again. */
  refusesRecord?(stream: string): boolean;
  /** Throws before the call reaches the service: the caller crashed there, or the service refused. */
  before?(call: SdkCall): void;
  /** Throws after the service did the work: the answer was lost. */
  after?(call: SdkCall): void;
  /** Throws before a function sees its event, as a timeout or an out-of-memory would. */
  invoke?(functionName: string): void;
}
