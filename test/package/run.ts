import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { APP_FILES } from './app.ts';

/**
 * `npm run test:package`: what npm would publish, installed in an empty CDK app, synthesizes with plain Node: no esbuild,
 * no Docker, nothing else on the path. Closes with "N passed, M failed, K skipped".
 */
const root = dirname(dirname(import.meta.dirname));
const scratch = mkdtempSync(join(tmpdir(), 'tollgate-package-'));
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }));
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(130));

const counts = { passed: 0, failed: 0 };
function check(name: string, run: () => void): boolean {
  const started = performance.now();
  try {
    run();
    counts.passed += 1;
    console.log(`  ✓ ${name} (${((performance.now() - started) / 1000).toFixed(1)} s)`);
    return true;
  } catch (error) {
    counts.failed += 1;
    const { stderr, stdout } = error as { stderr?: string; stdout?: string };
    console.log(`  ✕ ${name}\n${error instanceof Error ? error.stack : String(error)}\n${stdout ?? ''}${stderr ?? ''}`);
    return false;
  }
}

const app = join(scratch, 'shop');
const nothing = join(scratch, 'nothing');
mkdirSync(app);
mkdirSync(nothing);
const npm = (cwd: string, ...args: string[]) =>
  execFileSync(process.platform === 'win32' ? 'npm.cmd' : 'npm', args, {
    cwd,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    shell: process.platform === 'win32',
  });
/** Plain Node with an empty path: a bundler or Docker could not be found if it were looked for. */
const node = (...args: string[]) =>
  execFileSync(process.execPath, args, {
    cwd: app,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, PATH: nothing, Path: nothing },
  });
const manifest = (path: string) => JSON.parse(readFileSync(path, 'utf8'));

function pack(): void {
  npm(root, 'pack', '--pack-destination', scratch);
  const [tarball] = readdirSync(scratch).filter((name) => name.endsWith('.tgz'));
  assert.ok(tarball);
  const { 'aws-cdk-lib': cdk, constructs } = manifest(join(root, 'package.json')).devDependencies;
  const dependencies = { 'aws-cdk-lib': cdk, constructs, tollgate: `file:../${tarball}` };
  writeFileSync(
    join(app, 'package.json'),
    JSON.stringify({ name: 'shop', version: '1.0.0', private: true, dependencies }),
  );
  for (const [name, text] of Object.entries(APP_FILES)) writeFileSync(join(app, name), text);
}

function install(): void {
  npm(app, 'install', '--prefer-offline', '--no-audit', '--no-fund', '--no-progress', '--ignore-scripts');
  const installed = join(app, 'node_modules', 'tollgate');
  assert.deepEqual(
    ['bin', 'lib', 'lambdas', 'test'].filter((folder) => existsSync(join(installed, folder))),
    [],
    'only what is built is packed',
  );
  assert.equal(existsSync(join(app, 'node_modules', 'esbuild')), false, 'esbuild is not installed');
  cpSync(join(installed, 'rules'), join(app, 'rules'), { recursive: true });
}

function template(outdir: string): Record<string, { Type: string; Properties: Record<string, unknown> }> {
  return manifest(join(app, outdir, 'Shop.template.json')).Resources;
}

function synthesizes(file: string, outdir: string, ...options: string[]): void {
  node(file, outdir, ...options);
  const resources = Object.values(template(outdir));
  const methods = resources.filter(({ Type }) => Type === 'AWS::ApiGateway::Method');
  const guarded = methods.filter(({ Properties }) => Properties.AuthorizationType === 'CUSTOM');
  assert.equal(guarded.length, 2, 'both methods of the app are guarded');
  // Those of the portal and of bounced mail come with their settings.
  assert.equal(resources.filter(({ Type }) => Type === 'AWS::Lambda::Function').length, 12);
}

const COMMAND = join('node_modules', 'tollgate', 'dist', 'bin', 'tollgate.js');

function plans(): void {
  const period = { start: '2026-10-01T00:00:00Z', end: '2026-11-01T00:00:00Z' };
  const usage = ['acme', 'bolt', 'corp', 'dent'].map((customer, n) => {
    const records = [{ meter: 'api-calls', hour: '2026-10-05T09:00:00Z', quantity: String(10 ** (n + 2)) }];
    return `${JSON.stringify({ customer, period, usage: records })}\n`;
  });
  writeFileSync(join(app, 'usage.ndjson'), usage.join(''));
  const plan = (jobs: string) =>
    node(
      COMMAND,
      ...['plan', '--base', 'rules', '--head', 'rules', '--usage', 'usage.ndjson'],
      '--jobs',
      jobs,
      '--format',
      'json',
    );
  const one = plan('1');
  assert.equal(JSON.parse(one).summary.customers, usage.length);
  assert.equal(plan('2'), one);
}

if (check('npm pack', pack) && check('npm install in an empty CDK app', install)) {
  check('synthesizes as an ES module', () => synthesizes('app.mjs', 'out-esm', 'validated'));
  check('synthesizes as CommonJS', () => synthesizes('app.cjs', 'out-cjs'));
  check('both make the same template', () => assert.deepEqual(template('out-cjs'), template('out-esm')));
  check('its types are found from ES modules and from CommonJS', () => {
    node(join(root, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', '.');
  });
  check('the command starts', () => {
    const { version } = manifest(join(root, 'package.json'));
    assert.equal(node(COMMAND, '--version').trim(), version);
  });
  check('tollgate plan prices in threads too, as it does in one', plans);
}
console.log(`${counts.passed} passed, ${counts.failed} failed, 0 skipped`);
process.exit(counts.failed > 0 ? 1 : 0);
