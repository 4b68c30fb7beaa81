import { App, CfnOutput, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Monetization } from '../../lib/index.ts';

/** The project's own app, with the names that the test needs and a caller of `POST /events` as the emulator sees it. */
const app = new App({ builtinCloudFormationValidation: false });
const stack = new Stack(app, 'Tollgate');
const monetization = new Monetization(stack, 'Tollgate', {
  rules: 'rules',
  exempt: ['/health'],
  removalPolicy: RemovalPolicy.DESTROY,
  // The emulator's user pools do not say their ProviderURL: its place is taken by an issuer that nobody signs in with.
  portal: { issuer: { url: 'https://sign-in.example.com', clientId: 'portal' } },
  eventSources: { 'arn:aws:iam::000000000000:root': { sources: ['urn:backend'], meters: ['tokens'] } },
});
const { access, api, ingress, ledger, metering, portal, pricing, tables } = monetization;
const outputs: Record<string, string> = {
  TestApiId: api.restApiId,
  TestIngressId: ingress.api.restApiId,
  TestDirectoryTable: tables.directory.tableName,
  TestUsageTable: tables.usage.tableName,
  TestLedgerBucket: ledger.bucket.bucketName,
  TestUsageStream: ledger.usageStream.ref,
  TestObjectsQueue: metering.objects.queue.queueUrl,
  TestPortalId: portal?.api.apiId ?? '',
  TestAccessQueue: access.queue.queue.queueUrl,
  TestEvaluationQueue: pricing.evaluations.queue.queueUrl,
};
for (const [name, value] of Object.entries(outputs)) new CfnOutput(stack, name, { value });
