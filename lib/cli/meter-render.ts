import { once } from 'node:events';
import type { UsageCount } from '../domain/metering/counter.ts';
import { add, compare, type Decimal, formatDecimal, parseDecimal, ZERO } from '../domain/money/decimal.ts';
import type { Io } from './io.ts';

const FLUSH_CHARACTERS = 64 * 1024;
const TOP_CUSTOMERS = 10;
const MALFORMED_SHOWN = 5;

/** The contract's JSON, a record a line, streamed: a month of many customers does not fit in one string. */
export async function writeJson({ records, lines, malformed }: UsageCount, io: Io): Promise<void> {
  const { write, end } = streamed(io);
  let separator = '{ "records": [';
  for (const record of records()) {
    await write(`${separator}\n  ${JSON.stringify(record)}`);
    separator = ',';
  }
  await write(`${separator === ',' ? '\n' : separator}],\n"lines": ${JSON.stringify(lines)},\n`);
  separator = '"malformed": [';
  for (const line of malformed) {
    await write(`${separator}\n  ${JSON.stringify(line)}`);
    separator = ',';
  }
  const unlisted = lines.malformed - malformed.length;
  await write(
    `${separator === ',' ? '\n' : separator}]${unlisted > 0 ? `,\n"malformedNotListed": ${unlisted}` : ''} }\n`,
  );
  await end();
}

/** Waits where the reader is slower than we are, so that the answer is never all in memory. */
function streamed(io: Io): { write(text: string): Promise<void>; end(): Promise<void> } {
  let held = '';
  const end = async () => {
    const text = held;
    held = '';
    if (text !== '' && !io.stdout.write(text)) await once(io.stdout, 'drain', { signal: io.signal });
  };
  return {
    end,
    async write(text) {
      held += text;
      if (held.length >= FLUSH_CHARACTERS) await end();
    },
  };
}

interface CustomerTotals {
  readonly customer: string;
  /** By meter. */
  readonly quantities: Map<string, Decimal>;
}

/**
 * For reading: what became of the lines, and the customers that used most of the first meter.
 * @param meterOrder the meters as the meters file has them
 */
export async function writeText(count: UsageCount, meterOrder: readonly string[], io: Io): Promise<void> {
  const { lines, malformed } = count;
  const number = (value: number) => value.toLocaleString('en-US');
  const { write, end } = streamed(io);
  await write(`${number(lines.read)} lines read: ${number(lines.counted)} counted, ${number(lines.notBillable)} not `);
  await write(`billable, ${number(lines.duplicate)} duplicates, ${number(lines.malformed)} malformed\n`);
  const totals = totalsOf(count);
  const place = (meter: string) => (meterOrder.includes(meter) ? meterOrder.indexOf(meter) : meterOrder.length);
  const used = [...new Set(totals.flatMap(({ quantities }) => [...quantities.keys()]))];
  const meters = used.sort((a, b) => place(a) - place(b));
  if (totals.length > 0) await write(`\n${tableOf(totals, meters)}`);
  const more = totals.length - TOP_CUSTOMERS;
  if (more > 0) await write(`and ${number(more)} more customers; --json has all, by hour\n`);
  for (const { file, line, reason } of malformed.slice(0, MALFORMED_SHOWN)) {
    await write(
      `${file === malformed[0]?.file && line === malformed[0]?.line ? '\n' : ''}malformed: ${file}:${line}: ${reason}\n`,
    );
  }
  await end();
}

function totalsOf({ records }: UsageCount): CustomerTotals[] {
  const totals: CustomerTotals[] = [];
  for (const { customer, meter, quantity } of records()) {
    let last = totals.at(-1);
    if (last?.customer !== customer) {
      last = { customer, quantities: new Map() };
      totals.push(last);
    }
    last.quantities.set(meter, add(last.quantities.get(meter) ?? ZERO, parseDecimal(quantity)));
  }
  return totals;
}

function tableOf(totals: readonly CustomerTotals[], meters: readonly string[]): string {
  const [first = ''] = meters;
  const of = (total: CustomerTotals, meter: string) => total.quantities.get(meter) ?? ZERO;
  const top = [...totals].sort((a, b) => compare(of(b, first), of(a, first))).slice(0, TOP_CUSTOMERS);
  const rows = [
    ['customer', ...meters],
    ...top.map((total) => [total.customer, ...meters.map((meter) => formatDecimal(of(total, meter)))]),
  ];
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length))) ?? [];
  const line = ([customer = '', ...cells]: string[]) =>
    [customer.padEnd(widths[0] ?? 0), ...cells.map((cell, i) => cell.padStart(widths[i + 1] ?? 0))]
      .join('  ')
      .trimEnd();
  return `${rows.map(line).join('\n')}\n`;
}
