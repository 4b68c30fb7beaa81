import { createHash, createHmac } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Emulator } from './emulator.ts';
import { finish } from './processes.ts';

export type Outputs = Readonly<Record<string, string>>;

export const clientConfig = ({ endpoint }: Emulator) => ({
  endpoint,
  region: 'us-east-1',
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
});

/** The account and Region that the emulator answers for, prepared by the real CDK CLI. */
export async function bootstrap(root: string, { env }: Emulator): Promise<void> {
  const command = join(root, 'node_modules', 'aws-cdk', 'bin', 'cdk');
  const target = 'aws://000000000000/us-east-1';
  await finish(process.execPath, [command, 'bootstrap', target, '--no-notices'], {
    cwd: join(root, '.tollgate'),
    env,
    seconds: 180,
  });
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
