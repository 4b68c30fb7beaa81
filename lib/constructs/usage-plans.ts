import { CfnApiKey, CfnUsagePlan, CfnUsagePlanKey, type Stage } from 'aws-cdk-lib/aws-apigateway';
import { Construct } from 'constructs';
import type { TierPlan } from './rules-folder.ts';

export interface UsagePlansProps {
  readonly tiers: readonly TierPlan[];
  readonly stages: readonly Stage[];
  /** The key of calls that are let through without a customer. */
  readonly unattributedKey?: string;
}

/**
 * A usage plan for each tier, never one for a customer: an account has 300 plans a Region, and customers join and leave
 * them at runtime. Ids by card id are in `planIds`.
 */
export class UsagePlans extends Construct {
  readonly planIds: Readonly<Record<string, string>>;

  constructor(scope: Construct, id: string, { tiers, stages, unattributedKey }: UsagePlansProps) {
    super(scope, id);
    const planIds: Record<string, string> = {};
    for (const { id: card, name, limits } of tiers) {
      const plan = new CfnUsagePlan(this, card, {
        usagePlanName: `tollgate-${card}`,
        description: `Tollgate tier ${name}`,
        apiStages: served(stages),
        ...(limits === undefined ? {} : { throttle: { rateLimit: limits.ratePerSecond, burstLimit: limits.burst } }),
        ...(limits?.quota === undefined
          ? {}
          : { quota: { limit: limits.quota.calls, period: limits.quota.per.toUpperCase() } }),
      });
      planIds[card] = plan.ref;
    }
    this.planIds = planIds;
    if (unattributedKey !== undefined) this.serveUnattributed(stages, unattributedKey);
  }

  /**
   * API Gateway refuses a call without a key that it knows, so calls that the authorizer lets through while it cannot read
   * its table need one. Like every internal key it opens nothing by itself: the key source is the authorizer.
   */
  private serveUnattributed(stages: readonly Stage[], value: string): void {
    const plan = new CfnUsagePlan(this, 'Unattributed', {
      usagePlanName: 'tollgate-unattributed',
      description: 'Calls let through while the customer directory did not answer',
      apiStages: served(stages),
    });
    const key = new CfnApiKey(this, 'UnattributedKey', { name: value, value, enabled: true });
    new CfnUsagePlanKey(this, 'UnattributedMember', { usagePlanId: plan.ref, keyId: key.ref, keyType: 'API_KEY' });
  }
}

const served = (stages: readonly Stage[]) =>
  stages.map((stage) => ({ apiId: stage.restApi.restApiId, stage: stage.stageName }));
