import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import {
  memoryAlertSettings,
  memoryBounces,
  memoryDeliveries,
  memoryNoticeQueue,
  memoryNotices,
} from '../../../lib/adapters/memory/notices.ts';
import type { Mail } from '../../../lib/app/ports/mailer.ts';
import type { NoticeMessage } from '../../../lib/app/ports/notices.ts';
import type { WebhookRequest } from '../../../lib/app/ports/webhook-sender.ts';
import { parseMailEvent } from '../../../lib/app/send-notices/mail-event.ts';
import type { SendingPorts } from '../../../lib/app/send-notices/ports.ts';
import { delaySeconds, waitAfter } from '../../../lib/app/send-notices/retries.ts';
import { noticeSender } from '../../../lib/app/send-notices/send-notice.ts';
import { addressNotice, type Notice } from '../../../lib/domain/alerts/notice.ts';
import { type AlertSettings, plainSettings } from '../../../lib/domain/alerts/settings.ts';
import { readAddressToken, readReportToken, webhookSecret } from '../../../lib/domain/alerts/signature.ts';
import { type AddressChange, CONFIRM_MS } from '../../../lib/domain/entitlement/billing-address.ts';
import { newProfile } from '../../../lib/domain/entitlement/profile.ts';
import type { UsageReport } from '../../../lib/domain/reporting/report.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../lib/domain/time/time.ts';
import { recordingMetrics, silent } from '../../support/metering-world.ts';

const isNotice = new Ajv2020({ allErrors: true }).compile(
  JSON.parse(readFileSync(join(import.meta.dirname, '../../../docs/schema/notice.schema.json'), 'utf8')),
);
const NOW = Date.UTC(2026, 9, 20, 12);
const KEY = Buffer.alloc(32, 3);
const NOTICE: Notice = {
  ...{ id: '2026-10-01T00:00:00Z spend-cap hard 100.00 80', customer: 'acme', kind: 'spend-cap', at: NOW },
  data: {
    threshold: 80,
    passed: [50],
    used: '81.00',
    of: '100.00',
    unit: 'USD',
    mode: 'hard',
    until: '2026-11-01T00:00:00Z',
  },
};
const TARGET = { url: 'https://example.com/hook', since: 0, secret: 2, previous: null, paused: null };

/** Sending with everything in memory; `run` delivers what is queued, in order, as SQS would once time has come. */
async function world(change: Partial<AlertSettings> = {}, more: Partial<SendingPorts> = {}) {
  const time = { now: NOW };
  const mails: Mail[] = [];
  const posts: WebhookRequest[] = [];
  const answers: string[] = [];
  const queue = memoryNoticeQueue();
  const bounces = memoryBounces();
  const profile = {
    ...newProfile({ id: 'acme', name: 'Acme GmbH', createdAt: '2026-01-01', keys: [], facts: {}, overrides: {} }, 0),
    billing: { stripeCustomer: null, email: 'Billing@Acme.example', overdueSince: null },
  };
  const ports: SendingPorts = {
    ...{ clock: { now: () => time.now }, log: silent, metrics: recordingMetrics() },
    directory: { profile: async () => profile },
    members: async () => [],
    ...{ notices: memoryNotices(), settings: memoryAlertSettings(), deliveries: memoryDeliveries() },
    ...{ bounces, queue, key: async () => KEY, portal: 'https://portal.example.com' },
    mailer: {
      send: async (mail) => {
        mails.push(mail);
        return { outcome: 'sent', answer: `m${mails.length}` };
      },
    },
    webhook: {
      post: async (request) => {
        posts.push(request);
        const answer = answers.shift() ?? '200';
        return { outcome: answer === '200' ? 'accepted' : 'failed', answer };
      },
    },
    makeReport: async () => ({ customer: { id: 'acme' }, period: { name: '2026-09' } }) as UsageReport,
    reportFile: async () => ({ name: 'acme-2026-09.pdf', type: 'application/pdf', content: Buffer.from('%PDF') }),
    ...more,
  };
  await ports.notices.put(NOTICE);
  await ports.settings.saveSettings({ ...plainSettings('acme'), ...change, version: 1 });
  const send = noticeSender(ports);
  const run = async (message: NoticeMessage = { customer: 'acme', notice: NOTICE.id }) => {
    const waiting = [{ message, delaySeconds: 0 }];
    for (let steps = 0; waiting.length > 0; steps++) {
      if (steps > 500) throw new Error('it never ends');
      const next = waiting.shift();
      time.now += (next?.delaySeconds ?? 0) * 1_000;
      await send(next?.message as NoticeMessage);
      waiting.push(...queue.sent.splice(0));
    }
  };
  const settings = () => ports.settings.settings('acme');
  return { ports, bounces, time, mails, posts, answers, queue, send, run, settings };
}

