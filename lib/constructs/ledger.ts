import { Duration, Names, type RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Policy, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnDeliveryStream } from 'aws-cdk-lib/aws-kinesisfirehose';
import { CfnLogStream, LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  type CfnBucket,
  ObjectLockRetention,
  ObjectOwnership,
  StorageClass,
} from 'aws-cdk-lib/aws-s3';
import { Construct, type IDependable } from 'constructs';
import { acknowledge, acknowledgeWildcards } from './acknowledge.ts';
import { FIXED_DAYS } from './kept-days.ts';

/** How long nobody may delete or overwrite a ledger object. `compliance` binds the account's root user too. */
export type LedgerLock = 'governance' | 'compliance' | 'none';

export interface LedgerProps {
  readonly retention: Duration;
  readonly lock: LedgerLock;
  readonly removalPolicy: RemovalPolicy;
  readonly logRetention: RetentionDays;
  readonly buffering: { readonly seconds: number; readonly mebibytes: number };
}

/**
 * The immutable log that every bill is a function of: what API Gateway and the team's backends said, as it arrived, in a
 * versioned and object-locked bucket; and the records derived from it (input lists, counts, rulesets, evidence).
 */
export class Ledger extends Construct {
  readonly bucket: Bucket;
  readonly records: Bucket;
  /** Where the stage's access log goes; API Gateway asks for the name `amazon-apigateway-*`. */
  readonly usageStream: CfnDeliveryStream;
  /** Where accepted events go. */
  readonly eventsStream: CfnDeliveryStream;

  constructor(scope: Construct, id: string, props: LedgerProps) {
    super(scope, id);
    this.bucket = this.ledgerBucket(props);
    this.records = this.recordsBucket(props);
    const logGroup = new LogGroup(this, 'DeliveryLog', {
      retention: props.logRetention,
      removalPolicy: props.removalPolicy,
    });
    const unique = Names.uniqueResourceName(this, { maxLength: 40, separator: '-' }).toLowerCase();
    this.usageStream = this.stream('Usage', `amazon-apigateway-${unique}`, 'usage', logGroup, props);
    this.eventsStream = this.stream('Events', `tollgate-events-${unique}`, 'events', logGroup, props);
  }

  private ledgerBucket(props: LedgerProps): Bucket {
    const { retention, lock } = props;
    const defaultRetention = {
      governance: { objectLockDefaultRetention: ObjectLockRetention.governance(retention) },
      compliance: { objectLockDefaultRetention: ObjectLockRetention.compliance(retention) },
      none: {},
    }[lock];
    const bucket = new Bucket(this, 'Bucket', {
      ...privateBucket(props.removalPolicy),
      objectLockEnabled: true,
      ...defaultRetention,
      lifecycleRules: [
        {
          id: 'cool-then-expire',
          transitions: [{ storageClass: StorageClass.GLACIER_INSTANT_RETRIEVAL, transitionAfter: Duration.days(90) }],
          expiration: retention,
          // A deleted or overwritten version is evidence too, for as long as an adjustment may need it.
          noncurrentVersionExpiration: retention,
          abortIncompleteMultipartUploadAfter: Duration.days(7),
        },
      ],
    });
    acknowledge(bucket, 'AwsSolutions-S1', S1_REASON);
    return bucket;
  }

  private recordsBucket(props: LedgerProps): Bucket {
    const bucket = new Bucket(this, 'Records', {
      ...privateBucket(props.removalPolicy),
      lifecycleRules: [
        { id: 'tidy', abortIncompleteMultipartUploadAfter: Duration.days(7) },
        {
          id: 'quarantine',
          prefix: 'quarantine/',
          expiration: props.retention,
          noncurrentVersionExpiration: Duration.days(FIXED_DAYS.downloadVersions),
        },
        {
          id: 'downloads',
          prefix: 'downloads/',
          expiration: Duration.days(FIXED_DAYS.downloads),
          noncurrentVersionExpiration: Duration.days(FIXED_DAYS.downloadVersions),
        },
      ],
    });
    acknowledge(bucket, 'AwsSolutions-S1', S1_REASON);
    return bucket;
  }

