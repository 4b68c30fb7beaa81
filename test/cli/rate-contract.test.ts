import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { isDeepStrictEqual } from 'node:util';
import { main } from '../../lib/cli/main.ts';
import { addRateCommand } from '../../lib/cli/rate.ts';
import { oracle } from '../domain/pricing/oracle.ts';
import { cardWith } from '../domain/pricing/rating.ts';

/** `tollgate rate` on 10,000 usages in one process against the slow implementation of the contract. */
const USAGES = 10_000;

const tiers = [
  { upTo: '1000', unitPrice: '0.004' },
  { upTo: '20000.5', unitPrice: '0.0035', flat: '1.25' },
  { upTo: null, unitPrice: '0.00151' },
];
const card = cardWith({
  charges: [
    { id: 'platform', price: { model: 'flat', amount: '49.00', proration: 'day' } },
    { id: 'calls', meter: 'calls', included: '500', price: { model: 'graduated', tiers } },
    { id: 'bulk', meter: 'calls', group: 'bulk', price: { model: 'package', size: '1000', amount: '0.335' } },
    { id: 'tokens', meter: 'tokens', price: { model: 'volume', tiers, zeroUsage: 'chargeFirstFlat' } },
    { id: 'sales', meter: 'sales', price: { model: 'percentage', percent: '2.9', fixedFee: '0.305', max: '8' } },
    {
      id: 'nights',
      meter: 'jobs',
      included: 7,
      price: {
        model: 'timeWindow',
        timeZone: 'America/New_York',
        windows: [{ id: 'night', from: '22:00', to: '06:00', price: { model: 'perUnit', unitPrice: '0.0125' } }],
        otherwise: { model: 'perUnit', unitPrice: '0.035' },
      },
    },
    {
      id: 'units',
      meter: 'units',
      price: {
        model: 'reserved',
        capacity: { quantity: '40', per: 'hour' },
        amount: '0.0031',
        overage: { model: 'perUnit', unitPrice: '0.105' },
      },
    },
  ],
  discounts: [
    { id: 'annual', percent: '12.5' },
    { id: 'partner', amount: '5.00', appliesTo: 'calls' },
  ],
  minimum: { amount: '60.00', proration: 'second' },
  maximum: { amount: '900.00' },
});

/** Numerical Recipes' linear congruential generator: the same usage in every run. */
function seeded(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

function usageOf(n: number, random: (below: number) => number): object {
  const hour = () => new Date(Date.UTC(2026, 2, 1, random(744))).toISOString().replace('.000', '');
  const quantity = () => String(random(10 ** (1 + random(5))));
  const usage = [
    { meter: 'calls', quantity: `${quantity()}.${random(2) * 5}` },
    { meter: 'calls', group: 'bulk', quantity: quantity() },
    { meter: 'calls', group: 'search', hour: hour(), quantity: random(3_000) },
    { meter: 'tokens', quantity: quantity() },
    { meter: 'sales', events: Array.from({ length: random(4) }, () => `${random(400)}.${10 + random(90)}`) },
    ...Array.from({ length: random(4) }, () => ({ meter: 'jobs', hour: hour(), quantity: random(30) })),
    ...Array.from({ length: random(4) }, () => ({ meter: 'units', hour: hour(), quantity: random(90) })),
  ].filter(() => random(5) > 0);
  return {
    customer: `customer-${n}`,
    period: { start: '2026-03-01T00:00:00Z', end: '2026-04-01T00:00:00Z' },
    ...(random(4) === 0 && { active: { from: `2026-03-${10 + random(20)}T0${random(10)}:30:15Z` } }),
    ...(random(3) === 0 && {
      credits: [
        { id: 'bought', kind: 'paid', balance: `${random(50)}.25`, expiresAt: null },
        { id: 'welcome', kind: 'promo', balance: '20.00', expiresAt: '2026-03-31T00:00:00Z' },
      ],
    }),
    usage,
  };
}

test('10,000 usages in one process are rated as the contract says, each line of them', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tollgate-rate-contract-'));
  try {
    const random = seeded(20_260_301);
    const usages = Array.from({ length: USAGES }, (_, n) => usageOf(n, random));
    writeFileSync(join(folder, 'card.json'), JSON.stringify(card));
    writeFileSync(join(folder, 'usage.ndjson'), usages.map((usage) => `${JSON.stringify(usage)}\n`).join(''));
    const [stdout, stderr] = [new PassThrough(), new PassThrough()];
    const io = {
      ...{ stdout, stderr, stdin: new PassThrough(), env: {}, cwd: folder, clock: { now: () => 0 }, exitCode: 0 },
      ...{ isTerminal: { stdout: false, stderr: false }, signal: new AbortController().signal },
    };
    let [rest, answered] = ['', 0];
    stdout.on('data', (chunk) => {
      const lines = `${rest}${chunk}`.split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        const { lines: rated, ...bill } = JSON.parse(line);
        const plain = rated.map(({ explanation, ...own }: { explanation: string }) => {
          if (explanation === '') throw new Error('a line without its arithmetic');
          return own;
        });
        const [answer, wanted] = [{ ...bill, lines: plain }, oracle(card, usages[answered])];
        // `expect` takes a hundred times as long, and is for showing a difference.
        if (!isDeepStrictEqual(answer, wanted)) expect(answer).toEqual(wanted);
        answered++;
      }
    });
    const args = ['rate', '--rate-card', 'card.json', '--usage', 'usage.ndjson', '--json'];
    await main(args, io, [addRateCommand], '0.0.0');
    expect({ answered, rest, exitCode: io.exitCode }).toEqual({ answered: USAGES, rest: '', exitCode: 0 });
  } finally {
    rmSync(folder, { recursive: true });
  }
}, 120_000);