describe('who is told', () => {
  test('the billing address, where nothing was chosen; in words that say what to do', async () => {
    const { run, mails } = await world();
    await run();
    expect(mails).toHaveLength(1);
    expect(mails[0]).toMatchObject({
      ...{ to: 'billing@acme.example', subject: 'Acme GmbH: 80 % of the spend cap is reached', reference: NOTICE.id },
      text: expect.stringContaining('USD 81.00 of 100.00'),
    });
    expect(mails[0]?.text).toContain('https://portal.example.com/alerts');
  });

  test('and the admins, whose addresses are verified; a reader is not told unasked', async () => {
    const { run, mails } = await world(
      {},
      {
        members: async () => [
          { email: 'Ann@acme.example', role: 'admin' },
          { email: null, role: 'admin' },
          { email: 'rita@acme.example', role: 'reader' },
        ],
      },
    );
    await run();
    expect(mails.map(({ to }) => to)).toEqual(['ann@acme.example', 'billing@acme.example']);
  });

  test.each([
    {
      title: 'every chosen address and the webhook',
      change: { addresses: ['a@x.example', 'b@x.example'], target: TARGET },
      to: ['a@x.example', 'b@x.example'],
      posted: 1,
    },
    { title: 'nobody, of a kind that was not chosen', change: { kinds: [], target: TARGET }, to: [], posted: 0 },
    {
      title: 'the webhook alone, where no address is chosen',
      change: { addresses: [], target: TARGET },
      to: [],
      posted: 1,
    },
    {
      title: 'no webhook that is paused',
      change: { addresses: [], target: { ...TARGET, paused: { since: 0, reason: 'x' } } },
      to: [],
      posted: 0,
    },
  ])('$title', async ({ change, to, posted }) => {
    const { run, mails, posts } = await world(change as Partial<AlertSettings>);
    await run();
    expect(mails.map((mail) => mail.to)).toEqual(to);
    expect(posts).toHaveLength(posted);
  });

  test('without mail set up, the webhook; a notice that is gone is nobody’s', async () => {
    const { run, posts, mails } = await world({ target: TARGET }, { mailer: null });
    await run();
    expect([mails.length, posts.length]).toEqual([0, 1]);
    await run({ customer: 'acme', notice: 'expired' });
    expect(posts).toHaveLength(1);
  });

  test('a name with angle brackets stays a name in the mail', async () => {
    const name = '<img src=x>&"';
    const customer = { id: 'acme', name, createdAt: '2026-01-01', keys: [], facts: {}, overrides: {} };
    const { run, mails } = await world(
      { addresses: ['a@x.example'] },
      {
        directory: { profile: async () => newProfile(customer, 0) },
      },
    );
    await run();
    expect(mails[0]?.html).not.toContain('<img');
  });
});

