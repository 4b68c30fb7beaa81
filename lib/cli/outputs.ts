import { InputError } from '../domain/input-error.ts';

/** Where commands look when they are told nothing. */
export const OUTPUTS_FILE = '.tollgate/outputs.json';

/** What a command cannot do without; the names of {@link Monetization}'s outputs. */
const REQUIRED = [
  'DirectoryTable',
  'UsageTable',
  'RulesetsTable',
  'DecisionsTable',
  'InvoicesTable',
  'LedgerBucket',
  'RecordsBucket',
  'AccessQueueUrl',
  'EvaluationQueueUrl',
  'InvoiceQueueUrl',
  'StripeSecretArn',
] as const;
const OPTIONAL = [
  'IdentitiesTable',
  'EventsStream',
  'ApiParameter',
  'WatermarkHours',
  'InvoiceDelayHours',
  'InvoicingSettings',
  'EventsUrl',
  'StripeWebhookUrl',
  'AlarmTopicArn',
  'TollgateEndpoint',
  'StripeEndpoint',
] as const;

type Required = (typeof REQUIRED)[number];
type Optional = (typeof OPTIONAL)[number];

export interface StackOutputs {
  readonly name: string;
  readonly values: Readonly<Record<Required, string> & Partial<Record<Optional, string>>>;
}

/**
 * Reads the file that `cdk deploy --outputs-file` writes: stack -> output -> value. CDK names an output after its path in
 * the app and eight hex digits (`TollgateLedgerBucketF1E4A5B2`), so that it is found by its ending.
 *
 * @throws InputError `no-outputs`, `unknown-stack`, `missing-output`
 */
export function readOutputs(text: string, file: string, wanted: string | undefined): StackOutputs {
  const stacks = parse(text, file);
  const name = wanted ?? onlyStack(stacks, file);
  const stack = stacks[name];
  if (stack === undefined) {
    const known = Object.keys(stacks).join(', ');
    throw new InputError({
      code: 'unknown-stack',
      path: '--stack',
      message: `${file} has no stack ${name}`,
      hint: `it has ${known}`,
    });
  }
  const values: Partial<Record<Required | Optional, string>> = {};
  for (const output of [...REQUIRED, ...OPTIONAL]) {
    const value = outputOf(stack, output, file);
    if (value !== undefined) values[output] = value;
  }
  const missing = REQUIRED.filter((output) => values[output] === undefined);
  if (missing.length > 0) {
    throw new InputError({
      code: 'missing-output',
      path: '--outputs',
      message: `${name} has no output ${missing.join(', ')}`,
      hint: 'deploy it again with this version of tollgate',
    });
  }
  return { name, values: values as StackOutputs['values'] };
}

type Stacks = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

function parse(text: string, file: string): Stacks {
  try {
    const read: unknown = JSON.parse(text);
    if (
      read !== null &&
      typeof read === 'object' &&
      Object.values(read).every((s) => s !== null && typeof s === 'object')
    )
      return read as Stacks;
  } catch {}
  const message = `${file} is not what cdk deploy --outputs-file writes`;
  throw new InputError({ code: 'no-outputs', path: '--outputs', message });
}

function onlyStack(stacks: Stacks, file: string): string {
  const found = Object.keys(stacks).filter((name) =>
    REQUIRED.some((output) => namesOf(stacks[name], output).length > 0),
  );
  const [only] = found;
  if (only !== undefined && found.length === 1) return only;
  const message =
    found.length === 0 ? `no stack in ${file} holds a Tollgate` : `several stacks in ${file} hold a Tollgate`;
  throw new InputError({
    code: 'unknown-stack',
    path: '--stack',
    message,
    ...(found.length === 0 ? {} : { hint: `choose one: ${found.join(', ')}` }),
  });
}

const namesOf = (stack: Stacks[string] | undefined, output: string): string[] =>
  Object.keys(stack ?? {}).filter((key) => new RegExp(`${output}(?:[0-9A-F]{8})?$`).test(key));

function outputOf(stack: Stacks[string], output: string, file: string): string | undefined {
  const names = namesOf(stack, output);
  if (names.length > 1) {
    const message = `${file} has ${output} more than once: ${names.join(', ')}`;
    throw new InputError({ code: 'unknown-stack', path: '--outputs', message, hint: 'one Tollgate a stack, please' });
  }
  const value = names[0] === undefined ? undefined : stack[names[0]];
  return typeof value === 'string' ? value : undefined;
}
