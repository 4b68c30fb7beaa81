import type { Quota } from '../../domain/entitlement/quota.ts';
import type { EpochMs } from '../../domain/time/time.ts';

/**
 * Work for `provision-access`, done one command at a time in the order sent. Delivered at least once: doing a command
 * twice, or after a crash halfway, ends in the same state.
 */
export type AccessCommand =
  | {
      /** Gives the customer an internal API key in the card's usage plan, moving it there if it has one elsewhere. */
      readonly do: 'place';
      readonly customer: string;
      /** `growth@2026-01-01` */
      readonly rateCard: string;
      /** Quota of the card's usage plan: what is left of it is carried over when a customer moves. */
      readonly quota: Quota | null;
      /** Routes outside the card's features, as `METHOD/path` patterns of a policy resource. */
      readonly denied: readonly string[];
    }
  /** The customer left: its internal key goes once no cached policy can name it. */
  | { readonly do: 'remove'; readonly customer: string }
  /** The last period of a customer that cancelled is over: the account closes as of its end. */
  | { readonly do: 'close'; readonly customer: string }
  /** The hour has come with which a customer that had left is back. */
  | { readonly do: 'open'; readonly customer: string }
  /** Deletes the customer's replaced internal keys that are due. */
  | { readonly do: 'retire'; readonly customer: string }
  /** Every policy that was cached before `since` must go: a key was revoked, a customer suspended or restored. */
  | { readonly do: 'flush'; readonly since: EpochMs };

export interface AccessQueue {
  send(command: AccessCommand): Promise<void>;
}

/**
 * Work for `evaluate-customers`: `evaluate` decides anew (all customers, or those named); `changes` those who asked for
 * something that happens about now; `apply` makes access follow the decisions in force (of all customers, or those
 * named), once `notBefore` has come.
 */
export type EvaluationCommand =
  | { readonly task: 'evaluate'; readonly customers?: readonly string[] }
  | { readonly task: 'changes' }
  | { readonly task: 'apply'; readonly notBefore: EpochMs; readonly customers?: readonly string[] };

export interface EvaluationQueue {
  /** @param delaySeconds 0 to 900, what SQS allows for one message */
  send(command: EvaluationCommand, delaySeconds?: number): Promise<void>;
}
