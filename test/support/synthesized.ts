import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { MonetizationProps } from '../../lib/constructs/monetization.ts';
import { synthesize } from '../../lib/local/cloud/synth.ts';
import type { StackTemplate } from '../../lib/local/cloud/template/template.ts';

const ROOT = join(import.meta.dirname, '../..');
const CACHE = join(ROOT, 'node_modules/.cache/tollgate-synthesized');

/**
 * What `synthesize` makes, made once for all test files and runs of the same sources: each of a dozen files would load the CDK
 * for two seconds of its own. A folder named by the digest of all that the template follows from keeps it.
 */
export async function synthesized(props: MonetizationProps): Promise<StackTemplate> {
  const { rules, ...rest } = props;
  const folder = join(
    CACHE,
    digestOf(['lib', 'package-lock.json'], ROOT),
    digestOf(['.'], rules, JSON.stringify(rest)),
  );
  if (!existsSync(folder)) await make(props, folder);
  const { stackName, template } = JSON.parse(readFileSync(join(folder, 'stack.json'), 'utf8')) as StackTemplate;
  return { stackName, template, assembly: join(folder, 'assembly') };
}

/** Renamed into place when it is whole; of two that make it at once the first one's stays. */
async function make(props: MonetizationProps, folder: string): Promise<void> {
  const { assembly = '', ...stack } = await synthesize(props);
  const ofSources = join(folder, '..');
  mkdirSync(ofSources, { recursive: true });
  const made = mkdtempSync(`${folder}-`);
  cpSync(assembly, join(made, 'assembly'), { recursive: true });
  writeFileSync(join(made, 'stack.json'), JSON.stringify(stack));
  try {
    renameSync(made, folder);
  } catch (error) {
    rmSync(made, { recursive: true });
    if (!existsSync(folder)) throw error;
  }
  for (const other of readdirSync(CACHE)) {
    if (join(CACHE, other) !== ofSources) rmSync(join(CACHE, other), { recursive: true, force: true });
  }
}

/** Of the names and contents of files, in order. */
function digestOf(paths: readonly string[], root: string, ...more: readonly string[]): string {
  const hash = createHash('sha256').update(JSON.stringify(more));
  const add = (path: string): void => {
    if (statSync(join(root, path)).isDirectory()) {
      for (const entry of readdirSync(join(root, path)).sort()) add(join(path, entry));
    } else hash.update(`\0${path}\0`).update(readFileSync(join(root, path)));
  };
  for (const path of paths) add(path);
  return hash.digest('hex').slice(0, 32);
}
