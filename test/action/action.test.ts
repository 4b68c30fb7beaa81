import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { COMPANIES, COMPANIES_USAGE, dearerGrowth, PlanWorld } from '../cli/plan-world.ts';
import { edited, shippedRules } from '../domain/rules/shipped-rules.ts';

/** The steps of action.yml, run by bash as a runner would, on a real repository and against a stand-in for GitHub. */
const ROOT = resolve(import.meta.dirname, '../..');

interface Step {
  readonly id: string | undefined;
  readonly env: readonly (readonly [name: string, expression: string])[];
  readonly run: string;
}

/** Reads the steps by their indentation: the file is ours, and a YAML parser is one more package. */
function stepsOf(text: string): Step[] {
  const steps = text.slice(text.indexOf('  steps:\n') + '  steps:\n'.length).split(/^ {4}- /m);
  return steps.slice(1).map((step) => {
    const [, block] = /^ {6}run: \|\n([\s\S]*)/m.exec(step) ?? [];
    const [, line] = /^ {6}run: (.+)$/m.exec(step) ?? [];
    const [, env = ''] = /^ {6}env:\n((?: {8}.+\n)*)/m.exec(step) ?? [];
    return {
      id: /^id: (\w+)/m.exec(step)?.[1],
      env: [...env.matchAll(/^ {8}(\w+): (.+)$/gm)].map(
        ([, name, value]) => [name as string, value as string] as const,
      ),
      run: block?.replace(/^ {8}/gm, '') ?? line ?? '',
    };
  });
}

/** `${{ inputs.x }}` with its default, and what a runner fills in. */
function evaluate(expression: string, context: Readonly<Record<string, string>>): string {
  return expression.replace(/\$\{\{ *([\w.-]+) *\}\}/g, (_, name: string) => {
    const value = context[name];
    if (value === undefined) throw new Error(`the test does not know ${name}`);
    return value;
  });
}

interface Comment {
  readonly id: number;
  body: string;
}

/** Comments of one pull request, paged as GitHub's are. */
class CommentsApi {
  readonly comments: Comment[] = [];
  readonly requests: string[] = [];
  status = 200;
  #server: Server | undefined;

  async start(): Promise<string> {
    const server = createServer((request, response) => {
      let text = '';
      request.on('data', (chunk) => {
        text += chunk;
      });
      request.on('end', () => {
        const { method = '', url = '', headers } = request;
        this.requests.push(`${method} ${url}`);
        const answer = (status: number, body: unknown) => {
          response.writeHead(status, { 'content-type': 'application/json' });
          response.end(JSON.stringify(body));
        };
        if (headers.authorization !== 'Bearer t0ken') return answer(401, {});
        if (this.status !== 200) return answer(this.status, {});
        answer(method === 'POST' ? 201 : 200, this.#handle(method, new URL(url, 'http://x'), text));
      });
    });
    this.#server = server;
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  #handle(method: string, url: URL, text: string): unknown {
    const shown = (comment: Comment) => ({ ...comment, html_url: `https://example.com/${comment.id}` });
    if (method === 'GET') {
      const [size, page] = [Number(url.searchParams.get('per_page')), Number(url.searchParams.get('page'))];
      return this.comments.slice((page - 1) * size, page * size).map(shown);
    }
    const { body } = JSON.parse(text) as { body: string };
    const known = this.comments.find(({ id }) => url.pathname.endsWith(`/issues/comments/${id}`));
    if (known) {
      known.body = body;
      return shown(known);
    }
    const made = { id: 1_000 + this.comments.length, body };
    this.comments.push(made);
    return shown(made);
  }

  stop(): void {
    this.#server?.close();
  }
}

const git = (cwd: string, ...args: string[]): string =>
  execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.com', ...args], {
    cwd,
    encoding: 'utf8',
  }).trim();

let [repo, api, url, base] = [new PlanWorld(), new CommentsApi(), '', ''];
beforeEach(async () => {
  [repo, api] = [new PlanWorld(), new CommentsApi()];
  url = await api.start();
  git(repo.folder, 'init', '-q', '-b', 'main');
  repo.rules('rules');
  git(repo.folder, 'add', '.');
  git(repo.folder, 'commit', '-qm', 'rules');
  base = git(repo.folder, 'rev-parse', 'HEAD');
  repo.lines('usage.ndjson', COMPANIES_USAGE);
  repo.json('customers.json', COMPANIES);
});
afterEach(() => {
  api.stop();
  repo.remove();
});

