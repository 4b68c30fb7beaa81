// Lets `npm start` and `npm test` be the first command in a fresh clone: installs once, and again when the lock file changes.
import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
// npm writes this file at the end of an install: older than the lock file means that an install is due.
const installed = `${root}node_modules/.package-lock.json`;
const fresh =
  existsSync(installed) && statSync(installed).mtimeMs >= statSync(`${root}package-lock.json`).mtimeMs - 1000;

if (!fresh) {
  console.error('Installing dependencies (only the first time) …');
  // One command line through the shell: npm is a .cmd file on Windows. `install`, since `ci` fails where a registry lacks an optional platform package.
  const { status } = spawnSync('npm install --no-audit --no-fund --loglevel=error', {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    shell: true,
  });
  if (status !== 0) {
    console.error('error: npm install failed; see the lines above, then run this command again');
    process.exit(1);
  }
}
