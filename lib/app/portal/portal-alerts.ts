import { capBounds } from '../../domain/alerts/cap-bounds.ts';
import { teamCap, withBindingCap } from '../../domain/alerts/caps.ts';
import { ALERT_KINDS, type AlertKind, isAlertKind, type Notice } from '../../domain/alerts/notice.ts';
import {
  type AlertSettings,
  parseAddresses,
  parseTarget,
  plainSettings,
  usualAddresses,
} from '../../domain/alerts/settings.ts';
import { readReportToken, webhookSecret } from '../../domain/alerts/signature.ts';
import type { AlertChoice, AlertsView } from '../../domain/alerts/view.ts';
import { type MailTrouble, withoutTrouble } from '../../domain/entitlement/mail-trouble.ts';
import { InputError } from '../../domain/input-error.ts';
import type { SpendCap } from '../../domain/invoicing/billing-terms.ts';
import { compare, parseDecimal } from '../../domain/money/decimal.ts';
import { formatMoney, parseMoney } from '../../domain/money/money.ts';
import { DAY_MS, type EpochMs, formatTimestamp, MINUTE_MS } from '../../domain/time/time.ts';
import type { Directory } from '../ports/directory.ts';
import type {
  AlertSettingsStore,
  BouncedAddresses,
  Deliveries,
  NoticeQueue,
  Notices,
  Watches,
  WatchQueue,
} from '../ports/notices.ts';
import type { PortalStore } from '../ports/portal-store.ts';
import { updateProfile } from '../provision-access/profiles.ts';
import type { Clock } from '../runtime.ts';
import { changeSettings } from '../send-notices/change-settings.ts';

export interface PortalAlertNeeds {
  readonly directory: Directory;
  readonly store: Pick<PortalStore, 'members'>;
  readonly clock: Clock;
  readonly alerts: {
    readonly watches: Pick<Watches, 'state'>;
    readonly notices: Notices;
    readonly settings: AlertSettingsStore;
    readonly deliveries: Pick<Deliveries, 'ofCustomer'>;
    readonly bounces: Pick<BouncedAddresses, 'bounced'>;
    readonly noticeQueue: NoticeQueue;
    readonly watchQueue: WatchQueue;
    /** 32 bytes that webhook secrets and report links are made of. */
    readonly key: () => Promise<Uint8Array>;
    /** Who mail comes from; null where the team has set up none. */
    readonly mailFrom: string | null;
    /** How long Firehose keeps a line at most before it writes it. */
    readonly bufferedMs: number;
    /** Only in the embedded cloud. */
    readonly webhooksToLoopback: boolean;
  };
}

/** With the old secret is signed for so long after a new one was made. */
export const SECRET_OVERLAP_MS = DAY_MS;
/** From the ledger to a look: a notification, two queues, two functions, the caches. Measured at about ten seconds. */
const ON_THE_WAY_MS = MINUTE_MS;
const NOTICES_SHOWN = 30;
const DELIVERIES_SHOWN = 20;

/** A customer's own caps, alerts, addresses and webhook. */
export function portalAlerts(needs: PortalAlertNeeds) {
  const { clock, alerts } = needs;
  const change = (customer: string, to: (settings: AlertSettings) => AlertSettings | undefined) =>
    changeSettings(alerts.settings, customer, to);
  return {
    view: (customer: string, own: string | null) => viewOf(needs, customer, own),
    levels: async (customer: string) => (await alerts.watches.state(customer))?.levels ?? [],
    setCap: (customer: string, cap: SpendCap | null) => setCap(needs, customer, cap),
    choose: (customer: string, choice: AlertChoice, own: string | null) => choose(needs, customer, choice, own),
    ...portalWebhook(needs),
    /** Who is no member any more gets no mail any more. */
    dropAddress: async (customer: string, address: string): Promise<void> => {
      await troubleOver(needs, customer, (trouble) => trouble.use === 'alerts' && trouble.address === address);
      await change(customer, ({ addresses, ...settings }) =>
        addresses?.includes(address)
          ? { ...settings, addresses: addresses.filter((one) => one !== address) }
          : undefined,
      );
    },
    voidLinks: async (customer: string): Promise<void> => {
      await change(customer, (settings) => ({ ...settings, linkGeneration: settings.linkGeneration + 1 }));
    },
    /** @returns undefined for a link that was changed, has run out, or was made void */
    async reportLink(token: string): Promise<{ readonly customer: string; readonly month: string } | undefined> {
      const link = readReportToken(await alerts.key(), token, clock.now());
      if (link === undefined) return undefined;
      const settings = (await alerts.settings.settings(link.customer)) ?? plainSettings(link.customer);
      return settings.linkGeneration === link.generation ? link : undefined;
    },
  };
}

