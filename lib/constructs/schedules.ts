import { Stack } from 'aws-cdk-lib';
import { Policy, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnSchedule } from 'aws-cdk-lib/aws-scheduler';
import { Construct } from 'constructs';
import { DeadLetters } from './dead-letters.ts';
import type { TollgateFunction } from './tollgate-function.ts';

/** What a schedule passes to its function as `{ "task": … }`. */
export type Task = 'close' | 'sweep' | 'evaluate' | 'changes' | 'invoice' | 'watch';

export interface ScheduledTask {
  readonly task: Task;
  /** EventBridge Scheduler's expression: `rate(1 hour)`. */
  readonly every: string;
  readonly target: TollgateFunction;
}

export interface SchedulesProps {
  readonly tasks: readonly ScheduledTask[];
}

/**
 * One EventBridge schedule a task. Each has its own role, for its own function (the L2 target would share one and grant
 * every version of it). A run that could not be started after the retries lands in the dead letters; every task picks up
 * where it stopped, so a lost run is made good by the next one.
 */
export class Schedules extends Construct {
  readonly deadLetters: DeadLetters;

  constructor(scope: Construct, id: string, props: SchedulesProps) {
    super(scope, id);
    this.deadLetters = new DeadLetters(this, 'DeadLetters');
    for (const task of props.tasks) this.schedule(task);
  }

  private schedule({ task, every, target }: ScheduledTask): void {
    const name = `${task.charAt(0).toUpperCase()}${task.slice(1)}`;
    const role = new Role(this, `${name}Role`, {
      assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
    });
    const policy = new Policy(this, `${name}Policy`, {
      roles: [role],
      statements: [
        new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [target.fn.functionArn] }),
        new PolicyStatement({ actions: ['sqs:SendMessage'], resources: [this.deadLetters.queueArn] }),
      ],
    });
    const schedule = new CfnSchedule(this, name, {
      description: `Tollgate: ${task}`,
      scheduleExpression: every,
      flexibleTimeWindow: { mode: 'OFF' },
      target: {
        arn: target.fn.functionArn,
        roleArn: role.roleArn,
        input: JSON.stringify({ task }),
        deadLetterConfig: { arn: this.deadLetters.queueArn },
        retryPolicy: { maximumEventAgeInSeconds: 3600, maximumRetryAttempts: 10 },
      },
    });
    schedule.node.addDependency(policy);
  }
}
