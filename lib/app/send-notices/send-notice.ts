import type { Notice } from '../../domain/alerts/notice.ts';
import {
  type AlertSettings,
  isWanted,
  plainSettings,
  usualAddresses,
  type WebhookTarget,
} from '../../domain/alerts/settings.ts';
import { signature, webhookSecret } from '../../domain/alerts/signature.ts';
import { waitingChange } from '../../domain/entitlement/billing-address.ts';
import { type EpochMs, formatTimestamp } from '../../domain/time/time.ts';
import type { DeliveryAttempt, NoticeMessage } from '../ports/notices.ts';
import { changeSettings } from './change-settings.ts';
import { composeMail } from './compose-mail.ts';
import type { SendingPorts } from './ports.ts';
import { delaySeconds, LEASE_MS, waitAfter } from './retries.ts';

const MAIL = 'mail ';

/**
 * Works on one message. One without a channel is shared out: a message for each channel. One with a channel is an attempt:
 * it is taken first, made, and then written down, so that a message that comes twice does nothing the second time.
 *
 * What cannot be excluded: a crash between SES or the customer's server taking it and our writing that down. Then the
 * attempt is made again after {@link LEASE_MS}; the notice's id is in it, for the receiver to tell.
 *
 * @throws to have the message delivered again: another run holds the attempt, or a store did not answer
 */
export function noticeSender(ports: SendingPorts): (message: NoticeMessage) => Promise<void> {
  return async (message) => {
    const now = ports.clock.now();
    const { customer, channel, attempt = 1, notBefore = 0 } = message;
    if (notBefore > now) return ports.queue.send(message, delaySeconds(notBefore - now));
    const notice = await ports.notices.get(customer, message.notice);
    if (!notice) return ports.log.warn('a notice has expired before it was sent', { customer, notice: message.notice });
    const settings = (await ports.settings.settings(customer)) ?? plainSettings(customer);
    if (channel === undefined) return shareOut(notice, settings, ports);
    await deliver({ customer, notice: notice.id, channel, attempt }, notice, settings, ports);
  };
}

async function shareOut(notice: Notice, settings: AlertSettings, ports: SendingPorts): Promise<void> {
  for (const channel of await channelsOf(notice, settings, ports)) {
    await ports.queue.send({ customer: notice.customer, notice: notice.id, channel, attempt: 1 });
  }
}

async function channelsOf(notice: Notice, settings: AlertSettings, ports: SendingPorts): Promise<string[]> {
  const { kind, customer } = notice;
  if (kind === 'billing-address') {
    const address = await addressToConfirm(notice, ports);
    return address === null ? [] : [`${MAIL}${address}`];
  }
  if (!isWanted(settings, kind)) return [];
  const { target } = settings;
  const webhook = target !== null && target.paused === null && kind !== 'webhook-paused' ? ['webhook'] : [];
  if (ports.mailer === null || kind === 'webhook-test') return webhook;
  const addresses = settings.addresses ?? (await usualOf(customer, ports));
  return [...webhook, ...addresses.map((address) => `${MAIL}${address}`)];
}

const usualOf = async (customer: string, { directory, members }: SendingPorts): Promise<string[]> =>
  usualAddresses((await directory.profile(customer))?.billing.email ?? null, await members(customer));

/** The address that this link is for; null once it was confirmed, withdrawn, given anew, or has run out. */
async function addressToConfirm(
  { customer, data }: Notice,
  { directory, clock }: SendingPorts,
): Promise<string | null> {
  const profile = await directory.profile(customer);
  const change = profile ? waitingChange(profile, clock.now()) : null;
  return change !== null && change.id === data.change ? change.address : null;
}

async function deliver(
  attempt: DeliveryAttempt,
  notice: Notice,
  settings: AlertSettings,
  ports: SendingPorts,
): Promise<void> {
  const claim = await ports.deliveries.claim(attempt, ports.clock.now(), LEASE_MS);
  if (claim === 'done') return;
  if (claim === 'busy') throw new Error('another run makes this attempt, or broke off: looked at again later');
  if (claim === 'claimed') {
    const { outcome, answer } = await sendOnce(attempt, notice, settings, ports);
    // Somebody waits for the answer to a test: it is shown, not tried again.
    const last = waitAfter(attempt.attempt) === null || notice.kind === 'webhook-test';
    const state = outcome === 'sent' ? 'sent' : outcome === 'refused' || last ? 'failed' : 'retrying';
    await ports.deliveries.finish(attempt, state, answer, ports.clock.now());
    ports.metrics.count(state === 'sent' ? 'NoticesSent' : state === 'failed' ? 'NoticesFailed' : 'NoticesRetried', 1);
    // Logs outlive an erased customer: no address stands in them.
    ports.log.info('notice', { ...attempt, channel: attempt.channel.split(' ')[0], state });
    if (state === 'failed' && attempt.channel === 'webhook' && notice.kind !== 'webhook-test')
      await pause(notice.customer, answer, ports);
    if (state !== 'retrying') return;
  }
  await retryLater(attempt, ports);
}

