import { spawn } from 'node:child_process';
import fs, { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { PassThrough } from 'node:stream';
import { dev } from '../../lib/cli/dev-run.ts';
import { parseMonth } from '../../lib/domain/time/time.ts';
import { serveMonth } from '../../lib/local/serve.ts';
import { startShop, stopShops } from '../e2e/shop.ts';

const ROOT = resolve(import.meta.dirname, '../..');

describe('npm start where a port is taken', () => {
  const servers: Server[] = [];
  afterAll(async () => {
    for (const server of servers) await new Promise((done) => server.close(done));
    await stopShops();
  });
  const listen = (port: number) =>
    new Promise<Server | undefined>((done) => {
      const server = createServer();
      server.once('error', () => done(undefined));
      server.listen(port, '127.0.0.1', () => done(server));
    });
  const portOf = (server: Server) => (server.address() as { port: number }).port;

  /**
   * Takes a port whose neighbour is free, below those that systems hand out by themselves: a neighbour found free there
   * could be another test's connection a moment later.
   */
  async function takenPort(): Promise<number> {
    for (let tries = 0; tries < 20; tries++) {
      const server = await listen(20_000 + 2 * ((process.pid + tries) % 5_000));
      if (!server) continue;
      servers.push(server);
      const neighbour = await listen(portOf(server) + 1);
      if (!neighbour) continue;
      await new Promise((done) => neighbour.close(done));
      return portOf(server);
    }
    throw new Error('no two free ports side by side');
  }

  test('it is named with what to do, and the other port is given back', async () => {
    const { tollgate, clock } = await startShop({ start: Date.UTC(2026, 0, 30, 12) });
    const month = {
      ...{
        tollgate,
        clock,
        period: parseMonth('2026-01'),
        answers: new Map<number, number>(),
        remark: null,
        goOn: null,
      },
      sample: { customer: 'acme', key: 'x', path: '/search' },
    };
    const port = await takenPort();
    await expect(serveMonth(month, { port, speed: 60 })).rejects.toMatchObject({
      ...{ code: 'port-taken', message: `port ${port} is in use by another program` },
      hint: 'choose another one, or 0 for any free port',
    });
    const gateway = await listen(port + 1);
    expect(gateway).toBeDefined();
    if (gateway) servers.push(gateway);
  }, 60_000);
});

test('npm start on a full disk says so in one line, and what to do', async () => {
  const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
  const write = jest.spyOn(fs, 'writeFileSync').mockImplementation(() => {
    throw full;
  });
  try {
    const flags = {
      rules: 'rules',
      month: '2026-10',
      seed: 'full',
      format: 'combined',
      serve: false,
      port: '0',
      speed: '60',
    };
    const io = {
      ...{ stdout: new PassThrough(), stderr: new PassThrough(), stdin: new PassThrough(), env: {}, cwd: ROOT },
      ...{ isTerminal: { stdout: false, stderr: false }, clock: { now: () => 0 }, exitCode: 0 },
      signal: new AbortController().signal,
    };
    await expect(dev(flags, io)).rejects.toMatchObject({
      code: 'disk-full',
      message: expect.stringContaining('the disk is full'),
      hint: expect.stringContaining('TMPDIR'),
    });
  } finally {
    write.mockRestore();
  }
});

function isAlive(group: number): boolean {
  try {
    return process.kill(group, 0);
  } catch (error) {
    expect((error as NodeJS.ErrnoException).code).toBe('ESRCH');
    return false;
  }
}

/** From before the program has read its arguments until it lives the month. */
describe.each([120, 900, 2_600, 5_000])('Ctrl-C %d ms after npm start', (delayMs) => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tollgate-ctrl-c-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  test('ends with 130 and leaves no process and no temporary folder', async () => {
    const child = spawn(process.execPath, ['--import', 'tsx', 'bin/tollgate.ts', 'dev', '--port', '0'], {
      ...{ cwd: ROOT, detached: true, stdio: ['ignore', 'pipe', 'pipe'] },
      env: { ...process.env, TMPDIR: folder },
    });
    let stderr = '';
    child.stderr?.on('data', (text) => {
      stderr += text;
    });
    const group = -(child.pid as number);
    const ended = new Promise<{ code: number | null; signal: string | null }>((done) =>
      child.once('close', (code, signal) => done({ code, signal })),
    );
    await new Promise((done) => setTimeout(done, delayMs));
    // As a terminal does: to everything in the foreground.
    process.kill(group, 'SIGINT');
    const { code, signal } = await ended;
    // Before Node has run our first line it dies of the signal, which a shell calls 130 as well.
    expect(signal === 'SIGINT' ? 130 : code).toBe(130);
    expect(stderr).not.toContain('fault in tollgate');
    // The compiler that tsx had started got the signal too; on a busy machine it is seen to be gone a moment later.
    for (let turn = 0; turn < 1_000 && isAlive(group); turn++) await new Promise((done) => setTimeout(done, 10));
    expect(isAlive(group)).toBe(false);
    // tsx keeps what it compiled, as it does for every program.
    expect(readdirSync(folder).filter((name) => !/^(tsx-|node-compile-cache)/.test(name))).toEqual([]);
  }, 60_000);
});
