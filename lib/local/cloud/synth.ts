import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { MonetizationProps } from '../../constructs/monetization.ts';
import type { StackTemplate } from './template/template.ts';

/** The service names of the project's functions; see docs/architecture.md. */
export const FUNCTION_NAMES = [
  'accept-events',
  'authorize-call',
  'close-hours',
  'evaluate-customers',
  'fulfil-requests',
  'invoice-customer',
  'meter-usage',
  'provision-access',
  'publish-rules',
  'receive-bounces',
  'receive-stripe-events',
  'send-notices',
  'serve-portal',
  'start-invoicing',
  'watch-usage',
] as const;

const made = new Map<string, Promise<StackTemplate>>();

/**
 * Synthesizes the project's own app in this process: the template that `cdk deploy` would send, with the rules that it would
 * publish. It takes about a second and a half and is kept for the life of the process.
 *
 * The functions are not bundled: the embedded cloud runs their sources, and only what lies beside a bundle (the rules) is
 * read from the assembly.
 *
 * @throws Error from the constructs, for a rules folder they cannot work with
 */
export function synthesize(props: MonetizationProps): Promise<StackTemplate> {
  const key = JSON.stringify(props);
  let template = made.get(key);
  if (!template) {
    template = synthesizeNow({ ...props, rules: resolve(props.rules) });
    made.set(key, template);
    template.catch(() => made.delete(key));
  }
  return template;
}

async function synthesizeNow(props: MonetizationProps): Promise<StackTemplate> {
  const [{ App, Stack }, { Monetization }, { LAMBDAS_CONTEXT }] = await Promise.all([
    import('aws-cdk-lib'),
    import('../../constructs/monetization.ts'),
    import('../../constructs/lambda-code.ts'),
  ]);
  const folder = scratchFolder();
  const bundles = join(folder, 'lambdas');
  for (const name of FUNCTION_NAMES) {
    mkdirSync(join(bundles, name), { recursive: true });
    writeFileSync(join(bundles, name, 'index.mjs'), `// ${name} runs from its source here.\n`);
  }
  const app = new App({
    outdir: join(folder, 'assembly'),
    analyticsReporting: false,
    // cdk synth and one test keep it; here it would take three times as long as the rest.
    builtinCloudFormationValidation: false,
    context: { [LAMBDAS_CONTEXT]: bundles, '@aws-cdk/aws-apigateway:usagePlanKeyOrderInsensitiveId': true },
  });
  const stack = new Stack(app, 'Tollgate');
  new Monetization(stack, 'Tollgate', props);
  const assembly = app.synth();
  return {
    stackName: stack.stackName,
    template: assembly.getStackByName(stack.stackName).template,
    assembly: assembly.directory,
  };
}

/** Goes away with the process. */
function scratchFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tollgate-synth-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