describe('each once', () => {
  test('though every message comes three times, in any order', async () => {
    const { send, queue, mails, posts } = await world({ addresses: ['a@x.example'], target: TARGET });
    const first = { customer: 'acme', notice: NOTICE.id };
    await Promise.all([send(first), send(first), send(first)]);
    const shared = queue.sent.splice(0).map(({ message }) => message);
    expect(shared).toHaveLength(6);
    await Promise.allSettled([...shared, ...shared.toReversed(), ...shared].map((message) => send(message)));
    expect([mails.length, posts.length]).toEqual([1, 1]);
    expect(queue.sent).toEqual([]);
  });

  test('a run that dies at any call is mended by the next; only between sending and writing it down is it sent again', async () => {
    for (let at = 1; at < 20; at++) {
      const { ports, run, mails, time } = await world({ addresses: ['a@x.example'] });
      let calls = 0;
      const dying = new Proxy(ports.deliveries, {
        get:
          (target, name, receiver) =>
          async (...given: unknown[]) => {
            const mine = ++calls;
            if (mine === at && at % 2 === 0) throw new Error('died before');
            const answer: unknown = await Reflect.apply(
              Reflect.get(target, name, receiver) as () => unknown,
              target,
              given,
            );
            if (mine === at) throw new Error('died after');
            return answer;
          },
      });
      const message = { customer: 'acme', notice: NOTICE.id, channel: 'mail a@x.example', attempt: 1 };
      const died = await noticeSender({ ...ports, deliveries: dying })(message).then(
        () => false,
        () => true,
      );
      const sentBefore = mails.length;
      if (died && at === 1) await expect(noticeSender(ports)(message)).rejects.toThrow(/another run/);
      time.now += 5 * MINUTE_MS;
      await run(message);
      await run(message);
      expect([at, mails.length]).toEqual([at, died && at === 2 ? sentBefore + 1 : 1]);
      if (!died) return;
    }
    throw new Error('the run makes more calls than were tried');
  });
});

describe('the webhook', () => {
  test('is signed so that the documented check holds, with both secrets while one is rotated', async () => {
    const previous = { secret: 1, until: NOW + HOUR_MS };
    const { run, posts } = await world({ addresses: [], target: { ...TARGET, previous } });
    await run();
    const [request] = posts;
    for (const generation of [1, 2]) {
      expect(isGenuine(request as WebhookRequest, webhookSecret(KEY, 'acme', generation), NOW)).toBe(true);
    }
    expect(isGenuine(request as WebhookRequest, webhookSecret(KEY, 'acme', 3), NOW)).toBe(false);
    expect(isGenuine({ ...(request as WebhookRequest), body: '{}' }, webhookSecret(KEY, 'acme', 2), NOW)).toBe(false);
    expect(isGenuine(request as WebhookRequest, webhookSecret(KEY, 'acme', 2), NOW + HOUR_MS)).toBe(false);
    expect([isNotice(JSON.parse(request?.body ?? '')), isNotice.errors]).toEqual([true, null]);
    expect(JSON.parse(request?.body ?? '')).toEqual({
      ...{
        version: 1,
        id: NOTICE.id,
        customer: 'acme',
        type: 'spend-cap',
        at: '2026-10-20T12:00:00Z',
        data: NOTICE.data,
      },
    });
  });

  test('the old secret ends when it was said to', async () => {
    const { run, posts } = await world({ addresses: [], target: { ...TARGET, previous: { secret: 1, until: NOW } } });
    await run();
    expect(posts[0]?.headers['tollgate-signature']?.split(',')).toHaveLength(2);
  });

  test('500s, then 200: tried again with the same id and body until it is taken, then no more', async () => {
    const { run, posts, answers, ports, time } = await world({ addresses: [], target: TARGET });
    answers.push('500', 'timeout', 'redirect (302)');
    await run();
    expect(posts).toHaveLength(4);
    expect(new Set(posts.map(({ body }) => body)).size).toBe(1);
    expect(new Set(posts.map(({ headers }) => headers['tollgate-id'])).size).toBe(1);
    expect(posts.map(({ headers }) => headers['tollgate-attempt'])).toEqual(['1', '2', '3', '4']);
    expect(time.now - NOW).toBe(7.5 * MINUTE_MS);
    expect(await ports.deliveries.ofCustomer('acme')).toMatchObject([{ state: 'sent', attempt: 4, answer: '200' }]);
  });

  test('after about a day it is paused, the customer told by mail, and nothing more posted until it is resumed', async () => {
    const { run, posts, answers, mails, settings, time, ports } = await world({
      addresses: ['a@x.example'],
      target: TARGET,
    });
    answers.push(...Array<string>(20).fill('private-address'));
    await run();
    expect(posts).toHaveLength(11);
    expect(time.now - NOW).toBeGreaterThan(0.9 * DAY_MS);
    expect(time.now - NOW).toBeLessThan(1.2 * DAY_MS);
    expect((await settings())?.target?.paused).toMatchObject({ reason: 'private-address' });
    expect(mails.map(({ subject }) => subject)).toEqual([
      'Acme GmbH: 80 % of the spend cap is reached',
      'Acme GmbH: The webhook is paused',
    ]);
    await ports.notices.put({ ...NOTICE, id: 'another' });
    await run({ customer: 'acme', notice: 'another' });
    expect(posts).toHaveLength(11);
  });

  test('a test is posted once, also to a target that is paused, and pauses nothing', async () => {
    const paused = { ...TARGET, paused: { since: 0, reason: 'x' } };
    const { run, posts, answers, ports, settings } = await world({ addresses: [], target: paused });
    await ports.notices.put({ id: 't', customer: 'acme', kind: 'webhook-test', at: NOW, data: {} });
    answers.push('404');
    await run({ customer: 'acme', notice: 't', channel: 'webhook', attempt: 1 });
    expect(posts).toHaveLength(1);
    expect((await settings())?.target).toEqual(paused);
    expect(await ports.deliveries.ofCustomer('acme')).toMatchObject([{ state: 'failed', answer: '404' }]);
  });

  test('waits of more than SQS allows are a chain of messages', () => {
    const waits = Array.from({ length: 11 }, (_, index) => waitAfter(index + 1));
    expect(waits.at(-1)).toBeNull();
    expect(waits.slice(0, -1).every((wait, index) => index === 0 || (wait ?? 0) >= (waits[index - 1] ?? 0))).toBe(true);
    expect(waits.flatMap((wait) => (wait === null ? [] : [delaySeconds(wait)])).every((s) => s > 0 && s <= 900)).toBe(
      true,
    );
  });
});

