import type { CustomerProfile } from '../../domain/entitlement/profile.ts';
import type { CustomerKey } from '../../domain/entitlement/snapshot.ts';
import { isNeverShown } from '../../domain/portal/account.ts';
import type { CustomerRequest } from '../../domain/portal/request.ts';
import type { Decision } from '../../domain/segmentation/decision.ts';
import { addHours, type EpochMs, formatHour, formatTimestamp, hourOf, hourStart } from '../../domain/time/time.ts';
import type { CreditGrants } from '../ports/credits.ts';
import type { CustomerRequests } from '../ports/customer-requests.ts';
import type { Decisions } from '../ports/decisions.ts';
import type { Directory } from '../ports/directory.ts';
import type { Corrections, InvoiceRecord, Invoices } from '../ports/invoices.ts';
import type { AlertSettingsStore, Deliveries, Notices, Watches } from '../ports/notices.ts';
import type { PortalStore } from '../ports/portal-store.ts';
import type { ClosedUsageReader, ProvisionalUsage } from '../ports/usage.ts';

export interface OwnDataPorts {
  readonly directory: Pick<Directory, 'profile' | 'keys'>;
  readonly store: Pick<PortalStore, 'members' | 'invitations' | 'audit'>;
  readonly requests: Pick<CustomerRequests, 'ofCustomer'>;
  readonly alerts: {
    readonly watches: Pick<Watches, 'state'>;
    readonly settings: Pick<AlertSettingsStore, 'settings'>;
    readonly notices: Pick<Notices, 'newest'>;
    readonly deliveries: Pick<Deliveries, 'ofCustomer'>;
  };
  readonly decisions: Pick<Decisions, 'during'>;
  readonly usage: Pick<ClosedUsageReader, 'closedHours'>;
  readonly provisional: Pick<ProvisionalUsage, 'provisional'>;
  readonly invoices: Pick<Invoices, 'ofCustomer'>;
  readonly credits: Pick<CreditGrants, 'ofCustomer'>;
  readonly corrections: Pick<Corrections, 'ofCustomer'>;
}

/** No decision is dated further ahead. */
const DATED_AHEAD_HOURS = 400 * 24;

/** More than any audit trail; every entry is the customer's. */
const ALL = 100_000;

/**
 * Everything that is kept about one customer, as one object: docs/schema/customer-data.schema.json. Secrets are not in it,
 * since none are kept: of a key its hash, of a payment method nothing. The raw lines of calls are in the bundles of
 * invoices; here is what was counted from them, hour by hour.
 *
 * @returns undefined for nobody of that id
 */
export async function ownData(customer: string, now: EpochMs, ports: OwnDataPorts) {
  const profile = await ports.directory.profile(customer);
  if (!profile) return undefined;
  const period = { start: hourStart(hourOf(profile.registeredAt)), end: now };
  const [keys, portal, alerts, decisions, usage, money] = await Promise.all([
    ports.directory.keys(customer),
    portalData(customer, ports),
    alertData(customer, ports),
    ports.decisions.during(customer, hourOf(profile.registeredAt), addHours(hourOf(now), DATED_AHEAD_HOURS)),
    usageData(customer, period, ports),
    moneyData(customer, ports),
  ]);
  return {
    version: 1,
    exportedAt: formatTimestamp(now),
    ...accountData(profile),
    keys: keys.map(keyData),
    ...portal,
    alerts,
    decisions: decisions.map(decisionData),
    ...usage,
    ...money,
  };
}

export type OwnData = NonNullable<Awaited<ReturnType<typeof ownData>>>;

/** Without the internal API key, which is not the customer's and never leaves the account. */
function accountData({ access, ...profile }: CustomerProfile) {
  const {
    customer,
    status,
    statusReason,
    statusSince,
    spend,
    registeredAt,
    billing,
    version: _,
    mailTrouble = [],
    ...settings
  } = profile;
  return {
    customer,
    account: {
      ...{ status, statusReason, spend, statusSince: formatTimestamp(statusSince) },
      registeredAt: formatTimestamp(registeredAt),
      ...{ rateCard: access.rateCard, deniedRoutes: access.denied },
    },
    billing: billingData(billing),
    settings: {
      ...settings,
      mailTrouble: mailTrouble.map(({ at, ...trouble }) => ({ ...trouble, at: formatTimestamp(at) })),
    },
  };
}

/** Without the digest of what Stripe was told, which says nothing of its own. */
function billingData({ toldStripe: _, addressChange, overdueSince, ...billing }: CustomerProfile['billing']) {
  const waiting = addressChange && { address: addressChange.address, askedAt: formatTimestamp(addressChange.askedAt) };
  return { ...billing, waitingToBeConfirmed: waiting ?? null, overdueSince: timeOrNull(overdueSince) };
}

