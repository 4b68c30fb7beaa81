import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CustomResource, Duration } from 'aws-cdk-lib';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { lambdaFolder } from './lambda-code.ts';
import type { Ledger } from './ledger.ts';
import type { RulesFolder } from './rules-folder.ts';
import type { Tables } from './tables.ts';
import { type FunctionDefaults, TollgateFunction } from './tollgate-function.ts';
import { WorkedQueue } from './worked-queue.ts';

export interface PricingProps {
  readonly defaults: FunctionDefaults;
  readonly ledger: Ledger;
  readonly tables: Tables;
  readonly rules: RulesFolder;
  /** The git commit that the rules come from, or `uncommitted`. */
  readonly commit: string;
  /** Where changes to keys and plan membership are asked for. */
  readonly accessQueue: WorkedQueue;
}

/** The file beside the publishing function's code that holds the rules: `{ "hash", "commit", "files" }`. */
export const RULESET_FILE = 'ruleset.json';

/** Publishes the rules when they change, and decides for each customer what they mean. */
export class Pricing extends Construct {
  readonly publishRules: TollgateFunction;
  readonly evaluateCustomers: TollgateFunction;
  /** Customers to decide anew. */
  readonly evaluations: WorkedQueue;

  constructor(scope: Construct, id: string, props: PricingProps) {
    super(scope, id);
    this.evaluations = new WorkedQueue(this, 'Evaluations', { workerTimeout: EVALUATION_TIMEOUT });
    this.evaluateCustomers = this.makeEvaluateCustomers(props);
    this.evaluations.workedBy(this.evaluateCustomers, { batchSize: 10, maxConcurrency: 2 });
    // A decision for a later hour is applied by a message that waits for it.
    this.evaluateCustomers.fn.addEnvironment('EVALUATION_QUEUE_URL', this.evaluations.queue.queueUrl);
    this.evaluations.allowSend(this.evaluateCustomers);
    this.publishRules = this.makePublishRules(props);
    this.publish(props);
  }

  private makeEvaluateCustomers({ defaults, ledger, tables, accessQueue }: PricingProps): TollgateFunction {
    const fn = new TollgateFunction(this, 'EvaluateCustomers', {
      name: 'evaluate-customers',
      description: 'Decides segment, tier and terms of each customer from its facts',
      defaults,
      timeout: EVALUATION_TIMEOUT,
      memorySize: 1769,
      withoutDeadLetters: 'The next scheduled run resumes what this one left; a failed run is alarmed.',
      environment: {
        DIRECTORY_TABLE: tables.directory.tableName,
        USAGE_TABLE: tables.usage.tableName,
        RULESETS_TABLE: tables.rulesets.tableName,
        DECISIONS_TABLE: tables.decisions.tableName,
        RECORDS_BUCKET: ledger.records.bucketName,
        ACCESS_QUEUE_URL: accessQueue.queue.queueUrl,
        EVALUATION_QUEUE_URL: this.evaluations.queue.queueUrl,
      },
    });
    fn.allow(['dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:PutItem'], [tables.directory.tableArn]);
    fn.allow(['dynamodb:Query', 'dynamodb:PutItem'], [tables.decisions.tableArn]);
    fn.allow(['dynamodb:Query'], [tables.usage.tableArn, tables.rulesets.tableArn]);
    fn.allowObjects(['s3:GetObject'], ledger.records, 'rulesets');
    accessQueue.allowSend(fn);
    this.evaluations.allowSend(fn);
    return fn;
  }

  private makePublishRules({ defaults, ledger, tables, rules, commit }: PricingProps): TollgateFunction {
    const fn = new TollgateFunction(this, 'PublishRules', {
      name: 'publish-rules',
      description: 'Validates the rules of this deployment and records them with their effective hour',
      defaults,
      code: codeWithRules(lambdaFolder(this, 'publish-rules'), { hash: rules.hash, commit, files: rules.files }),
      timeout: Duration.seconds(60),
      withoutDeadLetters: 'CloudFormation waits for its answer and rolls back when it fails.',
      environment: {
        RULESETS_TABLE: tables.rulesets.tableName,
        RECORDS_BUCKET: ledger.records.bucketName,
        EVALUATION_QUEUE_URL: this.evaluations.queue.queueUrl,
        RULESET_FILE,
      },
    });
    fn.allow(['dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:PutItem'], [tables.rulesets.tableArn]);
    fn.allowObjects(['s3:GetObject', 's3:PutObject'], ledger.records, 'rulesets');
    this.evaluations.allowSend(fn);
    return fn;
  }

  /** The function answers CloudFormation itself, so a provider framework with functions and grants of its own is not needed. */
  private publish({ rules, commit }: PricingProps): void {
    new CustomResource(this, 'Ruleset', {
      resourceType: 'Custom::TollgateRuleset',
      serviceToken: this.publishRules.fn.functionArn,
      serviceTimeout: Duration.minutes(5),
      properties: { SourceHash: rules.hash, Commit: commit },
    }).node.addDependency(this.publishRules);
  }
}

const EVALUATION_TIMEOUT = Duration.minutes(15);

/**
 * The rules travel inside the function's own asset: publishing then needs no bucket to read from, and what a deployment
 * publishes is exactly what was synthesized.
 */
function codeWithRules(folder: string, ruleset: object): Code {
  const staged = mkdtempSync(join(tmpdir(), 'tollgate-rules-'));
  if (STAGED.push(staged) === 1) process.once('exit', removeStaged);
  cpSync(folder, staged, { recursive: true });
  writeFileSync(join(staged, RULESET_FILE), `${JSON.stringify(ruleset)}\n`);
  return Code.fromAsset(staged);
}

/** CDK copies a staged folder into its assembly during synth; afterwards it is of no use. */
const STAGED: string[] = [];
function removeStaged(): void {
  for (const folder of STAGED) rmSync(folder, { recursive: true, force: true });
}
