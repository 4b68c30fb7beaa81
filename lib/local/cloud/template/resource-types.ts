import { createHash } from 'node:crypto';

/** What the names of a resource are made of. Every value is resolved. */
export interface Named {
  readonly logicalId: string;
  readonly stack: string;
  readonly region: string;
  readonly account: string;
  readonly properties: Readonly<Record<string, unknown>>;
}

export interface ResourceType {
  /** What `Ref` gives. */
  ref(resource: Named): string;
  /** What `Fn::GetAtt` gives; any other attribute is refused. */
  readonly attributes: Readonly<Record<string, (resource: Named) => string>>;
}

/** Ten characters that stay with the logical id, like the ids of API Gateway. */
export const shortId = (...parts: string[]): string =>
  BigInt(`0x${createHash('sha256').update(parts.join('\0')).digest('hex')}`)
    .toString(36)
    .slice(0, 10);

const named =
  (property: string, fallback = (r: Named) => `${r.stack}-${r.logicalId}`) =>
  (r: Named): string => {
    const name = r.properties[property];
    return typeof name === 'string' && name !== '' ? name : fallback(r);
  };
const arn =
  (service: string, path: (r: Named) => string) =>
  (r: Named): string =>
    `arn:aws:${service}:${r.region}:${r.account}:${path(r)}`;
const id = (r: Named): string => shortId(r.stack, r.logicalId);
const plain = (ref: (r: Named) => string, attributes: ResourceType['attributes'] = {}): ResourceType => ({
  ref,
  attributes,
});

const functionName = named('FunctionName');
const functionArn = arn('lambda', (r) => `function:${functionName(r)}`);
const bucketName = named('BucketName', (r) => `${r.stack}-${r.logicalId}`.toLowerCase());
const queueName = named(
  'QueueName',
  (r) => `${r.stack}-${r.logicalId}${r.properties.FifoQueue === true ? '.fifo' : ''}`,
);
const streamName = named('DeliveryStreamName');
const tableName = named('TableName');
const topicArn = arn('sns', named('TopicName'));
const secretArn = arn('secretsmanager', (r) => `secret:${named('Name')(r)}-${shortId(r.logicalId).slice(0, 6)}`);
const roleName = named('RoleName');
const roleArn = (r: Named) => `arn:aws:iam::${r.account}:role/${roleName(r)}`;
const logGroup = named('LogGroupName');
const alarmName = named('AlarmName');
const keyId = (r: Named) => `${id(r)}-key`;

/** Types that the embedded cloud runs. */
export const LIVE: Readonly<Record<string, ResourceType>> = {
  'AWS::ApiGateway::RestApi': plain(id, {
    RootResourceId: (r) => shortId(r.stack, r.logicalId, 'root'),
    RestApiId: id,
  }),
  'AWS::ApiGateway::Resource': plain(id, { ResourceId: id }),
  'AWS::ApiGateway::Method': plain(id),
  'AWS::ApiGateway::Deployment': plain(id, { DeploymentId: id }),
  'AWS::ApiGateway::Stage': plain(named('StageName')),
  'AWS::ApiGateway::Authorizer': plain(id, { AuthorizerId: id }),
  'AWS::ApiGateway::UsagePlan': plain(id, { Id: id }),
  'AWS::ApiGateway::ApiKey': plain(id, { APIKeyId: id }),
  'AWS::ApiGateway::UsagePlanKey': plain(id, { Id: id }),
  'AWS::ApiGateway::GatewayResponse': plain(id, { Id: id }),
  'AWS::ApiGateway::RequestValidator': plain(id, { RequestValidatorId: id }),
  'AWS::Lambda::Function': plain(functionName, { Arn: functionArn }),
  'AWS::Lambda::EventSourceMapping': plain(id, { Id: id }),
  'AWS::Lambda::EventInvokeConfig': plain(id),
  'AWS::S3::Bucket': plain(bucketName, {
    Arn: (r) => `arn:aws:s3:::${bucketName(r)}`,
    DomainName: (r) => `${bucketName(r)}.s3.amazonaws.com`,
    RegionalDomainName: (r) => `${bucketName(r)}.s3.${r.region}.amazonaws.com`,
  }),
  'AWS::SQS::Queue': plain((r) => `https://sqs.${r.region}.amazonaws.com/${r.account}/${queueName(r)}`, {
    Arn: arn('sqs', queueName),
    QueueName: queueName,
    QueueUrl: (r) => `https://sqs.${r.region}.amazonaws.com/${r.account}/${queueName(r)}`,
  }),
  'AWS::KinesisFirehose::DeliveryStream': plain(streamName, {
    Arn: arn('firehose', (r) => `deliverystream/${streamName(r)}`),
  }),
  'AWS::Scheduler::Schedule': plain(named('Name'), {
    Arn: arn('scheduler', (r) => `schedule/${named('GroupName', () => 'default')(r)}/${named('Name')(r)}`),
  }),
  'AWS::DynamoDB::Table': plain(tableName, { Arn: arn('dynamodb', (r) => `table/${tableName(r)}`) }),
  'AWS::DynamoDB::GlobalTable': plain(tableName, { Arn: arn('dynamodb', (r) => `table/${tableName(r)}`) }),
  'AWS::SecretsManager::Secret': plain(secretArn, { Id: secretArn }),
  'AWS::SES::ConfigurationSet': plain(named('Name')),
  'AWS::SES::ConfigurationSetEventDestination': plain(id, { Id: id }),
  'AWS::SNS::Subscription': plain(id),
  'AWS::SNS::Topic': plain(topicArn, { TopicArn: topicArn, TopicName: named('TopicName') }),
  'AWS::SSM::Parameter': plain(named('Name'), {
    Value: (r) => String(r.properties.Value),
    Type: (r) => String(r.properties.Type),
  }),
  'AWS::CloudFormation::CustomResource': plain((r) => `${r.stack}-${r.logicalId}`),
};