/** Where a customer's own machine is told, and with which secret. */
function portalWebhook({ clock, alerts }: PortalAlertNeeds) {
  const change = (customer: string, to: (settings: AlertSettings) => AlertSettings | undefined) =>
    changeSettings(alerts.settings, customer, to);
  const secretOf = async (customer: string, generation: number) =>
    webhookSecret(await alerts.key(), customer, generation);
  return {
    /** @returns the secret, this once. @throws InputError `not-a-target` */
    async setTarget(customer: string, text: string): Promise<{ readonly secret: string }> {
      const url = parseTarget(text.trim(), alerts.webhooksToLoopback);
      const { secretGeneration } = await change(customer, (settings) => {
        const secret = settings.secretGeneration + 1;
        const target = { url, since: clock.now(), secret, previous: null, paused: null };
        return { ...settings, target, secretGeneration: secret };
      });
      return { secret: await secretOf(customer, secretGeneration) };
    },
    removeTarget: async (customer: string): Promise<void> => {
      await change(customer, (settings) => (settings.target === null ? undefined : { ...settings, target: null }));
    },
    /** @returns the new secret, this once, and until when the old one is signed with as well */
    async rotateSecret(customer: string): Promise<{ readonly secret: string; readonly until: EpochMs } | 'no-target'> {
      const until = clock.now() + SECRET_OVERLAP_MS;
      const { target } = await change(customer, (settings) => {
        if (settings.target === null) return undefined;
        const secret = settings.secretGeneration + 1;
        const previous = { secret: settings.target.secret, until };
        return { ...settings, secretGeneration: secret, target: { ...settings.target, secret, previous } };
      });
      return target === null ? 'no-target' : { secret: await secretOf(customer, target.secret), until };
    },
    /** Sends a test, also to a target that is paused. */
    async testTarget(customer: string): Promise<'sent' | 'no-target'> {
      const settings = await alerts.settings.settings(customer);
      if (settings?.target == null) return 'no-target';
      const at = clock.now();
      const notice: Notice = {
        id: `${formatTimestamp(at)} webhook-test`,
        customer,
        kind: 'webhook-test',
        at,
        data: {},
      };
      await alerts.notices.put(notice);
      await alerts.noticeQueue.send({ customer, notice: notice.id, channel: 'webhook', attempt: 1 });
      return 'sent';
    },
    resumeTarget: async (customer: string): Promise<void> => {
      await change(customer, (settings) =>
        settings.target === null ? undefined : { ...settings, target: { ...settings.target, paused: null } },
      );
    },
  };
}

async function viewOf(needs: PortalAlertNeeds, customer: string, own: string | null): Promise<AlertsView> {
  const { directory, alerts, clock } = needs;
  const [profile, state, settings, notices, deliveries, options] = await Promise.all([
    directory.profile(customer),
    alerts.watches.state(customer),
    alerts.settings.settings(customer),
    alerts.notices.newest(customer, NOTICES_SHOWN),
    alerts.deliveries.ofCustomer(customer),
    addressesFor(needs, customer, own),
  ]);
  if (profile === undefined) throw new Error(`there is no customer ${customer}`);
  return {
    ...{ bill: state?.bill ?? null, levels: state?.levels ?? [], lookedAt: state?.lookedAt ?? null },
    ownCap: profile.ownSpendCap ?? null,
    teamCap: teamCap(profile),
    bounds: capBounds(profile, clock.now()),
    countedAfterMs: alerts.bufferedMs + ON_THE_WAY_MS,
    ...{ settings: settings ?? plainSettings(customer), addresses: options, mailFrom: alerts.mailFrom },
    notices: [...notices].sort((a, b) => b.at - a.at),
    deliveries: [...deliveries].sort((a, b) => b.at - a.at).slice(0, DELIVERIES_SHOWN),
  };
}

/**
 * Whom mail may go to: members, whose addresses their issuer has verified, and the billing address. Nobody else, so that
 * nobody can have us write to strangers.
 */
