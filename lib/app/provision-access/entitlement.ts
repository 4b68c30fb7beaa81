import { assert } from '../../domain/assert.ts';
import type { CustomerStatus } from '../../domain/customer.ts';
import type { CustomerProfile } from '../../domain/entitlement/profile.ts';
import { opensBy, returned } from '../../domain/entitlement/stays.ts';
import type { EpochMs } from '../../domain/time/time.ts';
import type { AccessQueue } from '../ports/access-queue.ts';
import type { Directory } from '../ports/directory.ts';
import type { Clock } from '../runtime.ts';
import { syncSnapshots, updateProfile } from './profiles.ts';

export type EntitlementOutcome = 'changed' | 'unchanged' | 'unknown-customer';

/** Whether a customer's calls pass. Every change is visible to the authorizer within seconds, caches included. */
export interface Entitlement {
  /**
   * Profile first, then every key snapshot, then a flush of the caches. Repeating it after a crash finishes what is
   * missing, so a webhook that is delivered again mends itself.
   *
   * @param reason a safe token (`payment-overdue`) that a refused caller may see; null for none
   */
  set(customer: string, status: CustomerStatus, reason: string | null): Promise<EntitlementOutcome>;
  /** Closes the account of a customer that cancelled, as of the end of its last period; `unchanged` before that. */
  leave(customer: string): Promise<EntitlementOutcome>;
  /** Opens the account of a customer that comes back, as of the hour that was set; `unchanged` before that. */
  reopen(customer: string): Promise<EntitlementOutcome>;
  /**
   * Stops or lets pass the calls of a customer whose spend cap was reached.
   * @param spend what it shall be, or that of the profile as it is when it is written: a cap may have been raised since
   */
  setSpend(customer: string, spend: Spend | ((profile: CustomerProfile) => Spend)): Promise<EntitlementOutcome>;
}

type Spend = CustomerProfile['spend'];

const SAFE_REASON = /^[a-z0-9-]{1,64}$/;

export function entitlement(needs: {
  readonly directory: Directory;
  readonly queue: AccessQueue;
  readonly clock: Clock;
}): Entitlement {
  const { directory, queue, clock } = needs;

  const apply = async (
    customer: string,
    change: (profile: CustomerProfile, now: EpochMs) => CustomerProfile | undefined,
  ): Promise<EntitlementOutcome> => {
    let changed = false;
    const now = clock.now();
    const profile = await updateProfile(directory, customer, (before) => {
      const after = change(before, now);
      changed = after !== undefined;
      return after;
    });
    if (!profile) return 'unknown-customer';
    const written = await syncSnapshots(directory, profile);
    if (profile.status === 'closed' && profile.access.current) await queue.send({ do: 'remove', customer });
    // An unchanged status whose snapshots were up to date may still lack its flush, when the run before ended here.
    const since = changed || written ? clock.now() : Math.max(profile.statusSince, profile.spendSince ?? 0);
    await queue.send({ do: 'flush', since });
    return changed ? 'changed' : 'unchanged';
  };

  return {
    set(customer, status, reason) {
      assert(reason === null || SAFE_REASON.test(reason), 'a reason is a safe token such as payment-overdue');
      return apply(customer, (profile, now) =>
        profile.status === status && profile.statusReason === reason
          ? undefined
          : { ...profile, status, statusReason: reason, statusSince: now },
      );
    },
    leave: (customer) =>
      apply(customer, (profile, now) => {
        const { status, leavesAt } = profile;
        if (status === 'closed' || leavesAt === undefined || leavesAt > now) return undefined;
        return { ...profile, status: 'closed', statusReason: 'customer-left', statusSince: leavesAt };
      }),
    reopen: (customer) => apply(customer, (profile, now) => (opensBy(profile, now) ? returned(profile) : undefined)),
    setSpend: (customer, spend) =>
      apply(customer, (profile, now) => {
        const next = typeof spend === 'function' ? spend(profile) : spend;
        return profile.spend === next ? undefined : { ...profile, spend: next, spendSince: now };
      }),
  };
}
