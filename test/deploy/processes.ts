import { type ChildProcess, spawn } from 'node:child_process';

const running = new Set<ChildProcess>();

/** A process of its own group, so that what it starts can be ended with it. */
export function start(command: string, args: readonly string[], options: { cwd: string; env: NodeJS.ProcessEnv }) {
  const child = spawn(command, args, { ...options, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  running.add(child);
  child.once('exit', () => running.delete(child));
  return child;
}

/** Runs to the end and answers with the output. @throws Error with the output's end, on failure or after `seconds` */
export async function finish(
  command: string,
  args: readonly string[],
  options: { cwd: string; env: NodeJS.ProcessEnv; seconds: number },
): Promise<string> {
  const child = start(command, args, options);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
  const timer = setTimeout(() => end(child), options.seconds * 1000);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  }).finally(() => clearTimeout(timer));
  if (code === 0) return output;
  const why = code === null ? `was ended (limit ${options.seconds} s)` : `ended with ${code}`;
  throw new Error(`${command} ${args.join(' ')} ${why}\n${output.split('\n').slice(-40).join('\n')}`);
}

/** Ends a process and all that it started, at once: the emulator ignores SIGTERM while a custom resource waits. */
export function end(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(process.platform === 'win32' ? child.pid : -child.pid, 'SIGKILL');
  } catch {
    // It is gone already.
  }
}

/** Whatever way this process goes, nothing that it started stays. */
export function endAllOnExit(): void {
  process.on('exit', () => running.forEach(end));
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(130));
}