const timeOrNull = (at: EpochMs | null | undefined): string | null => (at == null ? null : formatTimestamp(at));

const keyData = ({ customer: _, createdAt, revokedAt, expiresAt, ...key }: CustomerKey) => ({
  ...key,
  createdAt: formatTimestamp(createdAt),
  revokedAt: timeOrNull(revokedAt),
  expiresAt: timeOrNull(expiresAt),
});

async function portalData(customer: string, { store, requests }: OwnDataPorts) {
  const [members, invitations, audit, asked] = await Promise.all([
    store.members(customer),
    // Those that have run out as well: they are kept until they are withdrawn.
    store.invitations(customer, 0),
    store.audit(customer, ALL),
    requests.ofCustomer(customer),
  ]);
  return {
    members: members.map(({ customer: _, joinedAt, ...member }) => ({
      ...member,
      joinedAt: formatTimestamp(joinedAt),
    })),
    invitations: invitations.map(({ customer: _, invitedAt, expiresAt, ...invitation }) => ({
      ...invitation,
      invitedAt: formatTimestamp(invitedAt),
      expiresAt: formatTimestamp(expiresAt),
    })),
    requests: asked.map(requestData),
    audit: audit.map(({ customer: _, id: __, at, ...entry }) => ({ at: formatTimestamp(at), ...entry })),
  };
}

/** A webhook's secret is derived and never kept, so that there is none to show. */
async function alertData(customer: string, { alerts: { settings, notices, deliveries, watches } }: OwnDataPorts) {
  const [set, told, sent, watch] = await Promise.all([
    settings.settings(customer),
    notices.newest(customer, ALL),
    deliveries.ofCustomer(customer),
    watches.state(customer),
  ]);
  return {
    watch:
      watch === undefined
        ? null
        : { lookedAt: formatTimestamp(watch.lookedAt), bill: watch.bill, levels: watch.levels },
    settings: set === undefined ? null : { ...set, target: set.target?.url ?? null },
    notices: told.map(({ customer: _, at, ...notice }) => ({ ...notice, at: formatTimestamp(at) })),
    deliveries: sent.map(({ customer: _, at, ...delivery }) => ({ ...delivery, at: formatTimestamp(at) })),
  };
}

const requestData = ({
  id,
  kind,
  state,
  subject,
  statement,
  answer,
  askedAt,
  askedBy,
  settledAt,
}: CustomerRequest) => ({
  ...{ id, kind, state, subject, statement, answer, askedBy },
  askedAt: formatTimestamp(askedAt),
  settledAt: timeOrNull(settledAt),
});

const decisionData = ({ customer: _, effectiveFrom, ...decision }: Decision) => ({
  effectiveFrom: formatHour(effectiveFrom),
  ...decision,
});

async function usageData(
  customer: string,
  period: { readonly start: EpochMs; readonly end: EpochMs },
  { usage, provisional }: OwnDataPorts,
) {
  const [closed, counted] = await Promise.all([
    usage.closedHours(customer, period),
    provisional.provisional(customer, period),
  ]);
  const isClosed = new Set(closed.map(({ hour }) => hour));
  return {
    usage: closed.map(({ hour, adjustment, usage: quantities, tallies }) => ({
      ...{ hour: formatHour(hour), adjustment, quantities, tallies: tallies ?? null },
    })),
    // Hours that are closed stand above, with the numbers that bill.
    provisional: counted
      .filter(({ hour }) => !isClosed.has(hour))
      .map(({ hour, counters }) => ({ hour: formatHour(hour), counters })),
  };
}

async function moneyData(customer: string, { invoices, credits, corrections }: OwnDataPorts) {
  const [records, grants, corrected] = await Promise.all([
    invoices.ofCustomer(customer),
    credits.ofCustomer(customer),
    corrections.ofCustomer(customer),
  ]);
  return {
    invoices: records.filter(({ state }) => !isNeverShown(state)).map(invoiceData),
    credits: grants.map(({ customer: _, grantedAt, expiresAt, ...grant }) => ({
      ...grant,
      grantedAt: formatTimestamp(grantedAt),
      expiresAt: timeOrNull(expiresAt),
    })),
    corrections: corrected.map(({ customer: _, ...correction }) => correction),
  };
}

const invoiceData = ({ key, state, invoice, payment, creditNotes, acts, stripe }: InvoiceRecord) => ({
  ...{ kind: key.kind, start: formatTimestamp(key.period.start), end: formatTimestamp(key.period.end), state },
  ...{ stripeInvoice: stripe.invoice, payment, creditNotes, invoice },
  // Which of our people did it is theirs.
  acts: acts.map(({ by: _, at, ...act }) => ({ ...act, at: formatTimestamp(at) })),
});
