import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Match, type Template } from 'aws-cdk-lib/assertions';
import { Monetization } from '../../lib/constructs/monetization.ts';
import { FIXED, FUNCTIONS, properties, scratchFolder, synthesize, testApp, WITH_ASSETS } from './synthesis.ts';

const { template } = synthesize();
const all = (type: string) => Object.values(properties(template, type));

describe('the gateway', () => {
  test('the authorizer is the source of keys, sees the key, and is cached for five minutes', () => {
    template.hasResourceProperties('AWS::ApiGateway::RestApi', {
      Name: 'tollgate-demo',
      ApiKeySourceType: 'AUTHORIZER',
    });
    template.hasResourceProperties('AWS::ApiGateway::Authorizer', {
      Type: 'REQUEST',
      IdentitySource: 'method.request.header.x-api-key',
      AuthorizerResultTtlInSeconds: 300,
      AuthorizerCredentials: Match.anyValue(),
    });
  });

  test('each rate card is one usage plan; one more is for calls that are let through without a customer', () => {
    const plans = all('AWS::ApiGateway::UsagePlan').map(({ UsagePlanName }) => UsagePlanName);
    expect(plans.sort()).toEqual(
      ['business', 'enterprise', 'free', 'growth', 'unattributed'].map((id) => `tollgate-${id}`),
    );
    template.hasResourceProperties('AWS::ApiGateway::UsagePlan', {
      UsagePlanName: 'tollgate-free',
      Throttle: { RateLimit: 5, BurstLimit: 10 },
      Quota: { Limit: 50000, Period: 'MONTH' },
    });
  });

  test('with onStoreFailure `deny` nothing is let through, so there is no such plan', () => {
    const closed = synthesize({ onStoreFailure: 'deny' }).template;
    closed.resourceCountIs('AWS::ApiGateway::UsagePlan', 4);
    closed.resourceCountIs('AWS::ApiGateway::ApiKey', 0);
  });

  test('throttle and quota answer 429 with a Retry-After; a refusal says its reason', () => {
    const answer = (type: string) =>
      all('AWS::ApiGateway::GatewayResponse').find(({ ResponseType }) => ResponseType === type);
    for (const type of ['THROTTLED', 'QUOTA_EXCEEDED']) {
      const retryAfter = { 'gatewayresponse.header.Retry-After': expect.stringMatching(/^'\d+'$/) };
      expect(answer(type)).toMatchObject({ StatusCode: '429', ResponseParameters: retryAfter });
    }
    const refusal = '{"message":"Forbidden","reason":"$context.authorizer.reason"}';
    expect(answer('ACCESS_DENIED')).toMatchObject({ ResponseTemplates: { 'application/json': refusal } });
    expect(answer('UNAUTHORIZED')).toMatchObject({ StatusCode: '401' });
  });

  test('what the functions know of the API is in a parameter, which they read by its name', () => {
    const [parameter] = all('AWS::SSM::Parameter');
    const text = JSON.stringify(parameter?.Value);
    for (const key of ['restApiId', 'stages', 'usagePlans', 'free', 'growth', 'region']) expect(text).toContain(key);
    const named = all('AWS::Lambda::Function').filter(({ Environment }) =>
      JSON.stringify(Environment).includes(`"API_PARAMETER":"${String(parameter?.Name)}"`),
    );
    expect(named).toHaveLength(1);
  });
});

