import { App, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Monetization } from '../lib/index.ts';

/**
 * The project's own app: `cdk deploy` makes a demo API with a price. In your own app, give `Monetization` your `RestApi`.
 * `-c tollgate:removal=destroy` lets tables and buckets go with the stack.
 */
// The template is validated against CloudFormation's schemas in the tests: at every synth it would take longer than all the rest.
const app = new App({ builtinCloudFormationValidation: false });
const stack = new Stack(app, 'Tollgate', { description: 'Tollgate: API monetization as code' });
const destroy = app.node.tryGetContext('tollgate:removal') === 'destroy';
new Monetization(stack, 'Tollgate', {
  rules: 'rules',
  exempt: ['/health'],
  removalPolicy: destroy ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN,
});
