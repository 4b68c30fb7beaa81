import { compileRateCard } from '../../lib/domain/pricing/compile.ts';
import { parseRateCard } from '../../lib/domain/pricing/parse.ts';
import { rate, rateExact } from '../../lib/domain/pricing/rate.ts';
import { parseUsage } from '../../lib/domain/pricing/usage.ts';
import type { BenchResult } from './result.ts';

const METERS = ['calls', 'tokens', 'bytes', 'searches', 'exports'];
const TIERS = [
  { upTo: 1_000, unitPrice: '0.004' },
  { upTo: 10_000, unitPrice: '0.0035' },
  { upTo: 100_000, unitPrice: '0.0028' },
  { upTo: null, unitPrice: '0.00151' },
];
const CUSTOMERS = 2_000;
const ROUNDS = 9;
const PASSES = 20;
const GOAL_PER_SECOND = 400_000;
const GOAL_RATIO = 0.3;

/** 5 meters, graduated with 4 tiers each, two discounts and a minimum. */
const card = compileRateCard(
  parseRateCard({
    id: 'bench',
    name: 'Bench',
    effectiveFrom: '2026-01-01',
    currency: 'USD',
    rationale: 'the benchmark of the design',
    valueDriver: 'calls',
    owner: 'pricing@example.com',
    charges: METERS.map((meter) => ({ id: meter, meter, price: { model: 'graduated', tiers: TIERS } })),
    discounts: [
      { id: 'annual', percent: '10' },
      { id: 'partner', amount: '5.00', appliesTo: 'calls' },
    ],
    minimum: { amount: '100.00' },
  }),
);

/** A fixed sequence, so that each run rates the same usage: a linear congruential generator (Numerical Recipes). */
function sequence(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

const next = sequence(42);
/** Spread over the tiers as real customers are: many small ones, few large. From JSON, as usage comes. */
const quantities: number[][] = JSON.parse(
  JSON.stringify(Array.from({ length: CUSTOMERS }, () => METERS.map(() => Math.floor(10 ** (next() * 5.5))))),
);
const period = { start: '2026-01-01T00:00:00Z', end: '2026-02-01T00:00:00Z' };
const usages = quantities.map((list, i) => ({
  customer: `customer-${i}`,
  period,
  usage: list.map((quantity, m) => ({ meter: METERS[m], quantity })),
}));
const parsed = usages.map(parseUsage);

/** What a line says, as the engine's lines do. */
interface HandLine {
  kind: 'usage';
  charge: string;
  meter: string;
  group: null;
  tier: number;
  quantity: number;
  unitPrice: string;
  flat: string;
  amount: number;
}
const BOUNDS = [1_000, 10_000, 100_000, Number.POSITIVE_INFINITY];
/** In 1/100,000 dollar. */
const UNITS = [400, 350, 280, 151];

/** The same bill as a person would unroll it for this one card: integers of cents / 1,000, a line object for each tier. */
function byHand(list: readonly number[]): { lines: HandLine[]; total: number } {
  const lines: HandLine[] = [];
  let subtotal = 0;
  let calls = 0;
  for (let meter = 0; meter < 5; meter++) {
    const quantity = list[meter] as number;
    let billed = 0;
    for (let tier = 0; tier < 4 && billed < quantity; tier++) {
      const top = Math.min(BOUNDS[tier] as number, quantity);
      const exactly = (top - billed) * (UNITS[tier] as number);
      const rest = exactly % 1_000;
      const whole = (exactly - rest) / 1_000;
      const amount = rest > 500 || (rest === 500 && whole % 2 === 1) ? whole + 1 : whole;
      const name = METERS[meter] as string;
      lines.push({
        kind: 'usage',
        charge: name,
        meter: name,
        group: null,
        tier: tier + 1,
        quantity: top - billed,
        unitPrice: TIERS[tier]?.unitPrice as string,
        flat: '0',
        amount,
      });
      subtotal += amount;
      if (meter === 0) calls += amount;
      billed = top;
    }
  }
  let left = subtotal - Math.min(500, calls);
  const tenth = left * 10;
  const rest = tenth % 100;
  const whole = (tenth - rest) / 100;
  left -= rest > 50 || (rest === 50 && whole % 2 === 1) ? whole + 1 : whole;
  return { lines, total: Math.max(left, 10_000) };
}

const CASES = {
  hand: () => sumOver((i) => byHand(quantities[i] as number[]).total),
  exact: () => sumOver((i) => Number(rateExact(card, parsed[i] as (typeof parsed)[number]).total)),
  written: () => sumOver((i) => rate(card, parsed[i] as (typeof parsed)[number]).lines.length),
  parsedAndWritten: () => sumOver((i) => rate(card, parseUsage(usages[i])).lines.length),
  explained: () => sumOver((i) => rate(card, parsed[i] as (typeof parsed)[number], { explain: true }).lines.length),
};
type Case = keyof typeof CASES;

/** A sum of the results, so that no work can be left out. */
function sumOver(work: (index: number) => number): number {
  let sum = 0;
  for (let i = 0; i < CUSTOMERS; i++) sum += work(i);
  return sum;
}

/** Customer-periods per second of CPU time, median over rounds that take turns. */
export async function run(): Promise<BenchResult[]> {
  if (CASES.hand() !== CASES.exact()) throw new Error('the engine and the unrolled arithmetic do not agree');
  const names = Object.keys(CASES) as Case[];
  const speeds: Record<Case, number[]> = { hand: [], exact: [], written: [], parsedAndWritten: [], explained: [] };
  for (let round = 0; round < ROUNDS; round++) {
    for (const name of names) speeds[name].push(measure(CASES[name]));
  }
  const median = (name: Case) => speeds[name].sort((a, b) => a - b)[Math.floor(ROUNDS / 2)] as number;
  const hand = median('hand');
  const result = (name: string, value: number, goal?: { text: string; met: boolean }): BenchResult => ({
    name: `rating: ${name}`,
    value: Math.round(value),
    unit: 'customer-periods per CPU-second',
    ratio: Number((value / hand).toFixed(2)),
    ...(goal && { goal: goal.text, met: goal.met }),
  });
  const exact = median('exact');
  return [
    result('the same arithmetic unrolled by hand, with line objects', hand),
    result('exact bill with lines', exact, {
      text: `>= ${GOAL_PER_SECOND} and >= ${GOAL_RATIO} of unrolled by hand`,
      met: exact >= GOAL_PER_SECOND && exact / hand >= GOAL_RATIO,
    }),
    result('written in the published format', median('written')),
    result('parsed from JSON objects and written', median('parsedAndWritten')),
    result('written with explanations', median('explained')),
  ];
}

function measure(work: () => number): number {
  const before = process.cpuUsage();
  for (let pass = 0; pass < PASSES; pass++) work();
  const { user, system } = process.cpuUsage(before);
  return (CUSTOMERS * PASSES * 1e6) / (user + system);
}
