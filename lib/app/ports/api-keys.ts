import type { EpochMs } from '../../domain/time/time.ts';

/**
 * API Gateway's control plane, as far as customers' internal keys go. Every call can be repeated with the same end.
 * A call that was throttled throws; the command then goes back to its queue.
 */
export interface ApiKeys {
  /** @returns the key's id; that of the existing key when one of this name was created before */
  create(name: string, value: string): Promise<string>;
  /** Puts a key into a usage plan, or leaves it there. */
  join(usagePlan: string, apiKeyId: string): Promise<void>;
  /** Calls of each day in [from, to], both days included, oldest first. */
  dailyUse(usagePlan: string, apiKeyId: string, from: EpochMs, to: EpochMs): Promise<readonly number[]>;
  /** Sets what is left of the quota in its current period. */
  setRemaining(usagePlan: string, apiKeyId: string, calls: number): Promise<void>;
  /** Takes a key out of its plan and deletes it; nothing to do when it is gone. */
  remove(usagePlan: string, apiKeyId: string): Promise<void>;
  /** Drops every cached answer of the stage's authorizers. */
  flush(restApiId: string, stage: string): Promise<void>;
}

/** What the functions need to know of the team's API (SSM parameter `API_PARAMETER`). */
export interface ApiDescription {
  readonly restApiId: string;
  readonly stages: readonly string[];
  /** Usage plan id by rate card id. */
  readonly usagePlans: Readonly<Record<string, string>>;
  readonly region: string;
}

export type DescribeApi = () => Promise<ApiDescription>;
