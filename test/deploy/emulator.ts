import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { finish, start } from './processes.ts';

const VERSION = '1.5.33';

export class Unavailable extends Error {}

export interface Emulator {
  readonly endpoint: string;
  /** Settings under which the AWS SDK and the CDK CLI talk to it. */
  readonly env: NodeJS.ProcessEnv;
  readonly log: () => string;
}

/** MiniStack in a Python environment of the project's own, made once. @throws Unavailable where it cannot be had */
export async function installEmulator(root: string): Promise<string> {
  const venv = join(root, '.tollgate', `ministack-${VERSION}`);
  const bin = join(venv, process.platform === 'win32' ? 'Scripts' : 'bin');
  const options = { cwd: root, env: process.env, seconds: 300 };
  if (existsSync(join(venv, '.complete'))) return bin;
  const python = process.platform === 'win32' ? 'python' : 'python3';
  await mkdir(join(root, '.tollgate'), { recursive: true });
  await rm(venv, { recursive: true, force: true });
  try {
    await finish(python, ['-m', 'venv', venv], options);
  } catch (error) {
    throw new Unavailable(`Python 3 with venv (${(error as Error).message.split('\n')[0]})`);
  }
  try {
    await finish(join(bin, 'pip'), ['install', '--quiet', `ministack==${VERSION}`, 'boto3', 'duckdb'], options);
  } catch (error) {
    throw new Unavailable(
      `MiniStack ${VERSION} from PyPI (${(error as Error).message.split('\n').slice(-2).join(' ')})`,
    );
  }
  await writeFile(join(venv, '.complete'), '');
  return bin;
}

/** Starts it on a free port of 127.0.0.1, with nothing kept from an earlier run. */
export async function startEmulator(root: string, bin: string): Promise<Emulator> {
  const home = join(root, '.tollgate', 'deploy');
  await rm(home, { recursive: true, force: true });
  for (const folder of ['tmp', 's3', 'state']) await mkdir(join(home, folder), { recursive: true });
  // Its workers are CommonJS in files called .js, which the project's own package.json would make ES modules of.
  await writeFile(join(home, 'package.json'), '{"type":"commonjs"}\n');
  const port = await freePort();
  const endpoint = `http://127.0.0.1:${port}`;
  const env = {
    ...process.env,
    AWS_ENDPOINT_URL: endpoint,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_REGION: 'us-east-1',
    AWS_DEFAULT_REGION: 'us-east-1',
    NODE_OPTIONS: '--disable-warning=NodeVersionSupportWarning',
  };
  const child = start(join(bin, 'ministack'), [], {
    cwd: home,
    env: {
      ...env,
      BIND_HOST: '127.0.0.1',
      GATEWAY_PORT: String(port),
      IOT_MTLS_ENABLED: '0',
      SFTP_ENABLED: '0',
      LAMBDA_EXECUTOR: 'local',
      LAMBDA_STRICT: '0',
      TMPDIR: join(home, 'tmp'),
      S3_DATA_DIR: join(home, 's3'),
      STATE_DIR: join(home, 'state'),
      PERSIST_STATE: '0',
    },
  });
  let log = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (log += chunk));
  await ready(endpoint, () => log);
  return { endpoint, env, log: () => log };
}

async function ready(endpoint: string, log: () => string): Promise<void> {
  for (let attempt = 0; attempt < 120; attempt++) {
    const up = await fetch(`${endpoint}/_ministack/ready`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (up) return;
    await sleep(500);
  }
  throw new Error(`MiniStack did not start within a minute:\n${log().slice(-2000)}`);
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() =>
        typeof address === 'object' && address !== null ? resolve(address.port) : reject(new Error('no port')),
      );
    });
  });
}
