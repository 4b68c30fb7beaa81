import { type App, Stack } from 'aws-cdk-lib';
import { AwsSolutionsChecks, type NagPack, ServerlessChecks } from 'cdk-nag';
import { Monetization } from '../../lib/constructs/monetization.ts';
import { FIXED, testApp, WITH_ALL } from './synthesis.ts';

function findings(app: App, pack: NagPack): string[] {
  const { violations } = pack.validateScope(app);
  return violations.flatMap(({ ruleName, violatingResources }) =>
    violatingResources.map((resource) => `${ruleName} at ${resource.constructPath}`),
  );
}

function nagged(): App {
  const app = testApp();
  new Monetization(new Stack(app, 'Test'), 'Tollgate', { ...FIXED, ...WITH_ALL });
  app.synth();
  return app;
}

const PACKS: [string, (app: App) => NagPack][] = [
  ['AwsSolutions', (app) => new AwsSolutionsChecks(app)],
  ['Serverless', (app) => new ServerlessChecks(app)],
];

describe('cdk-nag finds nothing that is not explained beside the resource', () => {
  const app = nagged();
  test.each(PACKS)('%s', (_name, pack) => expect(findings(app, pack(app))).toEqual([]));
});

test('the packs do look: an unexplained wildcard is found', () => {
  const app = testApp();
  const { access, tables } = new Monetization(new Stack(app, 'Test'), 'Tollgate', FIXED);
  access.authorizeCall.allow(['dynamodb:Scan'], [`${tables.usage.tableArn}/index/*`]);
  app.synth();
  const found = findings(app, new AwsSolutionsChecks(app));
  expect(found).toHaveLength(1);
  expect(found[0]).toMatch(
    /^AwsSolutions-IAM5\[Resource::<.*\.Arn>\/index\/\*\] at Test\/Tollgate\/Access\/AuthorizeCall/,
  );
});
