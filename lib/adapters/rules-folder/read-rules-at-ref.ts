import { spawn } from 'node:child_process';
import { posix } from 'node:path';
import { InputError } from '../../domain/input-error.ts';
import type { RulesFiles } from '../../domain/rules/ruleset.ts';
import { isRulesPath, readRulesFolder, withoutMark } from './read-rules-folder.ts';

/** The rules of one commit, and its full id. */
export interface RulesAtRef {
  readonly commit: string;
  readonly files: RulesFiles;
}

/**
 * Reads the rules of a git ref without checking it out.
 * @param options.cwd a folder of the repository
 * @param options.folder the rules folder, from `cwd`
 * @throws InputError `no-such-ref`, `no-such-folder`, or `no-git` where git itself is missing
 */
export async function readRulesAtRef(ref: string, options: { cwd: string; folder: string }): Promise<RulesAtRef> {
  const run = (args: readonly string[], input?: string) => git(options.cwd, args, input);
  const found = await run(['rev-parse', '--verify', '--quiet', '--end-of-options', `${ref}^{commit}`]);
  const commit = found.stdout.toString('utf8').trim();
  if (found.code !== 0 || commit === '') {
    throw new InputError({
      code: 'no-such-ref',
      path: ref,
      message: 'neither a folder nor a git ref of this repository',
      hint: 'in a shallow clone fetch it first: git fetch origin <branch>',
    });
  }
  const prefix = (await run(['rev-parse', '--show-prefix'])).stdout.toString('utf8').trim();
  const folder = posix.join(prefix, options.folder.replaceAll('\\', '/'));
  const listed = await run(['ls-tree', '-r', '-z', '--name-only', '--full-tree', commit, '--', `${folder}/`]);
  const paths = listed.stdout
    .toString('utf8')
    .split('\0')
    .filter((path) => path.startsWith(`${folder}/`) && isRulesPath(path.slice(folder.length + 1)));
  if (paths.length === 0) {
    throw new InputError({
      code: 'no-such-folder',
      path: `${ref}:${folder}`,
      message: 'there are no rules in this commit',
    });
  }
  const blobs = await run(['cat-file', '--batch'], paths.map((path) => `${commit}:${path}\n`).join(''));
  const texts = blobTexts(blobs.stdout);
  return { commit, files: Object.fromEntries(paths.map((path, i) => [path.slice(folder.length + 1), texts[i] ?? ''])) };
}

/**
 * A rules folder, or else a git ref: what `plan --base DIR|REF` and `validate --published DIR|REF` take.
 * @param options.folder where the rules lie in the ref
 */
export async function readRulesFrom(
  source: string,
  options: { cwd: string; folder: string; resolve(path: string): string },
): Promise<{ readonly commit: string; readonly files: RulesFiles }> {
  const files = await readRulesFolder(options.resolve(source)).catch((error: unknown) => {
    if (error instanceof InputError) return null;
    throw error;
  });
  return files === null ? readRulesAtRef(source, options) : { commit: 'uncommitted', files };
}

/** `<id> blob <size>\n<content>\n` for each, in the order asked for. */
function blobTexts(output: Buffer): string[] {
  const texts: string[] = [];
  for (let at = 0; at < output.length; ) {
    const end = output.indexOf(10, at);
    const size = Number(output.toString('utf8', at, end).split(' ')[2]);
    texts.push(withoutMark(output.toString('utf8', end + 1, end + 1 + size)));
    at = end + 1 + size + 1;
  }
  return texts;
}

function git(cwd: string, args: readonly string[], input = ''): Promise<{ code: number | null; stdout: Buffer }> {
  return new Promise((resolve, reject) => {
    const child = spawn('git', args, { cwd, stdio: ['pipe', 'pipe', 'ignore'] });
    const chunks: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.on('error', (error: NodeJS.ErrnoException) =>
      reject(
        error.code === 'ENOENT'
          ? new InputError({ code: 'no-git', message: 'git is not installed', hint: 'name folders instead of refs' })
          : error,
      ),
    );
    child.on('close', (code) => resolve({ code, stdout: Buffer.concat(chunks) }));
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
  });
}
