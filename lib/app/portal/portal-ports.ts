import { canReturn } from '../../domain/entitlement/stays.ts';
import type { PortalAccount } from '../../domain/portal/account.ts';
import type { AuditAction } from '../../domain/portal/audit.ts';
import { DAY_MS, hourOf } from '../../domain/time/time.ts';
import type { AccessQueue } from '../ports/access-queue.ts';
import type { Decisions } from '../ports/decisions.ts';
import type { Directory } from '../ports/directory.ts';
import type { Invoices } from '../ports/invoices.ts';
import type { PortalStore } from '../ports/portal-store.ts';
import type { Rulesets } from '../ports/rulesets.ts';
import type { ClosedUsageReader } from '../ports/usage.ts';
import { createKey, revokeKey } from '../provision-access/keys.ts';
import type { Clock, Randomness } from '../runtime.ts';
import type { ShopNeeds } from '../shop/needs.ts';
import { shopOf } from '../shop/shop.ts';
import { type PortalAlertNeeds, portalAlerts } from './portal-alerts.ts';
import { type PortalBillingAddressNeeds, portalBillingAddress } from './portal-billing-address.ts';
import { type PortalDataNeeds, portalData } from './portal-data.ts';
import { type PortalInvoiceNeeds, portalInvoices } from './portal-invoices.ts';
import { portalMembers } from './portal-members.ts';
import { type PortalPriceNeeds, portalPrices } from './portal-prices.ts';
import { type PortalReportNeeds, portalReports } from './portal-reports.ts';
import { type PortalRequestNeeds, portalRequests } from './portal-requests.ts';
import { type PortalUsageNeeds, portalUsage } from './portal-usage.ts';
import { rememberedUsage } from './remembered-usage.ts';
import { rollKey } from './roll-key.ts';

export interface PortalNeeds
  extends PortalInvoiceNeeds,
    PortalUsageNeeds,
    PortalReportNeeds,
    PortalRequestNeeds,
    PortalDataNeeds,
    PortalPriceNeeds,
    PortalAlertNeeds,
    PortalBillingAddressNeeds,
    ShopNeeds {
  readonly directory: Directory;
  readonly billing: PortalInvoiceNeeds['billing'] & PortalBillingAddressNeeds['billing'];
  readonly alerts: PortalAlertNeeds['alerts'];
  readonly decisions: Pick<Decisions, 'inForceAt' | 'during' | 'latest'>;
  readonly rulesets: Pick<Rulesets, 'inForceAt' | 'byHash' | 'first' | 'latest'>;
  readonly invoices: Pick<Invoices, 'headsOf' | 'get' | 'ofCustomer'>;
  readonly usage: ClosedUsageReader;
  readonly queue: AccessQueue;
  readonly store: PortalStore;
  readonly clock: Clock;
  /** The time of sessions and limits; the same as `clock` but where that one is moved by hand. */
  readonly sessionClock: Clock;
  readonly random: Randomness;
}

/** Far above what anyone needs, far below what listing them costs. */
const ACTIVE_KEYS_MAX = 100;

/** What the pages stand on, in their words (lib/portal/ports.ts), but for signing in. */
export function portalPorts(given: PortalNeeds) {
  const { store, clock } = given;
  const needs = { ...given, usage: rememberedUsage(given.usage, clock) };
  return {
    account: (customer: string) => accountOf(needs, customer),
    shop: shopOf(needs),
    usage: portalUsage(needs),
    reports: portalReports(needs),
    requests: portalRequests(needs),
    data: portalData(needs),
    prices: portalPrices(needs),
    now: () => clock.now(),
    invoices: portalInvoices(needs),
    alerts: portalAlerts(needs),
    billingAddress: portalBillingAddress(needs),
    keys: portalKeys(needs),
    members: portalMembers(store, clock, needs.directory),
    audit: {
      record: (customer: string, entry: { action: AuditAction; actor: string; subject: string }): Promise<void> =>
        store.appendAudit({ ...entry, customer, at: clock.now(), id: needs.random.hex(6) }),
      newest: store.audit,
    },
    guard: portalGuard(needs),
  };
}

async function accountOf(needs: PortalNeeds, customer: string): Promise<PortalAccount | undefined> {
  const { directory, decisions, clock } = needs;
  const hour = hourOf(clock.now());
  const [profile, decision] = await Promise.all([directory.profile(customer), decisions.inForceAt(customer, hour)]);
  if (profile === undefined || profile.erasedAt !== undefined) return undefined;
  const { status, statusReason, spend, registeredAt } = profile;
  return {
    ...{ id: customer, name: profile.customer.name, status, statusReason, spend, registeredAt },
    ...{ timeZone: profile.customer.timeZone ?? null, mailTrouble: profile.mailTrouble ?? [] },
    ...{ reopensAt: profile.reopensAt ?? null, mayReturn: canReturn(profile) },
    decision: decision ?? null,
    planName: decision?.rateCard == null ? null : await cardName(needs, decision.rateCard),
  };
}

/** `growth@2026-01-01` -> what that card calls itself; its id where the rules in force have dropped the file. */
async function cardName({ rulesets, clock }: PortalNeeds, rateCard: string): Promise<string> {
  const [id = '', date = ''] = rateCard.split('@');
  const text = (await rulesets.inForceAt(hourOf(clock.now())))?.files[`rate-cards/${id}/${date}.json`];
  return text === undefined ? id : String((JSON.parse(text) as { name: unknown }).name);
}

function portalKeys(needs: PortalNeeds) {
  const { directory, clock } = needs;
  return {
    list: directory.keys,
    async create(
      customer: string,
      request: { name: string; mode: 'live' | 'test' },
    ): Promise<{ key: string } | 'too-many'> {
      const now = clock.now();
      const working = (await directory.keys(customer)).filter(
        ({ state, expiresAt }) => state === 'active' && (expiresAt ?? Number.POSITIVE_INFINITY) > now,
      );
      if (working.length >= ACTIVE_KEYS_MAX) return 'too-many';
      return { key: (await createKey(needs, { customer, ...request })).key };
    },
    roll: (customer: string, hash: string, overlapMs: number) => rollKey(needs, { customer, hash, overlapMs }),
    revoke: async (customer: string, hash: string): Promise<'revoked' | 'unknown'> =>
      (await revokeKey(needs, customer, hash)) === 'revoked' ? 'revoked' : 'unknown',
  };
}

function portalGuard({ store, sessionClock }: PortalNeeds) {
  return {
    firstTime: (customer: string, formId: string): Promise<boolean> =>
      store.claim(`form ${customer} ${formId}`, sessionClock.now(), sessionClock.now() + DAY_MS),
    /** Fixed windows: at the seam of two somebody may try twice as often, which is still few. */
    async allow(what: string, who: string, most: number, windowMs: number): Promise<boolean> {
      const window = Math.floor(sessionClock.now() / windowMs);
      const made = await store.count(`${what} ${who} ${window}`, (window + 2) * windowMs);
      return made <= most;
    },
    async endSession(id: string, until: number): Promise<void> {
      await store.claim(`session ${id}`, sessionClock.now(), until);
    },
    sessionEnded: (id: string): Promise<boolean> => store.claimed(`session ${id}`, sessionClock.now()),
  };
}
