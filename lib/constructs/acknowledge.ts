import { Stack, Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/**
 * Says why a cdk-nag finding is meant to be so, beside the resource that has it. The id is exact
 * (`AwsSolutions-IAM5[Resource::*]`), so that a second, unexplained finding on the same resource still fails.
 */
export function acknowledge(construct: IConstruct, id: string, reason: string): void {
  Validations.of(construct).acknowledge({ id, reason });
}

/** Says why a grant has a wildcard in its resource. ARNs without one need no reason and get none. */
export function acknowledgeWildcards(construct: IConstruct, arns: readonly string[], reason: string): void {
  for (const arn of arns) {
    const written = asWritten(Stack.of(construct).resolve(arn));
    if (written.includes('*')) acknowledge(construct, `AwsSolutions-IAM5[Resource::${written}]`, reason);
  }
}

/** An ARN as cdk-nag prints it: `<LogicalId.Arn>/usage/*`, `arn:<AWS::Partition>:…`. */
function asWritten(value: unknown): string {
  if (typeof value === 'string') return value;
  const { Ref: ref, 'Fn::GetAtt': attribute, 'Fn::Join': join } = value as Record<string, unknown>;
  if (typeof ref === 'string') return `<${ref}>`;
  if (Array.isArray(attribute)) return `<${attribute.join('.')}>`;
  if (Array.isArray(join)) return (join[1] as unknown[]).map(asWritten).join(String(join[0]));
  throw new Error(`cannot write the ARN ${JSON.stringify(value)} as cdk-nag does`);
}
