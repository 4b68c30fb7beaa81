import { createHash, createHmac } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import type { Emulator } from './emulator.ts';
import { finish } from './processes.ts';

export type Outputs = Readonly<Record<string, string>>;

const BOOTSTRAP_VERSION = '30';

export const clientConfig = ({ endpoint }: Emulator) => ({
  endpoint,
  region: 'us-east-1',
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
});

/** What `cdk bootstrap` leaves that a deployment asks for: the bucket for assets and the version. It takes 0.1 s instead of 40. */
export async function bootstrap(emulator: Emulator): Promise<void> {
  const config = clientConfig(emulator);
  const Bucket = 'cdk-hnb659fds-assets-000000000000-us-east-1';
  await new S3Client({ ...config, forcePathStyle: true }).send(new CreateBucketCommand({ Bucket }));
  const Name = '/cdk-bootstrap/hnb659fds/version';
  await new SSMClient(config).send(new PutParameterCommand({ Name, Value: BOOTSTRAP_VERSION, Type: 'String' }));
}

function cdk(root: string, { env }: Emulator, ...args: string[]): Promise<string> {
  const app = ['--app', 'node --import tsx test/deploy/app.ts', '--output', '.tollgate/deploy/cdk.out', '--no-notices'];
  const command = join(root, 'node_modules', 'aws-cdk', 'bin', 'cdk');
  return finish(process.execPath, [command, ...args, ...app], { cwd: root, env, seconds: 180 });
}

export async function deploy(root: string, emulator: Emulator): Promise<Outputs> {
  const file = join(root, '.tollgate', 'deploy', 'outputs.json');
  await cdk(root, emulator, 'deploy', '--require-approval', 'never', '--progress', 'events', '--outputs-file', file);
  const { Tollgate } = JSON.parse(await readFile(file, 'utf8')) as { Tollgate: Outputs };
  return Tollgate;
}

export const destroy = (root: string, emulator: Emulator) => cdk(root, emulator, 'destroy', '--force');

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest();

/** Signature Version 4 of a POST, as AWS documents it; the credentials are the emulator's. */
export function signed(url: URL, body: string, now: Date): Record<string, string> {
  const time = now.toISOString().replace(/[-:]|\.\d{3}/g, '');
  const scope = `${time.slice(0, 8)}/us-east-1/execute-api/aws4_request`;
  const headers = { host: url.host, 'x-amz-date': time };
  const names = Object.keys(headers).join(';');
  const lines = Object.entries(headers).map(([name, value]) => `${name}:${value}\n`);
  const request = ['POST', url.pathname, '', lines.join(''), names, sha256(body)].join('\n');
  const key = scope.split('/').reduce<string | Buffer>((secret, part) => hmac(secret, part), 'AWS4test');
  const signature = hmac(key, ['AWS4-HMAC-SHA256', time, scope, sha256(request)].join('\n')).toString('hex');
  const authorization = `AWS4-HMAC-SHA256 Credential=test/${scope}, SignedHeaders=${names}, Signature=${signature}`;
  return { 'x-amz-date': time, authorization };
}
