import { Duration, Stack } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { acknowledge } from './acknowledge.ts';
import type { Tables } from './tables.ts';
import { type FunctionDefaults, TollgateFunction } from './tollgate-function.ts';
import { WorkedQueue } from './worked-queue.ts';

export interface AccessProps {
  readonly defaults: FunctionDefaults;
  readonly tables: Tables;
  readonly parameterName: string;
  readonly onStoreFailure: 'allow' | 'deny';
  /** What calls are throttled by that are let through without a customer. */
  readonly unattributedKey?: string;
}

/** Who may call: the authorizer, and the queue through which keys and plan membership are made at runtime. */
export class Access extends Construct {
  readonly authorizeCall: TollgateFunction;
  readonly provisionAccess: TollgateFunction;
  /** One message group: API Gateway's control plane takes a handful of calls a second from a whole account. */
  readonly queue: WorkedQueue;

  constructor(scope: Construct, id: string, props: AccessProps) {
    super(scope, id);
    this.authorizeCall = this.makeAuthorizeCall(props);
    this.queue = new WorkedQueue(this, 'Requests', { workerTimeout: PROVISION_TIMEOUT, fifo: true });
    this.provisionAccess = this.makeProvisionAccess(props);
    this.queue.workedBy(this.provisionAccess, { batchSize: 1 });
  }

  private makeAuthorizeCall({ defaults, tables, onStoreFailure, unattributedKey }: AccessProps): TollgateFunction {
    const fn = new TollgateFunction(this, 'AuthorizeCall', {
      name: 'authorize-call',
      description: 'Looks a key up and answers with what it may call',
      defaults,
      timeout: Duration.seconds(5),
      memorySize: 1024,
      tracing: false,
      environment: {
        DIRECTORY_TABLE: tables.directory.tableName,
        ON_STORE_FAILURE: onStoreFailure,
        ...(unattributedKey === undefined ? {} : { UNATTRIBUTED_USAGE_KEY: unattributedKey }),
      },
    });
    fn.allow(['dynamodb:GetItem'], [tables.directory.tableArn]);
    acknowledge(
      fn,
      'Serverless-LambdaTracing',
      'Tracing would double the import time of the one function that callers wait for.',
    );
    return fn;
  }

  private makeProvisionAccess({ defaults, tables, parameterName }: AccessProps): TollgateFunction {
    const fn = new TollgateFunction(this, 'ProvisionAccess', {
      name: 'provision-access',
      description: 'Makes API keys and moves them between usage plans, slowly enough for API Gateway',
      defaults,
      timeout: PROVISION_TIMEOUT,
      environment: {
        DIRECTORY_TABLE: tables.directory.tableName,
        API_PARAMETER: parameterName,
      },
    });
    fn.allow(['dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:PutItem'], [tables.directory.tableArn]);
    fn.allow(['ssm:GetParameter'], [fn.arn('ssm', `parameter${parameterName}`)]);
    this.allowControlPlane(fn);
    return fn;
  }

  private allowControlPlane(fn: TollgateFunction): void {
    const { partition, region } = Stack.of(this);
    const allow = (actions: string[], path: string) =>
      fn.allowWithin(
        actions,
        [`arn:${partition}:apigateway:${region}::${path}`],
        'Keys are made at runtime, and the API and its plans may live in a stack that needs this one: no id is known here.',
      );
    allow(['apigateway:POST', 'apigateway:GET'], '/apikeys');
    allow(['apigateway:DELETE'], '/apikeys/*');
    allow(['apigateway:POST'], '/usageplans/*/keys');
    allow(['apigateway:GET', 'apigateway:DELETE'], '/usageplans/*/keys/*');
    // Quota already used is carried over when a customer moves to another plan.
    allow(['apigateway:GET'], '/usageplans/*/usage');
    allow(['apigateway:PATCH'], '/usageplans/*/keys/*/usage');
    allow(['apigateway:DELETE'], '/restapis/*/stages/*/cache/authorizers');
  }
}

const PROVISION_TIMEOUT = Duration.seconds(60);
