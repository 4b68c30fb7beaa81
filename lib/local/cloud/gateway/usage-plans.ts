import { DAY_MS, type EpochMs, formatDate } from '../../../domain/time/time.ts';
import { AwsError } from '../sdk/http.ts';
import { at, list, number, optionalText, refuse, text } from '../template/read.ts';
import type { Resource } from '../template/template.ts';
import { monthStart } from '../time/schedule-expression.ts';
import type { SeededRandom } from '../time/seeded-random.ts';
import type { World } from '../world.ts';
import { TokenBucket } from './token-bucket.ts';

export interface ApiKey {
  readonly id: string;
  name: string;
  readonly value: string;
  enabled: boolean;
  description: string | undefined;
  readonly customerId: string | undefined;
  readonly createdAt: EpochMs;
}

export type QuotaPeriod = 'DAY' | 'WEEK' | 'MONTH';

export interface UsagePlan {
  readonly id: string;
  readonly name: string;
  /** `<api id>/<stage>`. */
  readonly stages: ReadonlySet<string>;
  readonly throttle: { readonly ratePerSecond: number; readonly burst: number } | undefined;
  readonly quota: { readonly limit: number; readonly period: QuotaPeriod } | undefined;
  readonly members: Map<string, Member>;
}

/** What one key did under one plan. */
interface Member {
  readonly bucket: TokenBucket | undefined;
  periodStart: EpochMs;
  remaining: number;
  readonly daily: Map<string, { used: number; remaining: number }>;
}

export type Admission = 'admitted' | 'no-key' | 'throttled' | 'quota-exceeded';

/** 1970-01-04 was a Sunday: quota weeks begin there. */
const SUNDAY_MS = 3 * DAY_MS;

/** API keys, usage plans, and what each key may still do. */
export class UsagePlans {
  readonly #world: World;
  readonly #random: SeededRandom;
  readonly #plans = new Map<string, UsagePlan>();
  readonly #keys = new Map<string, ApiKey>();
  readonly #byValue = new Map<string, ApiKey>();

