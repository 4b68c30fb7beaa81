import { Duration } from 'aws-cdk-lib';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { PortalOptions } from '../../lib/constructs/portal.ts';
import { parseKeptDays } from '../../lib/domain/portal/kept-days.ts';
import { FILE_LIFE_MS } from '../../lib/domain/portal/request.ts';
import { DAY_MS } from '../../lib/domain/time/time.ts';
import { properties, synthesize } from './synthesis.ts';

const issuer = { url: 'https://issuer.example.com', clientId: 'portal' };

/** The environment of the function that serves the pages. */
const served = (portal: PortalOptions) => servedIn(synthesize({ portal }).template);
function servedIn(template: ReturnType<typeof synthesize>['template']): Record<string, unknown> {
  const functions = Object.values(properties(template, 'AWS::Lambda::Function'));
  const variables = functions.map(
    ({ Environment }) => (Environment as { Variables: Record<string, unknown> }).Variables,
  );
  return variables.find((each) => each.POWERTOOLS_SERVICE_NAME === 'serve-portal') ?? {};
}

test.each<{ readonly why: string; readonly portal: PortalOptions; readonly signUp: string }>([
  { why: 'open where the user pool is made here', portal: {}, signUp: 'open' },
  { why: 'by invitation where the issuer may know people who are no customers', portal: { issuer }, signUp: 'invited' },
  { why: 'as the team says', portal: { issuer, signUp: 'open' }, signUp: 'open' },
  { why: 'as the team says', portal: { signUp: 'invited' }, signUp: 'invited' },
])('signing up is $why: $signUp', ({ portal, signUp }) => {
  expect(served(portal)).toMatchObject({ PORTAL_SIGN_UP: signUp, EVALUATION_QUEUE_URL: expect.anything() });
});

interface Rule {
  readonly Id: string;
  readonly Prefix?: string;
  readonly ExpirationInDays?: number;
  readonly NoncurrentVersionExpiration?: { readonly NoncurrentDays: number };
}

test.each([
  { title: 'unless a team says otherwise', props: {}, ledger: 400, logs: 90 },
  {
    title: 'as a team says',
    props: { ledgerRetention: Duration.days(731), logRetention: RetentionDays.ONE_WEEK },
    ...{ ledger: 731, logs: 7 },
  },
])('the page about erasing promises the times that the stack keeps, $title', ({ props, ledger, logs }) => {
  const { template } = synthesize({ portal: {}, notices: { from: 'a@example.com' }, ...props });
  const kept = parseKeptDays(String(servedIn(template).KEPT_DAYS));
  expect(kept).toMatchObject({ ledger, logs });
  const all = (type: string) => Object.values(properties(template, type));
  const rules = all('AWS::S3::Bucket').flatMap(
    ({ LifecycleConfiguration }) => (LifecycleConfiguration as { Rules: Rule[] } | undefined)?.Rules ?? [],
  );
  const rule = (id: string) => rules.find(({ Id }) => Id === id);
  expect(rule('cool-then-expire')).toMatchObject({ ExpirationInDays: kept.ledger });
  expect(rule('quarantine')).toMatchObject({ ExpirationInDays: kept.ledger });
  expect(rule('downloads')).toMatchObject({
    ExpirationInDays: kept.downloads,
    NoncurrentVersionExpiration: { NoncurrentDays: kept.downloadVersions },
  });
  for (const group of all('AWS::Logs::LogGroup')) expect(group.RetentionInDays).toBe(kept.logs);
  for (const table of all('AWS::DynamoDB::Table'))
    expect(table.PointInTimeRecoverySpecification).toEqual({
      PointInTimeRecoveryEnabled: true,
      RecoveryPeriodInDays: kept.backups,
    });
  for (const queue of all('AWS::SQS::Queue')) expect(queue.MessageRetentionPeriod).toBe((kept.queues ?? 0) * 86_400);
  // What the page offers lies there for at least as long as it is offered.
  expect(FILE_LIFE_MS).toBeLessThan((kept.downloads ?? 0) * DAY_MS);
});

test('logs that are kept for ever are said to be', () => {
  const { template } = synthesize({ portal: {}, logRetention: RetentionDays.INFINITE });
  expect(parseKeptDays(String(servedIn(template).KEPT_DAYS)).logs).toBeNull();
});

test.each(['{}', '{"ledger":0}', '{"ledger":"400"}'])('%s is no promise', (text) => {
  expect(() => parseKeptDays(text)).toThrow('KEPT_DAYS');
});
