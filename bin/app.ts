import { App, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Monetization } from '../lib/index.ts';

/**
 * The project's own app: `cdk deploy` makes a demo API with a price. In your own app, give `Monetization` your `RestApi`.
 * Context: `-c tollgate:removal=destroy` makes everything go with the stack.
 */
const app = new App();
const stack = new Stack(app, 'Tollgate', { description: 'Tollgate: API monetization as code' });
const destroy = app.node.tryGetContext('tollgate:removal') === 'destroy';
new Monetization(stack, 'Tollgate', {
  rules: 'rules',
  exempt: ['/health'],
  removalPolicy: destroy ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN,
});
