import { addressNotice } from '../../domain/alerts/notice.ts';
import { readAddressToken } from '../../domain/alerts/signature.ts';
import {
  CONFIRM_MS,
  confirmedAddress,
  waitingChange,
  withChange,
  withoutChange,
} from '../../domain/entitlement/billing-address.ts';
import type { CustomerProfile } from '../../domain/entitlement/profile.ts';
import { InputError } from '../../domain/input-error.ts';
import type { BillingAddressView } from '../../domain/portal/billing-address.ts';
import { isEmail } from '../../domain/portal/member.ts';
import { RetryLater } from '../invoice-customer/ports.ts';
import { MustHold } from '../invoice-customer/store.ts';
import { ensureStripeCustomer, type StripeCustomerPorts } from '../invoice-customer/stripe-customer.ts';
import type { Directory } from '../ports/directory.ts';
import { updateProfile } from '../provision-access/profiles.ts';
import type { Clock, Randomness } from '../runtime.ts';
import { changeSettings } from '../send-notices/change-settings.ts';
import type { PortalAlertNeeds } from './portal-alerts.ts';

export interface PortalBillingAddressNeeds {
  readonly directory: Directory;
  readonly billing: StripeCustomerPorts['billing'];
  readonly alerts: Pick<
    PortalAlertNeeds['alerts'],
    'notices' | 'settings' | 'bounces' | 'noticeQueue' | 'key' | 'mailFrom'
  >;
  readonly clock: Clock;
  readonly random: Randomness;
}

/** Where a customer's invoices, reports and alerts go: given by the customer, and used once whoever reads it has said so. */
export function portalBillingAddress(needs: PortalBillingAddressNeeds) {
  const { directory, alerts, clock } = needs;
  return {
    async view(customer: string): Promise<BillingAddressView> {
      const profile = await directory.profile(customer);
      const waiting = profile ? waitingChange(profile, clock.now()) : null;
      return {
        address: profile?.billing.email ?? null,
        waiting: waiting && { address: waiting.address, until: waiting.askedAt + CONFIRM_MS },
        mailFrom: alerts.mailFrom,
      };
    },
    ask: (customer: string, text: string) => ask(needs, customer, text),
    async withdraw(customer: string): Promise<void> {
      await updateProfile(directory, customer, (profile) =>
        profile.billing.addressChange === undefined ? undefined : withoutChange(profile),
      );
    },
    /** What a link would confirm; undefined for one that was changed, used, withdrawn, or has run out. */
    async linked(token: string): Promise<{ readonly customer: string; readonly address: string } | undefined> {
      const link = readAddressToken(await alerts.key(), token, clock.now());
      const profile = link && (await directory.profile(link.customer));
      const change = profile ? waitingChange(profile, clock.now()) : null;
      if (link === undefined || change?.id !== link.change) return undefined;
      return { customer: link.customer, address: change.address };
    },
    confirm: (token: string) => confirm(needs, token),
  };
}

/**
 * Keeps the address as one that waits, and has a link sent to it. An earlier one that waits is void.
 * @throws InputError `not-an-address`, `no-mail`, `address-bounced`
 */
async function ask(needs: PortalBillingAddressNeeds, customer: string, text: string): Promise<void> {
  const { directory, alerts, clock, random } = needs;
  const refuse = (code: string, message: string) => new InputError({ code, path: '/email', message });
  const address = text.trim().toLowerCase();
  if (!isEmail(address)) throw refuse('not-an-address', 'That is not an e-mail address.');
  if (alerts.mailFrom === null)
    throw refuse('no-mail', 'We send no mail at present, so that nothing can be confirmed.');
  if ((await alerts.bounces.bounced(address)) !== undefined) {
    throw refuse(
      'address-bounced',
      'Mail to that address came back, and we do not write to it again: give another one, or tell us that it works.',
    );
  }
  const change = { id: random.hex(8), address, askedAt: clock.now() };
  // Put first: a notice of a change that is not stored is sent to nobody.
  const notice = addressNotice(customer, change.id, change.askedAt);
  await alerts.notices.put(notice);
  await updateProfile(directory, customer, (profile) => withChange(profile, change));
  await alerts.noticeQueue.send({ customer, notice: notice.id });
}

async function confirm(
  needs: PortalBillingAddressNeeds,
  token: string,
): Promise<{ readonly customer: string; readonly address: string } | 'void'> {
  const { directory, alerts, clock } = needs;
  const link = readAddressToken(await alerts.key(), token, clock.now());
  if (link === undefined) return 'void';
  let before: CustomerProfile | undefined;
  const after = await updateProfile(directory, link.customer, (profile) => {
    const confirmed = confirmedAddress(profile, link.change, clock.now());
    before = confirmed && profile;
    return confirmed;
  });
  const address = after?.billing.email ?? null;
  if (before === undefined || address === null) return 'void';
  await inPlaceOf(needs, link.customer, before.billing.email, address);
  await tellStripe(needs, before);
  return { customer: link.customer, address };
}

/** Where alerts were sent to the old billing address, they go to the new one. */
async function inPlaceOf(
  { alerts }: PortalBillingAddressNeeds,
  customer: string,
  old: string | null,
  address: string,
): Promise<void> {
  await changeSettings(alerts.settings, customer, (settings) =>
    old === null || !settings.addresses?.includes(old) || old === address
      ? undefined
      : { ...settings, addresses: [...new Set(settings.addresses.map((one) => (one === old ? address : one)))].sort() },
  );
}

/** At once, so that reminders of open invoices go there too. Where Stripe is away, the next invoice tells it first. */
async function tellStripe(needs: PortalBillingAddressNeeds, { customer, billing }: CustomerProfile): Promise<void> {
  if (billing.stripeCustomer === null) return;
  try {
    await ensureStripeCustomer(customer.id, { billing: needs.billing, customers: needs.directory });
  } catch (error) {
    if (!(error instanceof RetryLater || error instanceof MustHold)) throw error;
  }
}
