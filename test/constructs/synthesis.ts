import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { App, type AppProps, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { LAMBDAS_CONTEXT } from '../../lib/constructs/lambda-code.ts';
import { Monetization, type MonetizationProps } from '../../lib/constructs/monetization.ts';

export const ROOT = resolve(import.meta.dirname, '../..');
export const RULES = join(ROOT, 'rules');

export const FUNCTIONS = [
  'accept-events',
  'authorize-call',
  'close-hours',
  'evaluate-customers',
  'invoice-customer',
  'meter-usage',
  'provision-access',
  'publish-rules',
  'receive-stripe-events',
  'send-notices',
  'start-invoicing',
  'watch-usage',
];

/** With those that are only made when asked for: `WITH_ALL` asks for them. */
export const ALL_FUNCTIONS = [...FUNCTIONS, 'fulfil-requests', 'receive-bounces', 'serve-portal'];

/** Everything that these tests write goes here, and goes away with the test file. */
const scratch = mkdtempSync(join(tmpdir(), 'tollgate-constructs-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

export function scratchFolder(files: Readonly<Record<string, string>> = {}): string {
  const folder = mkdtempSync(join(scratch, 'f'));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(folder, path, '..'), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

/** The functions' code does not matter to a template, so that these tests need no build. */
const bundles = scratchFolder(
  Object.fromEntries(ALL_FUNCTIONS.map((name) => [`${name}/index.mjs`, `export const handler = '${name}';\n`])),
);

/** What a look at the template does not need: copies of the code, the rules beside it, where each construct was made. */
const QUICK = {
  'aws:cdk:disable-asset-staging': true,
  'aws:cdk:bundling-stacks': [],
  'aws:cdk:disable-stack-trace': true,
};
/** For tests that look at what lies beside the template. */
export const WITH_ASSETS = { 'aws:cdk:disable-asset-staging': false, 'aws:cdk:bundling-stacks': ['**'] };

export function testApp(props: AppProps = {}): App {
  return new App({
    outdir: scratchFolder(),
    analyticsReporting: false,
    builtinCloudFormationValidation: false,
    treeMetadata: false,
    ...props,
    context: { [LAMBDAS_CONTEXT]: bundles, ...QUICK, ...props.context },
  });
}

export const FIXED: MonetizationProps = { rules: RULES, commit: '0123456789abcdef0123456789abcdef01234567' };

export const WITH_ALL: Partial<MonetizationProps> = {
  portal: {},
  notices: { from: 'billing@example.com' },
};

/** A stack with a `Monetization` in it, and its template. */
export function synthesize(props: Partial<MonetizationProps> = {}): { monetization: Monetization; template: Template } {
  const stack = new Stack(testApp(), 'Test');
  const monetization = new Monetization(stack, 'Tollgate', { ...FIXED, ...props });
  return { monetization, template: Template.fromStack(stack) };
}

/** Resources of a type, as the template has them. */
export function properties(template: Template, type: string): Record<string, Record<string, unknown>> {
  const found = template.findResources(type);
  return Object.fromEntries(Object.entries(found).map(([id, resource]) => [id, resource.Properties]));
}
