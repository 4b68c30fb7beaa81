import { CfnUsagePlan, type Stage } from 'aws-cdk-lib/aws-apigateway';
import { Construct } from 'constructs';
import type { TierPlan } from './rules-folder.ts';

export interface UsagePlansProps {
  readonly tiers: readonly TierPlan[];
  readonly stages: readonly Stage[];
}

/**
 * A usage plan for each tier, never one for a customer: an account has 300 plans a Region, and customers join and leave
 * them at runtime. Ids by card id are in `planIds`.
 */
export class UsagePlans extends Construct {
  readonly planIds: Readonly<Record<string, string>>;

  constructor(scope: Construct, id: string, { tiers, stages }: UsagePlansProps) {
    super(scope, id);
    const planIds: Record<string, string> = {};
    for (const { id: card, name, limits } of tiers) {
      const plan = new CfnUsagePlan(this, card, {
        usagePlanName: `tollgate-${card}`,
        description: `Tollgate tier ${name}`,
        apiStages: stages.map((stage) => ({ apiId: stage.restApi.restApiId, stage: stage.stageName })),
        ...(limits === undefined ? {} : { throttle: { rateLimit: limits.ratePerSecond, burstLimit: limits.burst } }),
        ...(limits?.quota === undefined
          ? {}
          : { quota: { limit: limits.quota.calls, period: limits.quota.per.toUpperCase() } }),
      });
      planIds[card] = plan.ref;
    }
    this.planIds = planIds;
  }
}
