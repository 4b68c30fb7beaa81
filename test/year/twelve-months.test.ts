import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { exportInvoice } from '../../lib/app/export-bundle/export-invoice.ts';
import { creditsOf } from '../../lib/app/grant-credit/grant-credit.ts';
import { parsedOnce } from '../../lib/app/invoice-customer/parsed-once.ts';
import type { InvoiceRecord } from '../../lib/app/ports/invoices.ts';
import { reconcilePeriod } from '../../lib/app/reconcile/reconcile-period.ts';
import { portsOf } from '../../lib/cli/export-run.ts';
import type { Io } from '../../lib/cli/io.ts';
import { main } from '../../lib/cli/main.ts';
import { addVerifyCommand } from '../../lib/cli/verify.ts';
import { parseDecimal } from '../../lib/domain/money/decimal.ts';
import { monthOf, type Period } from '../../lib/domain/time/time.ts';
import { writeBundle } from '../../lib/domain/verification/bundle.ts';
import { type Books, booksAtStripe, booksOfRecords, isBalanced, parseBooks } from './books.ts';
import { formatGolden, goldenOf, nameOf, parseHandChecks } from './golden.ts';
import { ACTS, END, MONTHS, PEOPLE, WHO, type Who } from './story.ts';
import { live, startYear, type Year } from './year.ts';

/**
 * A year of fifteen customers, whose stories `story.ts` tells, on the project's own functions and template.
 * What they owe was worked out by hand: test/golden/twelve-months/README.md.
 */
const GOLDEN = join(import.meta.dirname, '../golden/twelve-months');
const HAND = readFileSync(join(GOLDEN, 'README.md'), 'utf8');

let year: Year;
const records = new Map<Who, InvoiceRecord[]>();
/** Those with a line; the rest says that nothing was due. */
const invoicesOf = (who: Who) =>
  (records.get(who) ?? []).flatMap((record) =>
    record.invoice && record.invoice.lines.length > 0 ? [{ record, invoice: record.invoice }] : [],
  );

beforeAll(async () => {
  year = await startYear();
  await live(year, ACTS, END);
  for (const who of WHO) records.set(who, await year.tollgate.stores.invoices.ofCustomer(who));
}, 300_000);
afterAll(() => year?.tollgate.stop());

describe.each(WHO)('%s', (who) => {
  test(`${PEOPLE[who].story}: every line is that of the golden file`, () => {
    const file = join(GOLDEN, `${who}.json`);
    const written = formatGolden(invoicesOf(who).map(({ record, invoice }) => goldenOf(record, invoice)));
    if (process.env.TOLLGATE_GOLDEN === 'write') writeFileSync(file, written);
    expect(written).toBe(readFileSync(file, 'utf8'));
  });

  test('every line and every total is what the hand came to', () => {
    const made = invoicesOf(who).map(({ record, invoice: { lines, total } }) => ({
      invoice: nameOf(record),
      amounts: lines.map(({ amount }) => amount).filter((amount) => parseDecimal(amount).units !== 0n),
      total,
    }));
    const byName = (a: { invoice: string }, b: { invoice: string }) => (a.invoice < b.invoice ? -1 : 1);
    expect(made.sort(byName)).toEqual([...(parseHandChecks(HAND).get(who) ?? [])].sort(byName));
  });
});

test('nothing is held, and what has no line is of nothing and unknown to Stripe', () => {
  for (const who of WHO) {
    for (const { key, held, state, invoice, stripe } of records.get(who) ?? []) {
      expect([who, held]).toEqual([who, null]);
      if (invoice && invoice.lines.length > 0) continue;
      expect([nameOf({ key }), state, stripe.invoice, Number(invoice?.total)]).toEqual([
        nameOf({ key }),
        'NOTHING_DUE',
        null,
        0,
      ]);
    }
  }
});

test("cora's invoices say her order number, and give her thirty days", async () => {
  const { invoices } = year.tollgate.stripe.store;
  const sent = (records.get('cora') ?? []).flatMap(({ stripe }) => invoices.get(stripe.invoice ?? '') ?? []);
  expect(sent).toHaveLength(14);
  for (const invoice of sent) {
    expect(invoice).toMatchObject({
      collection_method: 'send_invoice',
      days_until_due: 30,
      description: 'Thank you for the year',
    });
    expect(invoice.custom_fields).toEqual([{ name: 'PO number', value: 'PO-4711' }]);
  }
});

