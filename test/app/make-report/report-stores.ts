import { memoryDecisions } from '../../../lib/adapters/memory/decisions.ts';
import { memoryDirectory } from '../../../lib/adapters/memory/directory.ts';
import { memoryCorrections, memoryInvoices } from '../../../lib/adapters/memory/invoices.ts';
import { memoryRulesets } from '../../../lib/adapters/memory/rulesets.ts';
import { memoryClosedUsage, memoryProvisionalUsage } from '../../../lib/adapters/memory/usage.ts';
import { parsedOnce } from '../../../lib/app/invoice-customer/parsed-once.ts';
import { FIRST_ATTEMPTS } from '../../../lib/app/ports/invoices.ts';
import { newProfile } from '../../../lib/domain/entitlement/profile.ts';
import { NO_PAYMENT } from '../../../lib/domain/invoicing/payment.ts';
import { cardRater } from '../../../lib/domain/invoicing/rater.ts';
import type { ReportedInvoice } from '../../../lib/domain/reporting/bill.ts';
import { addHours, type Hour, hourOf, hourStart, parseTimestamp } from '../../../lib/domain/time/time.ts';
import { decisionOf, OCTOBER, reportInput, SEPTEMBER, type World } from '../../domain/reporting/report-world.ts';
import { shippedRules } from '../../domain/rules/shipped-rules.ts';
import { marker } from '../invoice-customer/fixtures.ts';

/** The stores of a report's world, for customers that all used the same. */
export async function reportStores(
  world: World = {},
  customers: readonly string[] = ['acme'],
  since = SEPTEMBER.start,
) {
  const now = parseTimestamp(world.asOf ?? '2026-11-03T09:00:00Z');
  const [directory, decisions, invoices, usage, provisional] = [
    ...([
      memoryDirectory(),
      memoryDecisions(),
      memoryInvoices(),
      memoryClosedUsage(),
      memoryProvisionalUsage(),
    ] as const),
  ];
  const input = reportInput(world);
  for (let hour = hourOf(SEPTEMBER.start); hour < input.closedUntil; hour = addHours(hour, 1))
    await usage.putMarker(marker(hour));
  for (const id of customers) {
    await directory.register(
      newProfile(
        {
          id,
          name: 'Acme GmbH',
          createdAt: '2026-02-01',
          keys: [],
          facts: {},
          overrides: {},
          timeZone: 'Europe/Berlin',
        },
        since,
      ),
    );
    await decisions.record(decisionOf({ customer: id }));
    await usage.putClosedHours(input.rows.map((row) => ({ ...row, customer: id })));
    for (const { hour, counters } of input.open)
      await provisional.add({ customer: id, hour, counters, source: `${id} ${hour}` });
    const put = async ({ invoice, state, creditNotes }: ReportedInvoice, period: typeof OCTOBER) =>
      void (await invoices.put({
        key: { customer: id, period, kind: 'usage' },
        ...{ state, creditNotes, invoice: invoice && { ...invoice, customer: id } },
        ...{
          stripe: { customer: null, invoice: null },
          attempts: FIRST_ATTEMPTS,
          held: null,
          payment: NO_PAYMENT,
          acts: [],
        },
        ...{ updatedAt: 0, version: 1 },
      }));
    for (const invoice of input.previous?.invoices ?? []) await put(invoice, SEPTEMBER);
    for (const invoice of input.invoices) await put(invoice, OCTOBER);
  }
  const rulesets = memoryRulesets([
    { hash: 'r1', commit: '8f3c2a9b1d4e', effectiveFrom: 0 as Hour, files: shippedRules() },
  ]);
  const clock = { now: () => now };
  const ports = {
    ...{ clock, directory, usage, provisional, decisions, rulesets, invoices, corrections: memoryCorrections() },
    ...{ rater: cardRater(), parseRuleset: parsedOnce() },
  };
  return { ports, customers: () => directory.customers(), input, firstOpen: hourStart(input.closedUntil) };
}
