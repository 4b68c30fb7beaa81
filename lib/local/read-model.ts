import type { CustomerProfile } from '../domain/entitlement/profile.ts';
import type { Identity, Member } from '../domain/portal/member.ts';
import { callsOfDay, usageMonth } from '../domain/portal/usage.ts';
import { hourOf, monthOf, type Period } from '../domain/time/time.ts';
import type { DevelopmentCustomer, DevelopmentPort } from '../portal/ports.ts';
import type { LocalTollgate } from './tollgate.ts';

/** Of the identities that exist only here. No issuer of OpenID Connect is called so: theirs are https addresses. */
const ISSUER = 'development';
/** Of people whom nobody knows yet: what becomes of them stands in the store, like for anyone. */
const NEWCOMERS = 'development-newcomers';

/**
 * Signing in as any customer of the embedded cloud, and the list to choose from. The deployed function never imports this.
 * @param period the month that was closed last
 */
export function developmentSignIn(
  { stores, cloud }: Pick<LocalTollgate, 'stores' | 'cloud'>,
  period: Period,
  curl: string,
): DevelopmentPort {
  const { directory, decisions, usage, invoices } = stores;
  const rowOf = async (profile: CustomerProfile): Promise<DevelopmentCustomer> => {
    const { id, name } = profile.customer;
    const [closed, decision, heads] = await Promise.all([
      usage.closedHours(id, period),
      decisions.inForceAt(id, hourOf(Math.min(cloud.clock.now(), period.end - 1))),
      invoices.headsOf(id),
    ]);
    const invoice = heads.find(({ key }) => key.kind === 'usage' && key.period.start === period.start);
    const { days } = usageMonth({ period, closed, provisional: [], firstOpen: undefined });
    return {
      ...{ id, name, status: profile.status, rateCard: decision?.rateCard ?? null, segments: decision?.segments ?? [] },
      calls: days.reduce((sum, day) => sum + callsOfDay(day), 0n).toString(),
      total: invoice?.invoice?.total ?? null,
      state: invoice?.state ?? null,
    };
  };
  return {
    curl,
    period: monthOf(period.start),
    newcomer() {
      const subject = cloud.runtime.random.hex(6);
      return { issuer: NEWCOMERS, subject, email: `${subject}@example.com`, name: 'New here' };
    },
    async customers() {
      const rows: DevelopmentCustomer[] = [];
      for await (const id of directory.customers()) {
        const profile = await directory.profile(id);
        if (profile) rows.push(await rowOf(profile));
      }
      return rows.sort((a, b) => Number(b.total ?? -1) - Number(a.total ?? -1) || (a.id < b.id ? -1 : 1));
    },
    mails: () => cloud.mails.toReversed(),
    async identityOf(customer): Promise<Identity | undefined> {
      const profile = await directory.profile(customer);
      return profile && { issuer: ISSUER, subject: customer, email: emailOf(customer), name: 'Demo admin' };
    },
  };
}

/** No mail leaves this machine. */
const emailOf = (customer: string): string => `admin@${customer.toLowerCase().replace(/[^a-z0-9-]/g, '-')}.example`;

/** The member that a development identity stands for: the admin of the customer it names. */
export function developmentMember({ issuer, subject }: Pick<Identity, 'issuer' | 'subject'>): Member | undefined {
  if (issuer !== ISSUER) return undefined;
  const customer = subject;
  return { issuer, subject, customer, role: 'admin', email: emailOf(customer), name: 'Demo admin', joinedAt: 0 };
}