  private stream(
    id: string,
    deliveryStreamName: string,
    prefix: string,
    logGroup: LogGroup,
    props: LedgerProps,
  ): CfnDeliveryStream {
    const logStream = new CfnLogStream(this, `${id}DeliveryLog`, {
      logGroupName: logGroup.logGroupName,
      logStreamName: prefix,
    });
    const { partition, region, account } = Stack.of(this);
    const role = new Role(this, `${id}DeliveryRole`, {
      assumedBy: new ServicePrincipal('firehose.amazonaws.com', {
        conditions: { StringEquals: { 'sts:ExternalId': account } },
      }),
    });
    const objects = [this.bucket.arnForObjects(`${prefix}/*`), this.bucket.arnForObjects('failed/*')];
    // The L2 destination would also grant deleting: a ledger that its writer can delete from proves nothing.
    const policy = new Policy(this, `${id}DeliveryPolicy`, {
      roles: [role],
      statements: [
        new PolicyStatement({ actions: ['s3:PutObject', 's3:AbortMultipartUpload'], resources: objects }),
        new PolicyStatement({
          actions: ['s3:GetBucketLocation', 's3:ListBucket', 's3:ListBucketMultipartUploads'],
          resources: [this.bucket.bucketArn],
        }),
        new PolicyStatement({
          actions: ['logs:PutLogEvents'],
          resources: [
            `arn:${partition}:logs:${region}:${account}:log-group:${logGroup.logGroupName}:log-stream:${prefix}`,
          ],
        }),
      ],
    });
    acknowledgeWildcards(policy, objects, 'Firehose names the objects: only their prefix is known.');
    const stream = new CfnDeliveryStream(this, `${id}Stream`, {
      deliveryStreamName,
      deliveryStreamType: 'DirectPut',
      deliveryStreamEncryptionConfigurationInput: { keyType: 'AWS_OWNED_CMK' },
      extendedS3DestinationConfiguration: {
        bucketArn: this.bucket.bucketArn,
        roleArn: role.roleArn,
        compressionFormat: 'GZIP',
        bufferingHints: { intervalInSeconds: props.buffering.seconds, sizeInMBs: props.buffering.mebibytes },
        prefix: `${prefix}/!{timestamp:yyyy/MM/dd/HH}/`,
        errorOutputPrefix: 'failed/!{firehose:error-output-type}/!{timestamp:yyyy/MM/dd/HH}/',
        cloudWatchLoggingOptions: {
          enabled: true,
          logGroupName: logGroup.logGroupName,
          logStreamName: logStream.ref,
        },
      },
    });
    stream.node.addDependency(policy);
    return stream;
  }

  /** Announces new ledger objects to a queue; done on the L1, since the L2's notifications bring a function of their own. */
  announceTo(queueArn: string, ...after: IDependable[]): void {
    const bucket = this.bucket.node.defaultChild as CfnBucket;
    bucket.notificationConfiguration = {
      queueConfigurations: ['usage/', 'events/'].map((value) => ({
        event: 's3:ObjectCreated:*',
        queue: queueArn,
        filter: { s3Key: { rules: [{ name: 'prefix', value }] } },
      })),
    };
    // S3 checks that it may send when the bucket is made.
    bucket.node.addDependency(...after);
  }
}

const S1_REASON =
  'Server access logs would cost more than the metering itself; CloudTrail data events are the account owner’s choice.';

function privateBucket(removalPolicy: RemovalPolicy) {
  return {
    versioned: true,
    encryption: BucketEncryption.S3_MANAGED,
    enforceSSL: true,
    minimumTLSVersion: 1.2,
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
    removalPolicy,
  };
}