describe('the books', () => {
  const atStripe = (who: Who) => {
    const { customers, invoices } = year.tollgate.stripe.store;
    const ours = [...customers.values()].filter(({ metadata }) => metadata.tollgate_customer === who);
    return [...invoices.values()].filter(({ customer }) => ours.some(({ id }) => id === customer));
  };
  const shown = ({ billed, paid, open, writtenOff, credited }: Books, decimals: number) =>
    [billed, paid, open, writtenOff, credited].map((units) => {
      const digits = units.toString().padStart(decimals + 1, '0');
      return units === 0n || decimals === 0
        ? digits.replace(/^0+(?=\d)/, '').replace(/^0\.0+$/, '0')
        : `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
    });

  test.each(WHO)("of %s balance, ours are Stripe's, and both are the hand's", (who) => {
    const [theirs, ours] = [booksAtStripe(atStripe(who)), booksOfRecords(records.get(who) ?? [])];
    expect(isBalanced(theirs)).toBe(true);
    expect(ours).toEqual(theirs);
    const decimals = who === 'hana' ? 0 : 2;
    expect(shown(theirs, decimals)).toEqual(parseBooks(HAND).get(who));
  });

  test('of all in USD balance, and are the sum that the hand came to', () => {
    const hand = /^\| \*all in USD\* \|(.*)\|$/m
      .exec(HAND)?.[1]
      ?.split('|')
      .map((cell) => cell.trim());
    const all = WHO.filter((who) => who !== 'hana').flatMap(atStripe);
    expect(isBalanced(booksAtStripe(all))).toBe(true);
    expect(shown(booksAtStripe(all), 2)).toEqual(hand);
  });

  test('no more invoices are at Stripe than ours, each of our total, and no balance was needed', () => {
    const sent = WHO.flatMap((who) => records.get(who) ?? []).flatMap(({ stripe }) => stripe.invoice ?? []);
    const { invoices, customers } = year.tollgate.stripe.store;
    expect([...invoices.keys()].sort()).toEqual(sent.sort());
    expect([...customers.values()].map(({ balance }) => balance)).toEqual([...customers.keys()].map(() => 0));
  });

  test('credit: what was given is what was used and what is left', async () => {
    for (const who of ['ada', 'dan'] as const) {
      const used = new Map<string, bigint>();
      for (const { invoice } of invoicesOf(who)) {
        for (const { id, used: amount } of invoice.credits)
          used.set(id, (used.get(id) ?? 0n) + BigInt(amount.replace('.', '')));
      }
      const credits = await creditsOf(who, year.operating);
      expect(credits.length).toBeGreaterThan(0);
      for (const { grant, balance } of credits) {
        expect([grant.id, BigInt(balance.replace('.', '')) + (used.get(grant.id) ?? 0n)]).toEqual([
          grant.id,
          BigInt(grant.amount.replace('.', '')),
        ]);
      }
    }
  });
});

test.each(MONTHS)('%s: the ledger, the closed rows, the invoices and Stripe agree', async (month) => {
  const { stores } = year.tollgate;
  const found = await reconcilePeriod(
    { month },
    { ...stores, customers: stores.directory, billing: year.operating.billing },
  );
  expect([month, found.differences]).toEqual([month, []]);
});

test('every invoice passes tollgate verify, from its exported bundle alone', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tollgate-year-'));
  try {
    const { stores, cloud } = year.tollgate;
    // Nothing is closed any more, so what the hours of a month say is read once for all.
    const usage = { ...stores.usage, markers: readOnce(stores.usage.markers) };
    const ports = { ...portsOf({ stores: { ...stores, usage }, runtime: cloud.runtime }), parseRuleset: parsedOnce() };
    const files: string[] = [];
    for (const who of WHO) {
      for (const { key, invoice } of records.get(who) ?? []) {
        if (key.kind === 'top-up' || invoice === null || invoice.currency === 'none') continue;
        const bundle = await exportInvoice({ customer: who, month: monthOf(key.period.start), kind: key.kind }, ports);
        const file = `${who}-${nameOf({ key }).replace(' ', '-')}.gz`;
        writeFileSync(
          join(folder, file),
          gzipSync(Buffer.concat([...writeBundle(bundle)].map((part) => Buffer.from(part)))),
        );
        files.push(file);
      }
    }
    const answers = await verify(folder, files);
    expect(answers.filter(({ verified }) => !verified)).toEqual([]);
    expect(answers).toHaveLength(files.length);
    expect(files.length).toBeGreaterThan(130);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}, 120_000);

function readOnce<T>(read: (period: Period) => Promise<T>): (period: Period) => Promise<T> {
  const known = new Map<string, Promise<T>>();
  return (period) => {
    const name = `${period.start}-${period.end}`;
    const found = known.get(name) ?? read(period);
    known.set(name, found);
    return found;
  };
}

async function verify(cwd: string, files: readonly string[]): Promise<{ file: string; verified: boolean }[]> {
  const [stdout, stderr] = [new PassThrough({ highWaterMark: 1 << 26 }), new PassThrough()];
  const io: Io = {
    ...{ stdout, stderr, stdin: new PassThrough(), env: {}, cwd, clock: { now: () => 0 }, exitCode: 0 },
    ...{ isTerminal: { stdout: false, stderr: false }, signal: new AbortController().signal },
  };
  await main(['verify', '--json', ...files], io, [addVerifyCommand], '0');
  expect(String(stderr.read() ?? '')).toBe('');
  const lines = String(stdout.read() ?? '')
    .trim()
    .split('\n');
  return lines.map((line) => JSON.parse(line) as { file: string; verified: boolean });
}