async function retryLater(
  { customer, notice, channel, attempt }: DeliveryAttempt,
  { queue, clock }: SendingPorts,
): Promise<void> {
  const wait = waitAfter(attempt) ?? 0;
  const notBefore: EpochMs = clock.now() + wait;
  await queue.send({ customer, notice, channel, attempt: attempt + 1, notBefore }, delaySeconds(wait));
}

type Sent = { readonly outcome: 'sent' | 'failed' | 'refused'; readonly answer: string };

async function sendOnce(
  { channel, attempt }: DeliveryAttempt,
  notice: Notice,
  settings: AlertSettings,
  ports: SendingPorts,
): Promise<Sent> {
  if (channel === 'webhook') {
    const { target } = settings;
    // A test goes to a target that is paused too: whether it takes anything again is what the customer wants to know.
    const isOff = target !== null && target.paused !== null && notice.kind !== 'webhook-test';
    if (target === null || isOff) return { outcome: 'refused', answer: 'no target any more' };
    return postTo(target, notice, attempt, ports);
  }
  const to = channel.slice(MAIL.length);
  const bounce = await ports.bounces.bounced(to);
  if (ports.mailer === null || bounce) return { outcome: 'refused', answer: bounce?.reason ?? 'no mail is set up' };
  if (notice.kind === 'billing-address' && (await addressToConfirm(notice, ports)) !== to)
    return { outcome: 'refused', answer: 'the address waits no more to be confirmed' };
  try {
    return await ports.mailer.send(await composeMail(notice, to, settings, ports));
  } catch (error) {
    ports.log.warn('a mail could not be sent yet', {
      customer: notice.customer,
      notice: notice.id,
      fault: String(error),
    });
    return { outcome: 'failed', answer: error instanceof Error ? error.name : 'unknown' };
  }
}

/** The same body with every attempt; only the time that is signed moves on. */
export const webhookBody = ({ id, customer, kind, at, data }: Notice): string =>
  JSON.stringify({ version: 1, id, customer, type: kind, at: formatTimestamp(Math.floor(at / 1_000) * 1_000), data });

async function postTo(target: WebhookTarget, notice: Notice, attempt: number, ports: SendingPorts): Promise<Sent> {
  const now = ports.clock.now();
  const key = await ports.key();
  const { previous, secret } = target;
  const generations = previous !== null && previous.until > now ? [secret, previous.secret] : [secret];
  const secrets = generations.map((generation) => webhookSecret(key, notice.customer, generation));
  const body = webhookBody(notice);
  const headers = {
    'tollgate-id': notice.id,
    'tollgate-attempt': String(attempt),
    'tollgate-signature': signature(secrets, body, now),
  };
  const { outcome, answer } = await ports.webhook.post({ url: target.url, body, headers });
  return { outcome: outcome === 'accepted' ? 'sent' : 'failed', answer };
}

/** A target that took nothing for about a day gets nothing more until the customer resumes it; the customer is told by mail. */
async function pause(customer: string, reason: string, ports: SendingPorts): Promise<void> {
  const now = ports.clock.now();
  const changed = await changeSettings(ports.settings, customer, (settings) =>
    settings.target === null || settings.target.paused !== null
      ? undefined
      : { ...settings, target: { ...settings.target, paused: { since: now, reason } } },
  );
  const { target } = changed;
  if (target?.paused == null) return;
  const data = { target: new URL(target.url).host, reason: target.paused.reason };
  const id = `${formatTimestamp(Math.floor(target.paused.since / 1_000) * 1_000)} webhook-paused`;
  const notice: Notice = { id, customer, kind: 'webhook-paused', at: target.paused.since, data };
  await ports.notices.put(notice);
  await ports.queue.send({ customer, notice: notice.id });
}