/** As docs/alerts.md tells customers to check it, written by nobody who sends. */
function isGenuine({ body, headers }: WebhookRequest, secret: string, now: number): boolean {
  const parts = (headers['tollgate-signature'] ?? '').split(',').map((part) => part.split('=') as [string, string]);
  const time = parts.find(([name]) => name === 't')?.[1] ?? '0';
  const expected = createHmac('sha256', secret).update(`${time}.${body}`).digest('hex');
  const isFresh = Math.abs(now / 1000 - Number(time)) <= 300;
  return isFresh && parts.some(([name, value]) => name === 'v1' && value === expected);
}

describe('mail', () => {
  test('that SES slows down is tried again; that it refuses for good is not', async () => {
    const faults = ['TooManyRequestsException', 'SendingPausedException'];
    let tries = 0;
    const { run, ports } = await world(
      { addresses: ['a@x.example'] },
      {
        mailer: {
          send: async () => {
            tries += 1;
            const name = faults.shift();
            if (name !== undefined) throw Object.assign(new Error('no'), { name });
            return { outcome: 'refused', answer: 'MessageRejected: no' };
          },
        },
      },
    );
    await run();
    expect(tries).toBe(3);
    expect(await ports.deliveries.ofCustomer('acme')).toMatchObject([
      { state: 'failed', answer: 'MessageRejected: no' },
    ]);
  });

  test('an address that mail came back from gets none', async () => {
    const { run, ports, mails, bounces } = await world({ addresses: ['a@x.example'] });
    await bounces.markBounced({ address: 'a@x.example', at: NOW, reason: 'bounce: 550' });
    await run();
    expect(mails).toEqual([]);
    expect(await ports.deliveries.ofCustomer('acme')).toMatchObject([{ state: 'failed', answer: 'bounce: 550' }]);
  });

  const asking = (change: AddressChange | undefined) => {
    const customer = { id: 'acme', name: '<b>Acme', createdAt: '2026-01-01', keys: [], facts: {}, overrides: {} };
    const made = newProfile(customer, 0);
    const billing = { ...made.billing, email: 'old@acme.example', ...(change ? { addressChange: change } : {}) };
    return { directory: { profile: async () => ({ ...made, billing }) } };
  };
  const CHANGE = { id: 'c1', address: 'new@acme.example', askedAt: NOW };
  const LINK = addressNotice('acme', 'c1', NOW);

  test('a link to confirm an address goes to that address alone, and holds nothing that the asker wrote', async () => {
    const { run, ports, mails, posts } = await world(
      { kinds: [], addresses: ['a@x.example'], target: TARGET },
      asking(CHANGE),
    );
    await ports.notices.put(LINK);
    await run({ customer: 'acme', notice: LINK.id });
    expect([mails.map(({ to }) => to), posts]).toEqual([['new@acme.example'], []]);
    const { text = '', html = '', subject } = mails[0] ?? {};
    expect(`${subject} ${text} ${html}`).not.toContain('Acme');
    const token = /https:\/\/portal\.example\.com\/billing-address\/(\S+)/.exec(text)?.[1] ?? '';
    expect(readAddressToken(KEY, token, NOW)).toEqual({ customer: 'acme', change: 'c1', expiresAt: NOW + CONFIRM_MS });
    expect(readAddressToken(KEY, token, NOW + CONFIRM_MS)).toBeUndefined();
    expect(readReportToken(KEY, token, NOW)).toBeUndefined();
  });

  test.each([
    { title: 'was confirmed or withdrawn', change: undefined },
    { title: 'was given anew', change: { ...CHANGE, id: 'c2', address: 'other@acme.example' } },
    { title: 'has run out', change: { ...CHANGE, askedAt: NOW - CONFIRM_MS } },
  ])('no link goes out for an address that $title, whichever message is late', async ({ change }) => {
    const { run, ports, mails } = await world({}, asking(change));
    await ports.notices.put(LINK);
    await run({ customer: 'acme', notice: LINK.id });
    await run({ customer: 'acme', notice: LINK.id, channel: 'mail new@acme.example', attempt: 1 });
    expect(mails).toEqual([]);
  });

  const REPORT: Notice = { id: 'r', customer: 'acme', kind: 'usage-report', at: NOW, data: { month: '2026-09' } };
  test('a report comes as a file', async () => {
    const { run, ports, mails } = await world();
    await ports.notices.put(REPORT);
    await run({ customer: 'acme', notice: 'r' });
    expect(mails[0]?.attachment).toMatchObject({ name: 'acme-2026-09.pdf', type: 'application/pdf' });
  });

  test.each([
    { title: 'where the customer wants a link', change: { report: 'link' as const }, bytes: 4 },
    { title: 'where the file is too large for a mailbox', change: {}, bytes: 6 * 1024 * 1024 },
  ])('or as a signed link that runs out: $title', async ({ change, bytes }) => {
    const { run, ports, mails } = await world(change, {
      reportFile: async () => ({ name: 'r.pdf', type: 'application/pdf', content: Buffer.alloc(bytes) }),
    });
    await ports.notices.put(REPORT);
    await run({ customer: 'acme', notice: 'r' });
    expect(mails[0]?.attachment).toBeUndefined();
    const token = /https:\/\/portal\.example\.com\/reports\/(\S+)/.exec(mails[0]?.text ?? '')?.[1] ?? '';
    expect(readReportToken(KEY, token, NOW)).toMatchObject({ customer: 'acme', month: '2026-09', generation: 1 });
    expect(readReportToken(KEY, token, NOW + 30 * DAY_MS)).toBeUndefined();
  });

  const SAYS = 'smtp; 550 5.1.1 <A@x.example>: no such user';
  test.each([
    {
      event: {
        eventType: 'Bounce',
        bounce: {
          bounceType: 'Permanent',
          bouncedRecipients: [{ emailAddress: 'Ann <A@x.example>', diagnosticCode: SAYS }],
        },
        mail: { tags: { customer: ['acme'] } },
      },
      returned: {
        ...{ customer: 'acme', kind: 'bounce' },
        addresses: [{ address: 'a@x.example', at: 5, reason: 'bounce: smtp; 550 5.1.1 …: no such user' }],
      },
    },
    {
      event: {
        eventType: 'Bounce',
        bounce: { bounceType: 'Transient', bouncedRecipients: [{ emailAddress: 'a@x.example' }] },
      },
      returned: undefined,
    },
    {
      event: { eventType: 'Complaint', complaint: { complainedRecipients: [{ emailAddress: 'a@x.example' }] } },
      returned: {
        ...{ customer: null, kind: 'complaint' },
        addresses: [{ address: 'a@x.example', at: 5, reason: 'complaint: marked as spam' }],
      },
    },
    { event: { eventType: 'Delivery' }, returned: undefined },
  ])('$event.eventType is read as $returned', ({ event, returned }) => {
    expect(parseMailEvent(JSON.stringify(event), 5)).toEqual(returned);
  });
});
