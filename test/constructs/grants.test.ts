import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { CLOSE_LAG, FUNCTION_COUNTS } from '../../lib/constructs/observability.ts';
import { ALL_FUNCTIONS, properties, ROOT, synthesize, WITH_ALL } from './synthesis.ts';

/**
 * The emulator does not enforce IAM, so what a function may do is held against what its code can do: every action that its
 * adapters use is granted, unless written down here as never reached, and none is granted that no code uses.
 */
const NEVER_REACHED: Readonly<Record<string, readonly string[]>> = {
  // Puts lines into quarantine, and reads no objects.
  'accept-events': ['s3:GetObject', 's3:ListBucketVersions'],
  // Closed usage and rulesets are read by many through adapters that also write: closing and publishing do.
  'evaluate-customers': ['dynamodb:BatchWriteItem', 's3:ListBucketVersions', 's3:PutObject'],
  // Reads what others count, close, decide and invoice; counts no attempts.
  'fulfil-requests': ['dynamodb:BatchWriteItem', 'dynamodb:UpdateItem', 's3:ListBucketVersions'],
  'invoice-customer': ['dynamodb:BatchWriteItem', 's3:ListBucketVersions'],
  'meter-usage': ['dynamodb:GetItem', 'dynamodb:PutItem', 's3:ListBucketVersions'],
  'publish-rules': ['s3:ListBucketVersions'],
  // Reads what others count, close, decide and invoice.
  'serve-portal': ['dynamodb:BatchWriteItem', 's3:ListBucketVersions', 's3:PutObject'],
  // Marks addresses and changes profiles, through adapters that also list and forget.
  'receive-bounces': ['dynamodb:DeleteItem', 'dynamodb:Query'],
  'receive-stripe-events': ['s3:ListBucketVersions'],
  // Reads what reports are made of, which others count, close, decide and invoice.
  'send-notices': [
    'dynamodb:BatchWriteItem',
    'dynamodb:DeleteItem',
    'dynamodb:UpdateItem',
    's3:ListBucketVersions',
    's3:PutObject',
  ],
  // Looks at invoices and rulesets, and writes neither.
  'start-invoicing': ['s3:ListBucketVersions', 's3:PutObject'],
  // Rates what others count and close; what is sent is nothing that it writes to.
  'watch-usage': [
    'dynamodb:BatchWriteItem',
    'dynamodb:DeleteItem',
    'dynamodb:UpdateItem',
    's3:ListBucketVersions',
    's3:PutObject',
  ],
};

const read = (file: string) => readFileSync(file, 'utf8');

/** All sources that a file loads: relative imports, but for those of types only. */
function loaded(file: string, seen = new Set<string>()): Set<string> {
  if (seen.has(file)) return seen;
  seen.add(file);
  for (const [, clause, path] of read(file).matchAll(/^(?:import|export)\s+([^;]*?)from '(\.[^']+)';/gms)) {
    if (clause?.trimStart().startsWith('type ') || path === undefined) continue;
    const target = resolve(dirname(file), path);
    if (existsSync(target)) loaded(target, seen);
  }
  return seen;
}

const CONTROL_PLANE: Readonly<Record<string, string>> = {
  CreateApiKey: 'apigateway:POST /apikeys',
  GetApiKeys: 'apigateway:GET /apikeys',
  DeleteApiKey: 'apigateway:DELETE /apikeys/*',
  CreateUsagePlanKey: 'apigateway:POST /usageplans/*/keys',
  GetUsagePlanKey: 'apigateway:GET /usageplans/*/keys/*',
  DeleteUsagePlanKey: 'apigateway:DELETE /usageplans/*/keys/*',
  GetUsage: 'apigateway:GET /usageplans/*/usage',
  UpdateUsage: 'apigateway:PATCH /usageplans/*/keys/*/usage',
  FlushStageAuthorizersCache: 'apigateway:DELETE /restapis/*/stages/*/cache/authorizers',
};
const SERVICES: Readonly<Record<string, string>> = {
  '@aws-sdk/client-dynamodb': 'dynamodb',
  '@aws-sdk/client-s3': 's3',
  '@aws-sdk/client-sqs': 'sqs',
  '@aws-sdk/client-ssm': 'ssm',
  '@aws-sdk/client-firehose': 'firehose',
  '@aws-sdk/client-secrets-manager': 'secretsmanager',
  '@aws-sdk/client-sesv2': 'ses',
};
/** Where IAM's name for an operation is not the operation's. */
const RENAMED: Readonly<Record<string, string>> = {
  's3:ListObjectVersions': 's3:ListBucketVersions',
  'sqs:SendMessageBatch': 'sqs:SendMessage',
};

