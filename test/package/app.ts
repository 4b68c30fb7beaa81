/** The files of an empty CDK app that adds `Monetization` to its own API: once as ES module, once as CommonJS, once typed. */
const BODY = `
const app = new App({ outdir: process.argv[2], analyticsReporting: false, builtinCloudFormationValidation: process.argv[3] === 'validated' });
const stack = new Stack(app, 'Shop');
const api = new RestApi(stack, 'Orders', { cloudWatchRole: false });
api.root.addResource('orders').addMethod('GET', new MockIntegration());
const monetization = new Monetization(stack, 'Tollgate', { api, rules: 'rules', commit: 'c0ffee' });
api.root.addResource('later').addMethod('GET', new MockIntegration());
if (monetization.api !== api) throw new Error('the API is another one');
app.synth();
`;

export const APP_FILES: Readonly<Record<string, string>> = {
  'app.mjs': `import { App, Stack } from 'aws-cdk-lib';
import { MockIntegration, RestApi } from 'aws-cdk-lib/aws-apigateway';
import { Monetization } from 'tollgate';
${BODY}`,
  'app.cjs': `const { App, Stack } = require('aws-cdk-lib');
const { MockIntegration, RestApi } = require('aws-cdk-lib/aws-apigateway');
const { Monetization } = require('tollgate');
${BODY}`,
  'typed.mts': `import { Stack } from 'aws-cdk-lib';
import { Monetization, type MonetizationProps } from 'tollgate';
const props: MonetizationProps = { rules: 'rules', exempt: ['/health'], onStoreFailure: 'deny' };
export const parameter: string = new Monetization(new Stack(), 'Tollgate', props).tables.usage.tableName;
// @ts-expect-error a misspelt prop does not compile
new Monetization(new Stack(), 'Tollgate', { rules: 'rules', exmpt: [] });
`,
  'typed.cts': `import { Stack } from 'aws-cdk-lib';
import { Monetization } from 'tollgate';
export const parameter: string = new Monetization(new Stack(), 'Tollgate', { rules: 'rules' }).tables.usage.tableName;
`,
  'tsconfig.json': JSON.stringify({
    compilerOptions: {
      target: 'ES2022',
      lib: ['ES2023'],
      module: 'Node16',
      moduleResolution: 'Node16',
      types: [],
      strict: true,
      skipLibCheck: true,
      noEmit: true,
    },
    files: ['typed.mts', 'typed.cts'],
  }),
};
