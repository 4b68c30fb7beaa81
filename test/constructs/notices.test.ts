import { LEASE_MS } from '../../lib/app/send-notices/retries.ts';
import { properties, synthesize } from './synthesis.ts';

const FROM = 'billing@mail.example.com';
const variablesOf = (template: ReturnType<typeof synthesize>['template'], service: string): Record<string, unknown> => {
  const functions = Object.values(properties(template, 'AWS::Lambda::Function'));
  const found = functions.find(({ Environment }) => JSON.stringify(Environment).includes(`"${service}"`));
  return (found?.Environment as { Variables: Record<string, unknown> } | undefined)?.Variables ?? {};
};

test('without mail nothing of SES is made: alerts stand on the pages and go to webhooks', () => {
  const { template, monetization } = synthesize();
  const types = Object.values(template.toJSON().Resources as Record<string, { Type: string }>).map(({ Type }) => Type);
  expect(types.filter((type) => type.startsWith('AWS::SES'))).toEqual([]);
  expect(monetization.notices.receiveBounces).toBeUndefined();
  expect(variablesOf(template, 'send-notices')).not.toHaveProperty('MAIL_FROM');
  expect(JSON.stringify(properties(template, 'AWS::IAM::Policy'))).not.toContain('ses:');
});

test('mail leaves by one identity and one configuration set, which reports bounces and complaints to one function', () => {
  const { template } = synthesize({ notices: { from: FROM } });
  expect(variablesOf(template, 'send-notices')).toMatchObject({
    MAIL_FROM: FROM,
    MAIL_CONFIGURATION_SET: expect.anything(),
  });
  const policies = JSON.stringify(properties(template, 'AWS::IAM::Policy'));
  for (const name of [`identity/${FROM}`, 'identity/mail.example.com', 'configuration-set/'])
    expect(policies).toContain(name);
  expect(policies).not.toContain('identity/*');
  const [destination] = Object.values(properties(template, 'AWS::SES::ConfigurationSetEventDestination'));
  expect(destination?.EventDestination).toMatchObject({ MatchingEventTypes: ['bounce', 'complaint'], Enabled: true });
  const subscriptions = Object.values(properties(template, 'AWS::SNS::Subscription'));
  expect(subscriptions).toMatchObject([{ Protocol: 'lambda', RedrivePolicy: expect.anything() }]);
});

test('an identity of its own is the one that may send, for a domain verified above the address', () => {
  const { template } = synthesize({ notices: { from: FROM, identity: 'example.com' } });
  expect(JSON.stringify(properties(template, 'AWS::IAM::Policy'))).toContain('identity/example.com');
});

test('what is no address is refused at synthesis', () => {
  expect(() => synthesize({ notices: { from: 'example.com' } })).toThrow(
    /notices.from \(example.com\) must be an e-mail address/,
  );
});

test('mail and links lead to the portal, where there is one', () => {
  const origin = 'https://portal.example.com';
  const withPortal = synthesize({ portal: { origin }, notices: { from: FROM } }).template;
  expect(variablesOf(withPortal, 'send-notices').PORTAL_ORIGIN).toBe(origin);
  expect(variablesOf(withPortal, 'serve-portal').MAIL_FROM).toBe(FROM);
  expect(variablesOf(synthesize().template, 'send-notices')).not.toHaveProperty('PORTAL_ORIGIN');
});

test('an attempt to deliver is held for longer than a function that made it can live', () => {
  const { template } = synthesize();
  const functions = Object.values(properties(template, 'AWS::Lambda::Function'));
  const sending = functions.find(({ Environment }) => JSON.stringify(Environment).includes('"send-notices"'));
  expect(Number(sending?.Timeout) * 1_000).toBeLessThan(LEASE_MS);
});
