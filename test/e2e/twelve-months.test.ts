import { stopShops } from './shop.ts';
import { ACTS, END, WHO } from './twelve-months/story.ts';
import { live, startYear, type Year } from './twelve-months/year.ts';

let year: Year;
beforeAll(async () => {
  year = await startYear();
  const t = performance.now();
  await live(year, ACTS, Number(process.env.YEAR_END ?? END));
  console.log('lived', performance.now() - t, process.cpuUsage());
}, 300_000);
afterAll(async () => {
  await year?.tollgate.stop();
  await stopShops();
});

test('look', async () => {
  const rows: string[] = [];
  for (const who of WHO) {
    for (const { key, state, invoice, held, payment } of await year.tollgate.stores.invoices.ofCustomer(who)) {
      rows.push(
        `${who} ${new Date(key.period.start).toISOString().slice(0, 13)} ${key.kind} ${state} ${invoice?.total} ${invoice?.currency} ${held?.message ?? ''} ${payment.dispute ?? ''} ${payment.refunded ?? ''}`,
      );
      for (const l of invoice?.lines ?? [])
        if (process.env.YEAR_LINES)
          rows.push(
            `     ${l.kind} ${l.charge} ${l.quantity} ${l.unitPrice} ${l.amount} ${l.rule} ${l.from.slice(0, 10)}..${l.to.slice(0, 10)} ${l.explanation}`,
          );
    }
  }
  console.log(rows.join('\n'));
});
