import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { waitAfter } from '../../lib/app/send-notices/retries.ts';
import { THRESHOLDS } from '../../lib/domain/alerts/level.ts';
import { ALERT_KINDS } from '../../lib/domain/alerts/notice.ts';
import { signature, webhookSecret } from '../../lib/domain/alerts/signature.ts';
import { SPIKE_CALLS_MIN } from '../../lib/domain/alerts/spike.ts';

const ROOT = join(import.meta.dirname, '../..');
const PAGE = readFileSync(join(ROOT, 'docs/alerts.md'), 'utf8');
const blockOf = (language: string): string => new RegExp(`\`\`\`${language}\\n(.*?)\`\`\``, 's').exec(PAGE)?.[1] ?? '';

test('the check that customers copy holds for what is posted, and for nothing else', () => {
  const [older, newer, other] = [1, 2, 3].map((n) => webhookSecret(Buffer.alloc(32, 5), 'acme', n)) as [
    ...[string, string, string],
  ];
  const body = blockOf('json');
  const header = signature([newer, older], body, 1_800_000_000_000);
  const asked = [
    [body, header, older, 1_800_000_100],
    [body, header, newer, 1_800_000_100],
    [body, header, other, 1_800_000_100],
    [`${body} `, header, newer, 1_800_000_100],
    [body, header, newer, 1_800_000_301],
    [body, '', newer, 0],
  ];
  // In a process of its own, as customers run it.
  const script = `${blockOf('js')}
console.log(JSON.stringify(${JSON.stringify(asked)}.map((given) => isGenuine(...given))));`;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', script], {
    encoding: 'utf8',
  });
  expect(stderr).toBe('');
  expect(JSON.parse(stdout)).toEqual([true, true, false, false, false, false]);
});

test('the example is as the schema says', () => {
  const schema = JSON.parse(readFileSync(join(ROOT, 'docs/schema/notice.schema.json'), 'utf8'));
  const validate = new Ajv2020({ allErrors: true }).compile(schema);
  expect([validate(JSON.parse(blockOf('json'))), validate.errors]).toEqual([true, null]);
});

test('the numbers are those of the code', () => {
  expect(PAGE).toContain(`${THRESHOLDS.join(', ')} %`);
  expect(PAGE).toContain(`at least ${SPIKE_CALLS_MIN.toLocaleString('en-US')} calls`);
  const attempts = Array.from({ length: 20 }, (_, index) => index + 1).find((attempt) => waitAfter(attempt) === null);
  expect([attempts, /eleven times in all/.test(PAGE)]).toEqual([11, true]);
  for (const kind of ALERT_KINDS)
    expect(PAGE).toContain(`| ${kind.replace('balance', 'prepaid balance').replace('-', ' ')} |`);
});
