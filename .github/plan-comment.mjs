// Keeps one comment on a pull request up to date: the one that begins with the report's first line, its marker.
// Reads GITHUB_API_URL, GITHUB_REPOSITORY, GITHUB_TOKEN and PULL_REQUEST; the report's path is the only argument.
import { readFile } from 'node:fs/promises';

const PER_PAGE = 100;

const { GITHUB_API_URL = 'https://api.github.com', GITHUB_REPOSITORY, GITHUB_TOKEN, PULL_REQUEST } = process.env;
const [report] = process.argv.slice(2);
if (!GITHUB_REPOSITORY || !GITHUB_TOKEN || !/^\d+$/.test(PULL_REQUEST ?? '') || !report) {
  fail('needs GITHUB_REPOSITORY, GITHUB_TOKEN, PULL_REQUEST and the report: run it on a pull request');
}
const issues = `${GITHUB_API_URL}/repos/${GITHUB_REPOSITORY}/issues`;

const body = await readFile(report, 'utf8');
const [marker] = body.split('\n', 1);
const known = await find();
if (known?.body === body) console.log(`the comment is up to date: ${known.html_url}`);
else {
  const answer = known
    ? await call('PATCH', `${issues}/comments/${known.id}`, { body })
    : await call('POST', `${issues}/${PULL_REQUEST}/comments`, { body });
  console.log(`${known ? 'updated' : 'made'} the comment: ${answer.html_url}`);
}

async function find() {
  for (let page = 1; ; page++) {
    const comments = await call('GET', `${issues}/${PULL_REQUEST}/comments?per_page=${PER_PAGE}&page=${page}`);
    // GitHub may store line ends as CR LF.
    const found = comments.find((comment) => comment.body?.split(/\r?\n/, 1)[0] === marker);
    if (found) return { ...found, body: found.body.replaceAll('\r\n', '\n') };
    if (comments.length < PER_PAGE) return undefined;
  }
}

async function call(method, url, content) {
  const response = await fetch(url, {
    method,
    headers: {
      accept: 'application/vnd.github+json',
      authorization: `Bearer ${GITHUB_TOKEN}`,
      'content-type': 'application/json',
      'x-github-api-version': '2022-11-28',
    },
    ...(content && { body: JSON.stringify(content) }),
  }).catch((error) => fail(`${method} ${url}: ${error.cause?.code ?? error.message}`));
  if (!response.ok) {
    const hint = response.status === 403 ? ' (the job needs the permission "pull-requests: write")' : '';
    fail(`${method} ${url} answers ${response.status}${hint}`);
  }
  return response.json();
}

function fail(message) {
  console.error(`error: plan-comment: ${message}`);
  process.exit(1);
}