/** The actions that an adapter's source uses. */
function actionsOf(file: string): string[] {
  const source = read(file);
  const [, client] = /from '(@aws-sdk\/client-[a-z0-9-]+)'/.exec(source) ?? [];
  if (client === undefined) return [];
  const operations = [...source.matchAll(/new ([A-Z]\w*)Command\(|\bpaginate([A-Z]\w*)\(/g)].map(
    ([, a, b]) => a ?? b ?? '',
  );
  return operations.map((operation) => {
    if (client === '@aws-sdk/client-api-gateway') return CONTROL_PLANE[operation] ?? `unknown ${operation}`;
    const action = `${SERVICES[client] ?? `unknown ${client}`}:${operation}`;
    return RENAMED[action] ?? action;
  });
}

function used(name: string): string[] {
  const files = [...loaded(join(ROOT, 'lambdas', name, 'handler.ts'))];
  return [...new Set(files.filter((file) => file.includes('adapters')).flatMap(actionsOf))].sort();
}

/** What every function has besides: its log, its traces, its queue. S3 tells "not there" from "not allowed" by ListBucket. */
const PLUMBING =
  /^(logs|xray):|^sqs:(ReceiveMessage|ChangeMessageVisibility|GetQueueUrl|DeleteMessage|GetQueueAttributes)$|^s3:ListBucket$|^s3:GetObjectVersion$/;

const { template } = synthesize(WITH_ALL);
const policies = Object.values(properties(template, 'AWS::IAM::Policy'));
const functions = Object.values(properties(template, 'AWS::Lambda::Function'));

function functionNamed(name: string): Record<string, unknown> {
  const found = functions.find(({ Environment }) =>
    JSON.stringify(Environment).includes(`"POWERTOOLS_SERVICE_NAME":"${name}"`),
  );
  if (found === undefined) throw new Error(`no function ${name} in the template`);
  return found;
}

function granted(name: string): string[] {
  const fn = functionNamed(name);
  const role = (fn.Role as { 'Fn::GetAtt': [string] })['Fn::GetAtt'][0];
  const statements = policies
    .filter(({ Roles }) => JSON.stringify(Roles).includes(`"${role}"`))
    .flatMap(
      ({ PolicyDocument }) =>
        (PolicyDocument as { Statement: { Action: string | string[]; Resource: unknown }[] }).Statement,
    );
  const actions = statements.flatMap(({ Action, Resource }) =>
    [Action].flat().map((action) => (action.startsWith('apigateway:') ? `${action} ${pathOf(Resource)}` : action)),
  );
  return [...new Set(actions)].filter((action) => !PLUMBING.test(action)).sort();
}

/** `arn:…:apigateway:…::/apikeys` -> `/apikeys` */
const pathOf = (resource: unknown) => /"::(\/[^"]+)"/.exec(JSON.stringify(resource))?.[1] ?? '?';

test.each(ALL_FUNCTIONS)('%s is granted nothing that its code does not use', (name) => {
  const can = used(name);
  expect(can.length).toBeGreaterThan(0);
  expect(granted(name).filter((action) => !can.includes(action))).toEqual([]);
});

test.each(ALL_FUNCTIONS)('%s is granted what its code uses', (name) => {
  const may = granted(name);
  const missing = used(name).filter((action) => !may.includes(action));
  expect(missing).toEqual(NEVER_REACHED[name] ?? []);
});

test.each(ALL_FUNCTIONS)('%s has the settings that its code asks for, and no others', (name) => {
  const asked = new Set(
    [...loaded(join(ROOT, 'lambdas', name, 'index.ts'))].flatMap((file) =>
      [...read(file).matchAll(/(?:requireEnv\(\s*[^,]+,|\benv\(|\benv\.|\.env\.)\s*'?([A-Z][A-Z_]+)/g)].map(
        ([, variable]) => variable,
      ),
    ),
  );
  const fn = functionNamed(name);
  const { Variables } = fn.Environment as { Variables: Record<string, unknown> };
  const given = Object.keys(Variables).filter((key) => key !== 'AWS_NODEJS_CONNECTION_REUSE_ENABLED');
  asked.delete('LAMBDA_TASK_ROOT'); // set by Lambda itself
  expect(given.sort()).toEqual([...asked].sort());
});

test.each([...FUNCTION_COUNTS, CLOSE_LAG])('$service counts $name, which is alarmed', ({ service, name }) => {
  const sources = [...loaded(join(ROOT, 'lambdas', service, 'handler.ts'))].map(read);
  expect(sources.some((source) => source.includes(`metrics.count('${name}'`))).toBe(true);
});
