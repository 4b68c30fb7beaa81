import type { InvoiceRecord } from '../app/ports/invoices.ts';
import type { CustomerProfile } from '../domain/entitlement/profile.ts';
import type { Invoice, InvoiceLine } from '../domain/invoicing/invoice.ts';
import type { ClosedHour } from '../domain/metering/meters.ts';
import { DAY_MS, formatDate, hourOf, hourStart, monthOf, type Period } from '../domain/time/time.ts';
import type { CustomerRow, CustomerView, DayUsage, InvoiceLineView, InvoiceView } from '../portal/view.ts';
import type { ReadModel } from './site.tsx';
import type { LocalTollgate } from './tollgate.ts';

/** The meter that the pages draw; the others stand on the invoice. */
const CALLS = 'api-calls';
const NO_GROUP = 'other';
/** Colours in the chart; what does not fit is gathered under `other`. */
const GROUPS_MAX = 4;

/**
 * What the local pages show of one period, read from the stores that bill.
 * @param period the month that was closed last; calls after it are provisional
 */
export function readModel({ stores, cloud }: Pick<LocalTollgate, 'stores' | 'cloud'>, period: Period): ReadModel {
  const { directory, decisions, usage, provisional, invoices } = stores;
  const name = monthOf(period.start);

  const view = async (profile: CustomerProfile): Promise<CustomerView> => {
    const { id } = profile.customer;
    const now = cloud.clock.now();
    const closed = await usage.closedHours(id, period);
    const decision = await decisions.inForceAt(id, hourOf(Math.min(now, period.end - 1)));
    const open = await provisional.provisional(id, { start: period.end, end: Math.max(now, period.end) + DAY_MS });
    const record = (await invoices.ofCustomer(id)).find(({ key }) => key.period.start === period.start);
    const groups = groupsOf(closed);
    return {
      ...{ id, name: profile.customer.name, status: profile.status, period: name, groups },
      segments: decision?.segments ?? [],
      rateCard: decision?.rateCard ?? null,
      tierRule: decision?.tierRule ?? null,
      undecided: decision?.undecided ?? null,
      reasons: decision?.reasons ?? [],
      days: daysOf(closed, groups, period),
      calls: callsIn(closed).toString(),
      provisionalCalls: open.reduce((sum, { counters }) => sum + countedCalls(counters), 0n).toString(),
      invoice: record ? invoiceView(record) : null,
    };
  };

  return {
    period: name,
    async customer(id) {
      const profile = await directory.profile(id);
      return profile && view(profile);
    },
    async customers() {
      const rows: CustomerRow[] = [];
      for await (const id of directory.customers()) {
        const profile = await directory.profile(id);
        if (profile) rows.push(rowOf(await view(profile)));
      }
      return rows.sort((a, b) => Number(b.total ?? -1) - Number(a.total ?? -1) || (a.id < b.id ? -1 : 1));
    },
  };
}

const rowOf = (view: CustomerView): CustomerRow => {
  const { id, name, status, rateCard, segments, calls, invoice } = view;
  return { id, name, status, rateCard, segments, calls, total: invoice?.total ?? null, state: invoice?.state ?? null };
};

const callsOf = ({ usage }: ClosedHour) => usage.filter(({ meter }) => meter === CALLS);
const callsIn = (rows: readonly ClosedHour[]): bigint =>
  rows.flatMap(callsOf).reduce((sum, { quantity }) => sum + BigInt(quantity), 0n);

/** Provisional counters are named `c:<meter>|<group>`; test calls begin with `t:` and are not billed. */
const countedCalls = (counters: Readonly<Record<string, string>>): bigint =>
  Object.entries(counters).reduce(
    (sum, [name, count]) => (name.startsWith(`c:${CALLS}|`) ? sum + BigInt(count) : sum),
    0n,
  );

/** The route groups with the most calls, largest first, then `other` for the rest. */
function groupsOf(rows: readonly ClosedHour[]): string[] {
  const totals = new Map<string, bigint>();
  for (const { group, quantity } of rows.flatMap(callsOf)) {
    const name = group ?? NO_GROUP;
    totals.set(name, (totals.get(name) ?? 0n) + BigInt(quantity));
  }
  const named = [...totals]
    .filter(([group]) => group !== NO_GROUP)
    .sort((a, b) => (a[1] < b[1] ? 1 : a[1] > b[1] ? -1 : a[0] < b[0] ? -1 : 1));
  const shown = named.slice(0, GROUPS_MAX).map(([group]) => group);
  return totals.has(NO_GROUP) || named.length > GROUPS_MAX ? [...shown, NO_GROUP] : shown;
}

function daysOf(rows: readonly ClosedHour[], groups: readonly string[], period: Period): DayUsage[] {
  const count = Math.round((period.end - period.start) / DAY_MS);
  const days = Array.from({ length: count }, (_, day) => ({
    day: formatDate(period.start + day * DAY_MS),
    calls: groups.map(() => 0n),
  }));
  for (const row of rows) {
    const day = days[Math.floor((hourStart(row.hour) - period.start) / DAY_MS)];
    for (const { group, quantity } of callsOf(row)) {
      const series = groups.indexOf(group ?? NO_GROUP) === -1 ? groups.length - 1 : groups.indexOf(group ?? NO_GROUP);
      if (day) day.calls[series] = (day.calls[series] ?? 0n) + BigInt(quantity);
    }
  }
  return days;
}

function invoiceView({ key, state, invoice, held }: InvoiceRecord): InvoiceView {
  return {
    number: `${key.customer}/${monthOf(key.period.start)}`,
    state,
    held: held?.message ?? null,
    currency: invoice?.currency ?? '',
    lines: invoice?.lines.map(lineView) ?? [],
    total: invoice?.total ?? '0',
    digest: (invoice as Invoice | null)?.digest ?? '',
  };
}

function lineView(line: InvoiceLine): InvoiceLineView {
  const { kind, charge, meter, group, tier, quantity, unitPrice, amount, explanation, rateCard, rule, rulesCommit } =
    line;
  const title = [
    charge ?? meter ?? kind,
    kind === 'usage' ? '' : kind,
    group ?? '',
    tier === null ? '' : `tier ${tier}`,
  ];
  const cites = [rateCard, rule && `rule ${rule}`, rulesCommit && `commit ${rulesCommit.slice(0, 12)}`];
  return {
    title: title.filter((part, i) => part !== '' && title.indexOf(part) === i).join(', '),
    ...{ quantity, unitPrice, amount, why: explanation },
    cites: cites.filter(Boolean).join(', '),
  };
}