describe('the ledger', () => {
  test('is versioned, locked for its retention, encrypted, closed to the public, and cools down', () => {
    template.hasResourceProperties('AWS::S3::Bucket', {
      VersioningConfiguration: { Status: 'Enabled' },
      ObjectLockEnabled: true,
      ObjectLockConfiguration: { Rule: { DefaultRetention: { Mode: 'GOVERNANCE', Days: 400 } } },
      BucketEncryption: Match.anyValue(),
      PublicAccessBlockConfiguration: { BlockPublicAcls: true, BlockPublicPolicy: true, RestrictPublicBuckets: true },
      LifecycleConfiguration: {
        Rules: [Match.objectLike({ ExpirationInDays: 400, NoncurrentVersionExpiration: { NoncurrentDays: 400 } })],
      },
    });
    const [policy] = all('AWS::S3::BucketPolicy');
    expect(JSON.stringify(policy)).toContain('"aws:SecureTransport":"false"');
  });

  test.each([
    ['compliance', { Mode: 'COMPLIANCE', Days: 400 }],
    ['none', undefined],
  ] as const)('ledgerLock %s', (ledgerLock, expected) => {
    const buckets = Object.values(properties(synthesize({ ledgerLock }).template, 'AWS::S3::Bucket'));
    const locked = buckets.filter(({ ObjectLockEnabled }) => ObjectLockEnabled === true);
    expect(locked).toHaveLength(1);
    const [lock] = locked.map(
      ({ ObjectLockConfiguration: c }) => (c as { Rule?: { DefaultRetention: object } } | undefined)?.Rule,
    );
    expect(lock?.DefaultRetention).toEqual(expected);
  });

  test.each([
    ['usage', /^amazon-apigateway-[a-z0-9-]+$/],
    ['events', /^tollgate-events-[a-z0-9-]+$/],
  ])('Firehose writes %s, gzipped, by hour of arrival, buffered, with what failed apart', (prefix, name) => {
    const streams = all('AWS::KinesisFirehose::DeliveryStream');
    const stream = streams.find(({ DeliveryStreamName }) => name.test(String(DeliveryStreamName)));
    expect(stream?.ExtendedS3DestinationConfiguration).toMatchObject({
      Prefix: `${prefix}/!{timestamp:yyyy/MM/dd/HH}/`,
      ErrorOutputPrefix: expect.stringMatching(/^failed\/!\{firehose:error-output-type\}\//),
      CompressionFormat: 'GZIP',
      BufferingHints: { IntervalInSeconds: 300, SizeInMBs: 64 },
    });
    expect(stream?.ExtendedS3DestinationConfiguration).not.toHaveProperty('ProcessingConfiguration');
    expect(String(stream?.DeliveryStreamName).length).toBeLessThanOrEqual(64);
  });

  test('no one may delete from it or change its lock', () => {
    const text = JSON.stringify(all('AWS::IAM::Policy'));
    expect(text).toContain('s3:PutObject');
    expect(text).not.toMatch(/s3:(Delete|PutObjectRetention|PutObjectLegalHold|BypassGovernance|PutBucket)/);
  });

  test('new objects are announced to a queue, without a function that sets it up', () => {
    const announcing = all('AWS::S3::Bucket').filter(({ NotificationConfiguration }) => NotificationConfiguration);
    expect(announcing).toHaveLength(1);
    expect(JSON.stringify(announcing[0])).toMatch(/"Value":"usage\/".*"Value":"events\/"/);
    expect(all('AWS::Lambda::Function')).toHaveLength(FUNCTIONS.length);
  });
});

describe('stores and queues', () => {
  test('seven tables on demand with point-in-time recovery; identities and notices forget', () => {
    const tables = all('AWS::DynamoDB::Table');
    expect(tables).toHaveLength(7);
    for (const table of tables) {
      expect(table).toMatchObject({
        BillingMode: 'PAY_PER_REQUEST',
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        DeletionProtectionEnabled: true,
        KeySchema: [
          { AttributeName: 'pk', KeyType: 'HASH' },
          { AttributeName: 'sk', KeyType: 'RANGE' },
        ],
      });
    }
    const forgetting = tables.flatMap(({ TimeToLiveSpecification: ttl }) => (ttl === undefined ? [] : [ttl]));
    expect(forgetting).toEqual(Array(2).fill({ AttributeName: 'expiresAt', Enabled: true }));
  });

  test('every queue is encrypted and takes only TLS; every one that is worked on has dead letters', () => {
    const queues = all('AWS::SQS::Queue');
    expect(queues).toHaveLength(13);
    expect(queues.filter(({ SqsManagedSseEnabled }) => SqsManagedSseEnabled !== true)).toEqual([]);
    expect(queues.filter(({ RedrivePolicy }) => RedrivePolicy !== undefined)).toHaveLength(6);
    expect(all('AWS::SQS::QueuePolicy')).toHaveLength(13);
    expect(queues.filter(({ FifoQueue }) => FifoQueue === true)).toHaveLength(2);
  });

  test('a message stays hidden six times as long as its function may run, and fails alone', () => {
    const mappings = all('AWS::Lambda::EventSourceMapping');
    expect(mappings).toHaveLength(6);
    for (const mapping of mappings) expect(mapping.FunctionResponseTypes).toEqual(['ReportBatchItemFailures']);
    const hidden = all('AWS::SQS::Queue').flatMap(({ VisibilityTimeout: seconds }) => (seconds ? [seconds] : []));
    expect(hidden.sort()).toEqual([1800, 360, 360, 360, 540, 5400]);
  });

  test('tables and buckets outlive the stack, unless told otherwise', () => {
    const policies = (t: Template) => {
      const found = ['AWS::DynamoDB::Table', 'AWS::S3::Bucket'].flatMap((type) => Object.values(t.findResources(type)));
      return [...new Set(found.map(({ DeletionPolicy }) => DeletionPolicy))];
    };
    expect(policies(template)).toEqual(['Retain']);
    expect(policies(synthesize({ removalPolicy: RemovalPolicy.DESTROY }).template)).toEqual(['Delete']);
  });
});

describe('the functions', () => {
  test('are ten, on ARM, on the current runtime, each with a role and a log group of its own', () => {
    const functions = all('AWS::Lambda::Function');
    const names = functions.map(
      ({ Environment }) => (Environment as { Variables: Record<string, string> }).Variables.POWERTOOLS_SERVICE_NAME,
    );
    expect(names.sort()).toEqual(FUNCTIONS);
    for (const fn of functions) expect(fn).toMatchObject({ Architectures: ['arm64'], Runtime: 'nodejs24.x' });
    expect(new Set(functions.map(({ Role }) => JSON.stringify(Role))).size).toBe(FUNCTIONS.length);
    expect(new Set(functions.map(({ LoggingConfig }) => JSON.stringify(LoggingConfig))).size).toBe(FUNCTIONS.length);
    for (const group of all('AWS::Logs::LogGroup')) expect(group.RetentionInDays).toBe(90);
    for (const role of all('AWS::IAM::Role')) expect(role).not.toHaveProperty('ManagedPolicyArns');
  });

  test('are traced, but for the authorizer that callers wait for', () => {
    const untraced = all('AWS::Lambda::Function').filter(({ TracingConfig }) => TracingConfig === undefined);
    expect(untraced).toHaveLength(1);
    expect(JSON.stringify(untraced)).toContain('authorize-call');
  });

  test('six tasks are scheduled, each with its own role, retries and dead letters', () => {
    const schedules = all('AWS::Scheduler::Schedule') as {
      ScheduleExpression: string;
      Target: Record<string, unknown>;
    }[];
    const tasks = Object.fromEntries(
      schedules.map((s) => [JSON.parse(String(s.Target.Input)).task, s.ScheduleExpression]),
    );
    const [hourly, daily] = ['rate(1 hour)', 'rate(1 day)'];
    const watch = 'cron(1 * * * ? *)';
    const expected = { close: hourly, sweep: daily, evaluate: daily, changes: hourly, invoice: hourly, watch };
    expect(tasks).toEqual(expected);
    expect(new Set(schedules.map(({ Target }) => JSON.stringify(Target.RoleArn))).size).toBe(6);
    for (const { Target } of schedules) {
      expect(Target).toMatchObject({ DeadLetterConfig: expect.anything(), RetryPolicy: expect.anything() });
    }
  });

  test('everybody is looked at as often as the team says, a minute after a whole hour', () => {
    const seldom = JSON.stringify(synthesize({ lookEvery: Duration.hours(6) }).template);
    expect(seldom).toContain('"ScheduleExpression":"cron(1 0/6 * * ? *)"');
    const daily = JSON.stringify(synthesize({ lookEvery: Duration.hours(24) }).template);
    expect(daily).toContain('"ScheduleExpression":"cron(1 0 * * ? *)"');
    expect(() => synthesize({ lookEvery: Duration.hours(5) })).toThrow('lookEvery (5 hours) must be 1, 2, 3');
  });

  test('the hours of watermark and invoicing reach their functions', () => {
    const late = synthesize({ watermarkHours: 30, invoiceDelayHours: 40 }).template;
    const variables = JSON.stringify(properties(late, 'AWS::Lambda::Function'));
    expect(variables).toContain('"WATERMARK_HOURS":"30"');
    expect(variables).toContain('"INVOICE_DELAY_HOURS":"40"');
    const daily = synthesize({ closeEvery: Duration.hours(24) }).template;
    const whenClosed = JSON.stringify(properties(daily, 'AWS::Lambda::Function'));
    expect(whenClosed).toContain('"INVOICE_DELAY_HOURS":"50"');
  });
});

describe('its own API', () => {
  test('takes events signed with IAM, and webhooks that Stripe signs', () => {
    const byAuthorization = (type: string) =>
      all('AWS::ApiGateway::Method').filter(
        ({ AuthorizationType, HttpMethod }) => AuthorizationType === type && HttpMethod === 'POST',
      );
    expect(JSON.stringify(byAuthorization('AWS_IAM'))).toContain('IngressAcceptEvents');
    expect(JSON.stringify(byAuthorization('NONE'))).toContain('InvoicingReceiveStripeEvents');
  });

  test('tells the function who may report what', () => {
    const eventSources = { 'arn:aws:iam::123456789012:role/orders': { sources: ['urn:orders'], meters: ['tokens'] } };
    const { template: t } = synthesize({ eventSources });
    const functions = JSON.stringify(properties(t, 'AWS::Lambda::Function'));
    expect(functions).toContain(JSON.stringify(JSON.stringify(eventSources)));
  });
});

describe('who looks after it', () => {
  test('every dead letter, stream and function is alarmed, to one topic', () => {
    const alarms = all('AWS::CloudWatch::Alarm');
    expect(alarms.filter(({ MetricName }) => MetricName === 'ApproximateNumberOfMessagesVisible')).toHaveLength(7);
    expect(alarms.filter(({ MetricName }) => MetricName === 'ThrottledRecords')).toHaveLength(2);
    expect(alarms.filter(({ MetricName }) => MetricName === 'DeliveryToS3.DataFreshness')).toHaveLength(2);
    expect(alarms.filter(({ MetricName }) => MetricName === 'Errors')).toHaveLength(FUNCTIONS.length - 1);
    for (const alarm of alarms) {
      expect(alarm).not.toHaveProperty('Metrics');
      expect(alarm.AlarmActions).toHaveLength(1);
      expect(alarm.AlarmDescription).toEqual(expect.any(String));
    }
    template.resourceCountIs('AWS::CloudWatch::Dashboard', 1);
  });

  test('everything carries the tags', () => {
    const tagged = JSON.stringify(properties(synthesize({ tags: { team: 'pay' } }).template, 'AWS::DynamoDB::Table'));
    expect(tagged.match(/\{"Key":"team","Value":"pay"\}/g)).toHaveLength(7);
  });

  test('outputs say where to send events and webhooks', () => {
    const outputs = Object.keys(template.toJSON().Outputs).join(' ');
    for (const name of [
      'EventsUrl',
      'StripeWebhookUrl',
      'StripeSecretArn',
      'LedgerBucket',
      'AlarmTopicArn',
      'RestApiId',
    ]) {
      expect(outputs).toContain(name);
    }
  });
});

describe('publishing', () => {
  const ruleset = (rules: string) =>
    Object.values(properties(synthesize({ rules }).template, 'Custom::TollgateRuleset'))[0];
  const cards = { 'rate-cards/free/1.json': '{"id":"free","name":"Free","effectiveFrom":"2026-01-01"}' };

  test('happens when a rule changes, and not otherwise', () => {
    const before = ruleset(scratchFolder({ ...cards, 'meters.json': '{"meters":[]}' }));
    expect(ruleset(scratchFolder({ ...cards, 'meters.json': '{"meters":[]}' }))).toEqual(before);
    expect(ruleset(scratchFolder({ ...cards, 'meters.json': '{"meters":[] }' }))).not.toEqual(before);
    expect(before).toMatchObject({ Commit: FIXED.commit, SourceHash: expect.stringMatching(/^[0-9a-f]{64}$/) });
  });

  test('the rules travel beside the code of the function that publishes them', () => {
    const app = testApp({ context: WITH_ASSETS });
    const rules = scratchFolder({ ...cards, 'meters.json': '{"meters":[]}', 'schema/x.json': '{}' });
    new Monetization(new Stack(app, 'Test'), 'Tollgate', { ...FIXED, rules });
    const { directory } = app.synth();
    const shipped = readdirSync(directory, { recursive: true, encoding: 'utf8' }).filter((path) =>
      path.endsWith('ruleset.json'),
    );
    expect(shipped).toHaveLength(1);
    const { files, commit } = JSON.parse(readFileSync(join(directory, String(shipped[0])), 'utf8'));
    expect(Object.keys(files)).toEqual(['meters.json', 'rate-cards/free/1.json']);
    expect(commit).toBe(FIXED.commit);
  });
});

describe('synth', () => {
  test('gives the same bytes every time, wherever it writes them', () => {
    const digest = () => {
      const app = testApp({ context: WITH_ASSETS, treeMetadata: true });
      new Monetization(new Stack(app, 'Test'), 'Tollgate', FIXED);
      const { directory } = app.synth();
      const hash = createHash('sha256');
      const files = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
      for (const path of files.map(({ parentPath, name }) => join(parentPath, name)).sort()) {
        hash.update(path.slice(directory.length)).update(readFileSync(path));
      }
      return [files.length, hash.digest('hex')];
    };
    // From one place in the code: the manifest says where each construct was made.
    const [first, second] = [1, 2].map(digest);
    expect(first?.[0]).toBeGreaterThan(FUNCTIONS.length);
    expect(second).toEqual(first);
  });

  test('passes the validation against the schemas of CloudFormation', () => {
    const app = testApp({ builtinCloudFormationValidation: true });
    new Monetization(new Stack(app, 'Test'), 'Tollgate', FIXED);
    expect(() => app.synth()).not.toThrow();
  });

  test('says what to run when a function is not bundled', () => {
    const app = testApp({ context: { 'tollgate:lambdas': scratchFolder() } });
    expect(() => new Monetization(new Stack(app, 'Test'), 'Tollgate', FIXED)).toThrow(
      /The function "authorize-call" is not bundled.*npm run build/s,
    );
  });
});