/** Runs every step until one fails. */
async function runAction(): Promise<{ code: number; log: string }> {
  const temp = join(repo.folder, '.runner');
  rmSync(temp, { recursive: true, force: true });
  mkdirSync(temp);
  const outputFile = join(temp, 'output');
  writeFileSync(outputFile, '');
  const context: Record<string, string> = {
    'inputs.command': `${process.execPath} --import ${join(ROOT, 'node_modules/tsx/dist/loader.mjs')} ${join(ROOT, 'test/action/plan-command.mts')}`,
    'inputs.base': base,
    'inputs.rules': 'rules',
    'inputs.usage': 'usage.ndjson',
    'inputs.customers': 'customers.json',
    'inputs.period': '',
    'inputs.token': 't0ken',
    'inputs.fail-on-guardrail': 'true',
    'github.event.pull_request.number': '7',
  };
  let log = '';
  for (const { id, env, run } of stepsOf(readFileSync(join(ROOT, 'action.yml'), 'utf8'))) {
    const variables = Object.fromEntries(env.map(([name, value]) => [name, evaluate(value, context)]));
    const { code, output } = await bash(run, {
      ...variables,
      RUNNER_TEMP: temp,
      GITHUB_OUTPUT: outputFile,
      GITHUB_ACTION_PATH: ROOT,
      GITHUB_API_URL: url,
      GITHUB_REPOSITORY: 'acme/prices',
      GITHUB_EVENT_NAME: 'pull_request',
    });
    log += output;
    if (code !== 0) return { code, log };
    for (const [, name, value] of readFileSync(outputFile, 'utf8').matchAll(/^([\w-]+)=(.*)$/gm)) {
      context[`steps.${id}.outputs.${name}`] = value as string;
    }
  }
  return { code: 0, log };
}

/** As a runner does: `bash --noprofile --norc -eo pipefail`. */
function bash(script: string, env: Readonly<Record<string, string>>): Promise<{ code: number; output: string }> {
  return new Promise((done) => {
    const child = spawn('bash', ['--noprofile', '--norc', '-eo', 'pipefail', '-c', script], {
      cwd: repo.folder,
      env: { PATH: process.env.PATH ?? '', HOME: repo.folder, ...env },
    });
    let output = '';
    child.stdout.on('data', (chunk) => {
      output += chunk;
    });
    child.stderr.on('data', (chunk) => {
      output += chunk;
    });
    child.on('close', (code) => done({ code: code ?? -1, output }));
  });
}

test('makes one comment, finds it behind a hundred others, and updates it in place', async () => {
  repo.rules('rules', dearerGrowth());
  api.comments.push(...Array.from({ length: 120 }, (_, id) => ({ id, body: `comment ${id}` })));
  expect(await runAction()).toMatchObject({ code: 0 });
  expect(api.comments).toHaveLength(121);
  expect(api.comments.at(-1)?.body).toMatch(/^<!-- tollgate plan -->\n### tollgate plan: 🟡 Bills change/);
  expect(api.comments.at(-1)?.body).toContain('+12.50 USD');

  repo.rules('rules', dearerGrowth('52.00'));
  expect(await runAction()).toMatchObject({ code: 0 });
  expect(api.comments).toHaveLength(121);
  expect(api.comments.at(-1)?.body).toContain('+7.50 USD');

  const { log } = await runAction();
  expect(log).toContain('the comment is up to date');
  expect(api.requests.filter((request) => !request.startsWith('GET'))).toEqual([
    'POST /repos/acme/prices/issues/7/comments',
    'PATCH /repos/acme/prices/issues/comments/1120',
  ]);
}, 60_000);

test('a failing guardrail fails the job, after the comment is made', async () => {
  repo.rules('rules', dearerGrowth('149.00'));
  const { code, log } = await runAction();
  expect(code).toBe(3);
  expect(log).toContain('::error::tollgate plan: a guardrail fails');
  expect(api.comments[0]?.body).toContain('❌ A guardrail fails');
}, 60_000);

test('rules that are not valid are told in the comment, and fail the job', async () => {
  repo.rules(
    'rules',
    edited(shippedRules(), 'tiers.json', (json) => Object.assign(json, { otherwise: { rateCard: 'fre' } })),
  );
  const { code } = await runAction();
  expect(code).toBe(1);
  expect(api.comments[0]?.body).toContain('The change cannot be priced');
  expect(api.comments[0]?.body).toContain('there is no rate card "fre"');
}, 60_000);

test('a token without the permission is told as such, and never printed', async () => {
  api.status = 403;
  const { code, log } = await runAction();
  expect(code).toBe(1);
  expect(log).toContain('the job needs the permission "pull-requests: write"');
  expect(log).not.toContain('t0ken');
}, 60_000);