/**
 * Types that are known and do nothing here: permissions (IAM is not evaluated), watching, encryption, and what describes
 * rather than acts. Their names and ARNs resolve, so that others may mention them.
 */
export const INERT: Readonly<Record<string, ResourceType>> = {
  'AWS::CDK::Metadata': plain(id),
  'AWS::ApiGateway::Account': plain(id),
  'AWS::ApiGateway::DocumentationPart': plain(id),
  'AWS::ApiGateway::DocumentationVersion': plain(id),
  'AWS::ApiGateway::Model': plain(named('Name')),
  // The portal's own API and its users: its pages are served here without them, by lib/local/site.tsx.
  'AWS::ApiGatewayV2::Api': plain(id, {
    ApiId: id,
    ApiEndpoint: (r) => `https://${id(r)}.execute-api.${r.region}.amazonaws.com`,
  }),
  'AWS::ApiGatewayV2::Integration': plain(id),
  'AWS::ApiGatewayV2::Route': plain(id),
  'AWS::ApiGatewayV2::Stage': plain(named('StageName')),
  'AWS::Cognito::UserPool': plain((r) => `${r.region}_${id(r)}`, {
    Arn: arn('cognito-idp', (r) => `userpool/${r.region}_${id(r)}`),
    UserPoolId: (r) => `${r.region}_${id(r)}`,
    ProviderName: (r) => `cognito-idp.${r.region}.amazonaws.com/${r.region}_${id(r)}`,
    ProviderURL: (r) => `https://cognito-idp.${r.region}.amazonaws.com/${r.region}_${id(r)}`,
  }),
  'AWS::Cognito::UserPoolClient': plain(id, { ClientId: id }),
  'AWS::Cognito::UserPoolDomain': plain(named('Domain')),
  'AWS::CloudWatch::Alarm': plain(alarmName, { Arn: arn('cloudwatch', (r) => `alarm:${alarmName(r)}`) }),
  'AWS::CloudWatch::CompositeAlarm': plain(alarmName, { Arn: arn('cloudwatch', (r) => `alarm:${alarmName(r)}`) }),
  'AWS::CloudWatch::Dashboard': plain(named('DashboardName')),
  'AWS::IAM::Role': plain(roleName, { Arn: roleArn, RoleId: id }),
  'AWS::IAM::Policy': plain(id),
  'AWS::IAM::ManagedPolicy': plain((r) => `arn:aws:iam::${r.account}:policy/${r.logicalId}`),
  'AWS::KMS::Key': plain(keyId, { Arn: arn('kms', (r) => `key/${keyId(r)}`), KeyId: keyId }),
  'AWS::KMS::Alias': plain(named('AliasName')),
  'AWS::Lambda::Permission': plain(id),
  'AWS::Lambda::LayerVersion': plain(arn('lambda', (r) => `layer:${r.logicalId}:1`)),
  'AWS::Logs::LogGroup': plain(logGroup, { Arn: arn('logs', (r) => `log-group:${logGroup(r)}:*`) }),
  'AWS::Logs::LogStream': plain(named('LogStreamName')),
  'AWS::Logs::MetricFilter': plain(id),
  'AWS::Logs::QueryDefinition': plain(id),
  'AWS::S3::BucketPolicy': plain(id),
  'AWS::SQS::QueuePolicy': plain(id),
  'AWS::SNS::TopicPolicy': plain(id),
  'AWS::Scheduler::ScheduleGroup': plain(named('Name'), {
    Arn: arn('scheduler', (r) => `schedule-group/${named('Name')(r)}`),
  }),
  'AWS::SecretsManager::ResourcePolicy': plain(id),
  'AWS::XRay::Group': plain(id),
  'AWS::ResourceGroups::Group': plain(id),
  'AWS::Budgets::Budget': plain(id),
};

/** Custom resources of the CDK's own that have nothing to do here. */
export const INERT_CUSTOM: readonly string[] = ['Custom::S3AutoDeleteObjects', 'Custom::LogRetention'];

export const isCustom = (type: string): boolean =>
  type === 'AWS::CloudFormation::CustomResource' || type.startsWith('Custom::');

export function resourceType(type: string): ResourceType | undefined {
  return LIVE[type] ?? INERT[type] ?? (isCustom(type) ? LIVE['AWS::CloudFormation::CustomResource'] : undefined);
}
