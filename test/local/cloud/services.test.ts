import { CloudFormationCustomResourceCreateSchema } from '@aws-lambda-powertools/parser/schemas/cloudformation-custom-resource';
import { DynamoDBClient, GetItemCommand, ListTablesCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { GetSecretValueCommand, PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import type { CloudFormationCustomResourceEvent } from 'aws-lambda';
import type { Runtime } from '../../../lib/app/runtime.ts';
import { HOUR_MS, MINUTE_MS } from '../../../lib/domain/time/time.ts';
import { arnOf, cloudOf, lambda, recorder, ref, START } from './small-cloud.ts';

describe('schedules', () => {
  const schedule = (properties: object) => ({
    Type: 'AWS::Scheduler::Schedule',
    Properties: {
      FlexibleTimeWindow: { Mode: 'OFF' },
      Target: { Arn: arnOf('Task'), RoleArn: 'r', Input: '{"task":"close"}' },
      ...properties,
    },
  });

  test('pass their input to the function at each of their times', async () => {
    const { events, create } = recorder();
    const cloud = await cloudOf(
      { Task: lambda('task'), Hourly: schedule({ ScheduleExpression: 'rate(1 hour)' }) },
      { functions: { task: create } },
    );
    await cloud.clock.advanceBy(3 * HOUR_MS);
    expect(events).toEqual([{ task: 'close' }, { task: 'close' }, { task: 'close' }]);
  });

  test('say their time where the input asks for it', async () => {
    const { events, create } = recorder();
    const Target = { Arn: arnOf('Task'), RoleArn: 'r', Input: '{"at":"<aws.scheduler.scheduled-time>"}' };
    const cloud = await cloudOf(
      { Task: lambda('task'), Daily: schedule({ ScheduleExpression: 'cron(30 2 * * ? *)', Target }) },
      { functions: { task: create } },
    );
    await cloud.clock.advanceBy(24 * HOUR_MS);
    expect(events).toEqual([{ at: '2026-01-16T02:30:00Z' }]);
  });

  test('can send to a queue, and stay still while disabled', async () => {
    const cloud = await cloudOf({
      Queue: { Type: 'AWS::SQS::Queue' },
      Hourly: schedule({
        ScheduleExpression: 'rate(1 hour)',
        Target: { Arn: arnOf('Queue'), RoleArn: 'r', Input: '{"a":1}' },
      }),
      Off: schedule({
        ScheduleExpression: 'rate(1 minute)',
        State: 'DISABLED',
        Target: { Arn: arnOf('Queue'), RoleArn: 'r' },
      }),
    });
    await cloud.clock.advanceBy(HOUR_MS);
    expect(
      cloud
        .queue('Queue')
        .contents()
        .map(({ body }) => body),
    ).toEqual(['{"a":1}']);
  });

  test('are retried a minute and two minutes later when the function fails, then left in its dead letters', async () => {
    const at: number[] = [];
    const create = (runtime: Runtime) => () => {
      at.push(runtime.clock.now() - START - HOUR_MS);
      throw new Error('no');
    };
    const cloud = await cloudOf(
      {
        Dead: { Type: 'AWS::SQS::Queue' },
        Task: lambda('task', { DeadLetterConfig: { TargetArn: arnOf('Dead') } }),
        Hourly: schedule({ ScheduleExpression: 'rate(1 hour)', EndDate: '2026-01-15T11:30:00Z' }),
      },
      { functions: { task: create } },
    );
    await cloud.clock.advanceBy(2 * HOUR_MS);
    expect(at).toEqual([0, MINUTE_MS, 3 * MINUTE_MS]);
    expect(
      cloud
        .queue('Dead')
        .contents()
        .map(({ body }) => body),
    ).toEqual(['{"task":"close"}']);
  });

  test('can be doubled and lost', async () => {
    const { events, create } = recorder();
    const copies = [2, 0];
    const cloud = await cloudOf(
      { Task: lambda('task'), Hourly: schedule({ ScheduleExpression: 'rate(1 hour)' }) },
      { functions: { task: create }, faults: { copies: () => copies.shift() ?? 1 } },
    );
    await cloud.clock.advanceBy(2 * HOUR_MS);
    expect(events).toHaveLength(2);
  });
});

describe('secrets and parameters', () => {
  const SECRET = {
    Type: 'AWS::SecretsManager::Secret',
    Properties: {
      Name: 'stripe',
      GenerateSecretString: { SecretStringTemplate: '{"user":"u"}', GenerateStringKey: 'password' },
    },
  };

  test('a secret is generated from the seed, or given', async () => {
    const value = async (options: object) => {
      const cloud = await cloudOf({ Secret: SECRET }, options);
      const client = new SecretsManagerClient(cloud.clientConfig('secretsmanager'));
      return (await client.send(new GetSecretValueCommand({ SecretId: 'stripe' }))).SecretString;
    };
    const generated = await value({});
    expect(JSON.parse(generated ?? '')).toEqual({ user: 'u', password: expect.stringMatching(/^[0-9a-f]{32}$/) });
    expect(await value({})).toBe(generated);
    expect(await value({ seed: 'other' })).not.toBe(generated);
    expect(await value({ secrets: { Secret: '{"apiKey":"sk_test_x"}' } })).toBe('{"apiKey":"sk_test_x"}');
  });

  test('a new value is current, the one before stays readable', async () => {
    const cloud = await cloudOf({ Secret: SECRET }, { secrets: { stripe: 'one' } });
    const client = new SecretsManagerClient(cloud.clientConfig('secretsmanager'));
    const { ARN } = await client.send(new PutSecretValueCommand({ SecretId: 'stripe', SecretString: 'two' }));
    const read = async (VersionStage?: string) =>
      (await client.send(new GetSecretValueCommand({ SecretId: ARN, VersionStage }))).SecretString;
    expect([await read(), await read('AWSPREVIOUS')]).toEqual(['two', 'one']);
  });

  test('what is not there is not found, and a value for a secret that is not there is an error', async () => {
    const cloud = await cloudOf({ Secret: SECRET });
    const client = new SecretsManagerClient(cloud.clientConfig('secretsmanager'));
    await expect(client.send(new GetSecretValueCommand({ SecretId: 'lost' }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
    await expect(cloudOf({ Secret: SECRET }, { secrets: { lost: 'x' } })).rejects.toThrow('no secret lost');
  });

  test('a parameter has the resolved value of the template', async () => {
    const cloud = await cloudOf({
      Queue: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'q' } },
      Parameter: {
        Type: 'AWS::SSM::Parameter',
        Properties: { Name: '/a/b', Type: 'String', Value: { 'Fn::Join': ['', ['{"url":"', ref('Queue'), '"}']] } },
      },
    });
    const client = new SSMClient(cloud.clientConfig('ssm'));
    const { Parameter } = await client.send(new GetParameterCommand({ Name: '/a/b' }));
    expect(JSON.parse(Parameter?.Value ?? '')).toEqual({ url: cloud.queue('Queue').url });
    await expect(client.send(new GetParameterCommand({ Name: '/a' }))).rejects.toMatchObject({
      name: 'ParameterNotFound',
    });
  });
});

describe('custom resources', () => {
  const resources = {
    Publish: lambda('publish'),
    Rules: { Type: 'Custom::Rules', Properties: { ServiceToken: arnOf('Publish'), ServiceTimeout: '300', Count: 2 } },
  };
  const reporting = (report: object | undefined) => async (event: CloudFormationCustomResourceEvent) => {
    if (report) await fetch(event.ResponseURL, { method: 'PUT', body: JSON.stringify(report) });
  };

  test('are created by an event of the shape that CloudFormation sends', async () => {
    const { events, create } = recorder(reporting({ Status: 'SUCCESS' }) as (event: never) => unknown);
    await cloudOf(resources, { functions: { publish: create } });
    expect(CloudFormationCustomResourceCreateSchema.parse(events[0])).toMatchObject({
      ResourceType: 'Custom::Rules',
      LogicalResourceId: 'Rules',
      ResourceProperties: { Count: '2' },
    });
  });

  test.each([
    [
      'reports a failure',
      reporting({ Status: 'FAILED', Reason: 'bad rules' }),
      /Rules \(Custom::Rules\) was not created: bad rules/,
    ],
    ['reports nothing', reporting(undefined), /did not report to the ResponseURL/],
    [
      'throws',
      async () => {
        throw new Error('crashed');
      },
      /was not created: crashed/,
    ],
  ])('fail the start when the function %s', async (_, answer, message) => {
    await expect(
      cloudOf(resources, { functions: { publish: () => answer as (event: never) => unknown } }),
    ).rejects.toThrow(message);
  });
});

describe('tables', () => {
  const Table = {
    Type: 'AWS::DynamoDB::Table',
    Properties: {
      TableName: 'usage',
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [
        { AttributeName: 'pk', AttributeType: 'S' },
        { AttributeName: 'sk', AttributeType: 'S' },
      ],
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
    },
  };
  const Key = { pk: { S: 'a' }, sk: { S: 'b' } };

  test('are made from the template and keep what is written', async () => {
    const cloud = await cloudOf({ Table });
    expect(cloud.dynamo.endpoint).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    const client = new DynamoDBClient(cloud.clientConfig('dynamodb'));
    expect((await client.send(new ListTablesCommand({}))).TableNames).toEqual(['usage']);
    const count = () =>
      client.send(
        new UpdateItemCommand({
          TableName: 'usage',
          Key,
          UpdateExpression: 'ADD calls :n, src :object',
          ConditionExpression: 'NOT contains(src, :hash)',
          ExpressionAttributeValues: { ':n': { N: '2' }, ':object': { SS: ['h1'] }, ':hash': { S: 'h1' } },
        }),
      );
    await count();
    await expect(count()).rejects.toMatchObject({ name: 'ConditionalCheckFailedException' });
    expect((await client.send(new GetItemCommand({ TableName: 'usage', Key }))).Item).toMatchObject({
      calls: { N: '2' },
    });
  });

  test('can lose the answer of a write that was made', async () => {
    let crashes = 1;
    const cloud = await cloudOf(
      { Table },
      {
        faults: {
          after: ({ operation }) => {
            if (operation === 'UpdateItem' && crashes-- > 0) throw new Error('crashed');
          },
        },
      },
    );
    const client = new DynamoDBClient(cloud.clientConfig('dynamodb'));
    const add = new UpdateItemCommand({
      TableName: 'usage',
      Key,
      UpdateExpression: 'ADD calls :n',
      ExpressionAttributeValues: { ':n': { N: '1' } },
    });
    await expect(client.send(add)).rejects.toThrow('crashed');
    await client.send(add);
    expect((await client.send(new GetItemCommand({ TableName: 'usage', Key }))).Item?.calls).toEqual({ N: '2' });
  });

  test('with a stream are refused by name', async () => {
    const streaming = {
      ...Table,
      Properties: { ...Table.Properties, StreamSpecification: { StreamViewType: 'NEW_IMAGE' } },
    };
    await expect(cloudOf({ Table: streaming })).rejects.toThrow(/Table \(AWS::DynamoDB::Table\) StreamSpecification/);
  });
});

describe('functions', () => {
  test('get a runtime with the environment, clock and counts of their own', async () => {
    const create = (runtime: Runtime) => async () => {
      runtime.metrics.count('Seen', 2);
      await runtime.sleep?.(50);
      return { url: runtime.env.QUEUE_URL, now: runtime.clock.now(), id: runtime.random.hex(4) };
    };
    const Environment = { Variables: { POWERTOOLS_SERVICE_NAME: 'task', QUEUE_URL: ref('Queue') } };
    const cloud = await cloudOf(
      { Queue: { Type: 'AWS::SQS::Queue' }, Task: lambda('task', { Environment }) },
      { functions: { task: create } },
    );
    const outcome = await cloud.invoke('task', {});
    expect(outcome).toEqual({
      ok: true,
      value: { url: cloud.queue('Queue').url, now: START + 50, id: expect.stringMatching(/^[0-9a-f]{8}$/) },
    });
    expect(cloud.counts()).toEqual({ 'task/Seen': 2 });
    expect(cloud.runtime.env.QUEUE_URL).toBe(cloud.queue('Queue').url);
  });

  test('keep what they hold in memory until they are restarted', async () => {
    const create = () => {
      let calls = 0;
      return () => ++calls;
    };
    const cloud = await cloudOf({ Task: lambda('task') }, { functions: { task: create } });
    const value = async () => ((await cloud.invoke('task', {})) as { value: unknown }).value;
    expect([await value(), await value()]).toEqual([1, 2]);
    cloud.restart('task');
    expect(await value()).toBe(1);
  });

  test('that nobody registered are refused by name', async () => {
    await expect(
      cloudOf({ Task: lambda('lost') }, { functions: { task: () => () => undefined } }),
    ).rejects.toMatchObject({
      message: 'Task: no function is registered for POWERTOOLS_SERVICE_NAME "lost"',
      hint: 'registered are: task',
    });
  });
});
