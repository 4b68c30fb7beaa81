import { CreateContactListCommand, SESv2Client } from '@aws-sdk/client-sesv2';
import { sesMail } from '../../../lib/adapters/ses-mail/ses-mail.ts';
import { type Cloud, startCloud, VirtualClock } from '../../../lib/local/cloud/index.ts';

const NOW = Date.UTC(2026, 0, 1);
const SET = 'set';
/** A configuration set whose bounces go to a topic with one function. */
const template = {
  Resources: {
    Set: { Type: 'AWS::SES::ConfigurationSet', Properties: { Name: SET } },
    Topic: { Type: 'AWS::SNS::Topic', Properties: {} },
    Destination: {
      Type: 'AWS::SES::ConfigurationSetEventDestination',
      Properties: {
        ConfigurationSetName: { Ref: 'Set' },
        EventDestination: { MatchingEventTypes: ['bounce'], SnsDestination: { TopicARN: { Ref: 'Topic' } } },
      },
    },
    Told: {
      Type: 'AWS::Lambda::Function',
      Properties: { Runtime: 'nodejs24.x', Environment: { Variables: { POWERTOOLS_SERVICE_NAME: 'told' } } },
    },
    Subscription: {
      Type: 'AWS::SNS::Subscription',
      Properties: { Protocol: 'lambda', TopicArn: { Ref: 'Topic' }, Endpoint: { 'Fn::GetAtt': ['Told', 'Arn'] } },
    },
  },
};

let cloud: Cloud;
const told: { Records: { Sns: { Message: string } }[] }[] = [];
beforeEach(async () => {
  told.length = 0;
  cloud = await startCloud({
    templates: [{ stackName: 'Mail', template }],
    functions: { told: () => async (event: never) => void told.push(event) },
    clock: new VirtualClock(NOW),
    seed: 'mail',
  });
});
afterEach(() => cloud.stop());

const client = () => new SESv2Client(cloud.clientConfig('ses'));
const mailer = () => sesMail(client(), { from: 'billing@example.com', configurationSet: SET });
const mail = (to: string) => ({
  ...{ customer: 'acme', to, subject: 'Grüße', text: 'Hallo', html: '<p>Hallo</p>', reference: 'n 1' },
  attachment: { name: 'r.pdf', type: 'application/pdf', content: Buffer.from([0, 255, 10]) },
});

test('a mail is kept as the SDK sent it, its file to the byte', async () => {
  const { outcome, answer } = await mailer().send(mail('ann@example.com'));
  expect([outcome, cloud.mails[0]?.id]).toEqual(['sent', answer]);
  expect(cloud.mails).toEqual([
    {
      ...{ id: answer, at: NOW, from: 'billing@example.com', to: ['ann@example.com'], subject: 'Grüße' },
      ...{ text: 'Hallo', html: '<p>Hallo</p>', headers: { 'X-Tollgate-Notice': 'n 1' }, state: 'delivered' },
      attachments: [{ name: 'r.pdf', type: 'application/pdf', content: Buffer.from([0, 255, 10]) }],
    },
  ]);
  await cloud.settle();
  expect(told).toEqual([]);
});

test('mail to the simulator’s address bounces through the template’s own resources; a complaint that nobody asked for does not', async () => {
  await mailer().send(mail('bounce@simulator.amazonses.com'));
  await mailer().send(mail('complaint@simulator.amazonses.com'));
  await cloud.settle();
  expect(cloud.mails.map(({ state }) => state)).toEqual(['bounced', 'complained']);
  expect(told).toHaveLength(1);
  expect(JSON.parse(told[0]?.Records[0]?.Sns.Message ?? '')).toMatchObject({
    eventType: 'Bounce',
    bounce: { bounceType: 'Permanent', bouncedRecipients: [{ emailAddress: 'bounce@simulator.amazonses.com' }] },
    mail: { tags: { 'ses:configuration-set': [SET], customer: ['acme'] } },
  });
});

test('what it does not know is refused by name', async () => {
  await expect(client().send(new CreateContactListCommand({ ContactListName: 'x' }))).rejects.toThrow(
    /the embedded cloud has no ses POST \/v2\/email\/contact-lists/,
  );
  const other = sesMail(client(), { from: 'billing@example.com', configurationSet: 'other' });
  await expect(other.send(mail('ann@example.com'))).rejects.toThrow(/no configuration set other/);
});

test('a refusal for good is an answer; anything else is for another attempt', async () => {
  const answering = (name: string) =>
    ({ send: async () => Promise.reject(Object.assign(new Error('no'), { name })) }) as unknown as SESv2Client;
  const through = (name: string) =>
    sesMail(answering(name), { from: 'a@b.c', configurationSet: SET }).send(mail('a@b.c'));
  expect(await through('MessageRejected')).toEqual({ outcome: 'refused', answer: 'MessageRejected: no' });
  await expect(through('TooManyRequestsException')).rejects.toThrow('no');
});