async function addressesFor(
  { directory, store, alerts }: PortalAlertNeeds,
  customer: string,
  own: string | null,
): Promise<AlertsView['addresses']> {
  const [profile, members, settings] = await Promise.all([
    directory.profile(customer),
    store.members(customer),
    alerts.settings.settings(customer),
  ]);
  const billing = profile?.billing.email ?? null;
  const known = [billing, own, ...members.map(({ email }) => email)].filter((email) => email !== null);
  const chosen = settings?.addresses ?? usualAddresses(billing, members);
  const all = [...new Set(known.map((email) => email.toLowerCase()))].sort();
  return Promise.all(
    all.map(async (address) => ({
      ...{ address, chosen: chosen.includes(address) },
      bounced: (await alerts.bounces.bounced(address))?.reason ?? null,
    })),
  );
}

/** What is unknown is left out, and so is an address that takes no mail: whoever goes on writing there is soon read by nobody. */
async function choose(
  needs: PortalAlertNeeds,
  customer: string,
  choice: AlertChoice,
  own: string | null,
): Promise<void> {
  const { alerts } = needs;
  const options = await addressesFor(needs, customer, own);
  const addresses = parseAddresses(
    choice.addresses.filter((one) => options.some(({ address, bounced }) => address === one && bounced === null)),
  );
  const kinds: AlertKind[] = ALERT_KINDS.filter((kind) => choice.kinds.some((one) => isAlertKind(one) && one === kind));
  const report = choice.report === 'link' || choice.report === 'none' ? choice.report : 'attached';
  await changeSettings(alerts.settings, customer, (settings) => ({ ...settings, kinds, addresses, report }));
  await troubleOver(needs, customer, ({ use }) => use === 'alerts');
}

const troubleOver = ({ directory }: PortalAlertNeeds, customer: string, isOver: (trouble: MailTrouble) => boolean) =>
  updateProfile(directory, customer, (profile) => {
    const rest = withoutTrouble(profile, isOver);
    return rest === profile ? undefined : rest;
  });

/**
 * Sets, raises, lowers or takes away the customer's own cap, then has usage looked at: calls stop or pass again within a
 * minute.
 *
 * @throws InputError `not-a-cap`, saying what can be set
 */
async function setCap(needs: PortalAlertNeeds, customer: string, cap: SpendCap | null): Promise<void> {
  const { directory, clock, alerts } = needs;
  const bill = (await alerts.watches.state(customer))?.bill ?? null;
  if (cap !== null && bill === null) {
    await alerts.watchQueue.send([customer], 'now');
    throw notACap('Your usage has not been looked at yet. It is now: try again in a minute.');
  }
  const checked = cap === null || bill === null ? null : checkedCap(cap, bill);
  await updateProfile(directory, customer, (profile) => {
    const team = teamCap(profile);
    if (checked !== null && team !== null && compare(parseDecimal(checked.amount), parseDecimal(team.amount)) > 0) {
      throw notACap(`The cap agreed with us is ${team.amount}: yours can be lower, and we raise ours when you ask us.`);
    }
    const { ownSpendCap: _before, ...rest } = profile;
    return withBindingCap(checked === null ? rest : { ...rest, ownSpendCap: checked }, clock.now());
  });
  await alerts.watchQueue.send([customer], 'now');
}

function checkedCap({ amount, mode }: SpendCap, bill: NonNullable<AlertsView['bill']>): SpendCap {
  const text = amount.trim().replace(/,(?=\d{3}(\D|$))/g, '');
  if (!/^\d{1,12}(\.\d{1,4})?$/.test(text)) throw notACap('Write an amount such as 250 or 250.00.');
  const money = moneyOf(bill.currency, text);
  if (money.minorUnits <= 0n) throw notACap('A cap is above zero: to stop all calls, revoke the keys.');
  const { currency } = bill;
  if (mode === 'hard' && compare(parseDecimal(text), parseDecimal(bill.fixed)) <= 0) {
    throw notACap(
      `Fees of ${currency} ${bill.fixed} are due without a single call: a cap of ${currency} ${text} would stop every one.`,
    );
  }
  return { amount: formatMoney(money), mode };
}

function moneyOf(currency: string, text: string) {
  try {
    return parseMoney(currency, text);
  } catch {
    throw notACap(`${currency} has fewer decimals than ${text}.`);
  }
}

const notACap = (message: string): InputError => new InputError({ code: 'not-a-cap', path: '/amount', message });
