import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { finish } from '../deploy/processes.ts';

const MODULE = 'github.com/stripe/stripe-mock';
const VERSION = 'v0.197.0';

/** A tool that this machine does not have. */
export class Unavailable extends Error {}

export interface StripeModule {
  /** Stripe's OpenAPI description. */
  readonly description: string;
  /** The built stripe-mock. */
  readonly mock: string;
}

/**
 * Stripe's own stateless mock, in which its OpenAPI description is embedded, from the Go module proxy into a folder that git
 * ignores. The go command checks its sum. @throws Unavailable where Go or the module cannot be had
 */
export async function obtainStripeModule(root: string): Promise<StripeModule> {
  const home = join(root, '.tollgate', 'go');
  await mkdir(home, { recursive: true });
  const env = {
    ...process.env,
    GOPATH: home,
    GOMODCACHE: join(home, 'mod'),
    GOBIN: join(home, 'bin'),
    GOCACHE: join(home, 'cache'),
    GOFLAGS: '-modcacherw',
    GOTOOLCHAIN: 'local',
  };
  const options = { cwd: home, env, seconds: 300 };
  try {
    await finish('go', ['version'], options);
  } catch (error) {
    throw new Unavailable(`Go (${(error as Error).message.split('\n')[0]})`);
  }
  try {
    const answer = await finish('go', ['mod', 'download', '-json', `${MODULE}@${VERSION}`], options);
    // Progress stands around the answer.
    const { Dir } = JSON.parse(answer.slice(answer.indexOf('{'), answer.lastIndexOf('}') + 1)) as { Dir: string };
    const mock = join(home, 'bin', process.platform === 'win32' ? 'stripe-mock.exe' : 'stripe-mock');
    if (!existsSync(mock)) await finish('go', ['install', `${MODULE}@${VERSION}`], options);
    return { description: join(Dir, 'embedded', 'openapi', 'spec3.json'), mock };
  } catch (error) {
    throw new Unavailable(
      `the Go module ${MODULE} ${VERSION} (${(error as Error).message.split('\n').slice(-2).join(' ')})`,
    );
  }
}