  constructor(
    world: World,
    resources: { plans: readonly Resource[]; keys: readonly Resource[]; memberships: readonly Resource[] },
  ) {
    this.#world = world;
    this.#random = world.random.fork('api keys');
    for (const plan of resources.plans) this.#plans.set(plan.ref, readPlan(plan));
    for (const key of resources.keys) {
      const value = optionalText(key, 'Value') ?? this.#random.hex(20);
      this.#add({
        id: key.ref,
        name: optionalText(key, 'Name') ?? key.logicalId,
        value,
        enabled: at(key, 'Enabled') !== false,
        description: undefined,
        customerId: undefined,
        createdAt: world.clock.now(),
      });
    }
    for (const membership of resources.memberships)
      this.join(text(membership, 'UsagePlanId'), text(membership, 'KeyId'));
  }

  plans(): readonly UsagePlan[] {
    return [...this.#plans.values()];
  }

  keys(): readonly ApiKey[] {
    return [...this.#keys.values()];
  }

  /** @throws AwsError `NotFoundException` */
  plan(id: string): UsagePlan {
    const plan = this.#plans.get(id);
    if (!plan) throw new AwsError('NotFoundException', 'Invalid Usage Plan ID specified', 404);
    return plan;
  }

  /** @throws AwsError `NotFoundException` */
  key(id: string): ApiKey {
    const key = this.#keys.get(id);
    if (!key) throw new AwsError('NotFoundException', 'Invalid API Key identifier specified', 404);
    return key;
  }

  /** @throws AwsError `ConflictException` when another key has this value */
  create(key: {
    name: string;
    value?: string | undefined;
    enabled: boolean;
    description?: string | undefined;
    customerId?: string | undefined;
  }): ApiKey {
    const value = key.value ?? this.#random.hex(20);
    if (value.length < 20 || value.length > 128)
      throw new AwsError('BadRequestException', 'API Key value should be at least 20 characters');
    if (this.#byValue.has(value)) throw new AwsError('ConflictException', 'API Key already exists', 409);
    const created: ApiKey = {
      id: this.#random.hex(5),
      name: key.name,
      value,
      enabled: key.enabled,
      description: key.description,
      customerId: key.customerId,
      createdAt: this.#world.clock.now(),
    };
    this.#add(created);
    return created;
  }

  #add(key: ApiKey): void {
    this.#keys.set(key.id, key);
    this.#byValue.set(key.value, key);
  }

  remove(id: string): void {
    const key = this.key(id);
    this.#keys.delete(id);
    this.#byValue.delete(key.value);
    for (const plan of this.#plans.values()) plan.members.delete(id);
  }

  /** @throws AwsError `ConflictException` when the key is in this plan, or in another one for the same stage */
  join(planId: string, keyId: string): ApiKey {
    const plan = this.plan(planId);
    const key = this.key(keyId);
    for (const other of this.#plans.values()) {
      const shared = other === plan || [...other.stages].some((stage) => plan.stages.has(stage));
      if (shared && other.members.has(keyId)) {
        throw new AwsError(
          'ConflictException',
          'Usage Plan Key already exists for this or another plan of the same stage',
          409,
        );
      }
    }
    const now = this.#world.clock.now();
    plan.members.set(keyId, {
      bucket: plan.throttle && new TokenBucket(plan.throttle.ratePerSecond, plan.throttle.burst, now),
      periodStart: plan.quota ? periodStart(plan.quota.period, now) : now,
      remaining: plan.quota?.limit ?? 0,
      daily: new Map(),
    });
    return key;
  }

  leave(planId: string, keyId: string): void {
    if (!this.plan(planId).members.delete(keyId))
      throw new AwsError('NotFoundException', 'Invalid Usage Plan Key', 404);
  }

  /** Sets what is left of the quota in the running period. */
  setRemaining(planId: string, keyId: string, remaining: number): void {
    const plan = this.plan(planId);
    const member = plan.members.get(keyId);
    if (!member) throw new AwsError('NotFoundException', 'Invalid Usage Plan Key', 404);
    if (!plan.quota) throw new AwsError('BadRequestException', 'Usage Plan has no quota');
    this.#roll(plan, member);
    member.remaining = remaining;
    this.#day(member).remaining = remaining;
  }

  /** Used and remaining for each day of the range, both ends included, `YYYY-MM-DD`. */
  usage(planId: string, keyId: string | undefined, from: EpochMs, to: EpochMs): Record<string, [number, number][]> {
    const plan = this.plan(planId);
    const found: Record<string, [number, number][]> = {};
    for (const [id, member] of plan.members) {
      if (keyId !== undefined && id !== keyId) continue;
      let remaining = plan.quota?.limit ?? 0;
      const days: [number, number][] = [];
      for (let day = from; day <= to; day += DAY_MS) {
        if (plan.quota && periodStart(plan.quota.period, day) === day) remaining = plan.quota.limit;
        const counted = member.daily.get(formatDate(day));
        remaining = counted?.remaining ?? remaining;
        days.push([counted?.used ?? 0, remaining]);
      }
      found[id] = days;
    }
    return found;
  }

  /** @param value what the caller's key is, or what the authorizer says it counts as */
  find(value: string | undefined): ApiKey | undefined {
    const key = value === undefined ? undefined : this.#byValue.get(value);
    return key?.enabled ? key : undefined;
  }

  /** Counts one call of a key against its plan for the stage. What is throttled does not use up quota. */
  admit(key: ApiKey | undefined, stage: string): Admission {
    if (!key) return 'no-key';
    for (const plan of this.#plans.values()) {
      if (!plan.stages.has(stage)) continue;
      const member = plan.members.get(key.id);
      if (member) return this.#count(plan, member);
    }
    return 'no-key';
  }

  #count(plan: UsagePlan, member: Member): Admission {
    const now = this.#world.clock.now();
    if (member.bucket && !member.bucket.take(now)) return 'throttled';
    this.#roll(plan, member);
    if (plan.quota) {
      if (member.remaining <= 0) return 'quota-exceeded';
      member.remaining -= 1;
    }
    const day = this.#day(member);
    day.used += 1;
    day.remaining = member.remaining;
    return 'admitted';
  }

  #roll(plan: UsagePlan, member: Member): void {
    if (!plan.quota) return;
    const start = periodStart(plan.quota.period, this.#world.clock.now());
    if (start === member.periodStart) return;
    member.periodStart = start;
    member.remaining = plan.quota.limit;
  }

  #day(member: Member): { used: number; remaining: number } {
    const date = formatDate(this.#world.clock.now());
    let day = member.daily.get(date);
    if (!day) {
      day = { used: 0, remaining: member.remaining };
      member.daily.set(date, day);
    }
    return day;
  }
}

function periodStart(period: QuotaPeriod, now: EpochMs): EpochMs {
  if (period === 'MONTH') return monthStart(now);
  if (period === 'DAY') return Math.floor(now / DAY_MS) * DAY_MS;
  return Math.floor((now - SUNDAY_MS) / (7 * DAY_MS)) * 7 * DAY_MS + SUNDAY_MS;
}

function readPlan(resource: Resource): UsagePlan {
  const stages = list(resource, 'ApiStages').map((stage) => {
    if (stage.Throttle !== undefined) throw refuse(resource, 'ApiStages', 'throttles of single methods are not known');
    return `${String(stage.ApiId)}/${String(stage.Stage)}`;
  });
  const period = optionalText(resource, 'Quota.Period');
  if (period !== undefined && !['DAY', 'WEEK', 'MONTH'].includes(period))
    throw refuse(resource, 'Quota.Period', period);
  if (number(resource, 'Quota.Offset', 0) !== 0) throw refuse(resource, 'Quota.Offset', 'only 0 is known');
  return {
    id: resource.ref,
    name: optionalText(resource, 'UsagePlanName') ?? resource.logicalId,
    stages: new Set(stages),
    throttle:
      at(resource, 'Throttle') === undefined
        ? undefined
        : {
            ratePerSecond: number(resource, 'Throttle.RateLimit', 0),
            burst: number(resource, 'Throttle.BurstLimit', 0),
          },
    quota:
      period === undefined ? undefined : { limit: number(resource, 'Quota.Limit', 0), period: period as QuotaPeriod },
    members: new Map(),
  };
}
