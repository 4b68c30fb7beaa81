import { gunzipSync, gzipSync } from 'node:zlib';
import { digestOf } from '../../lib/domain/invoicing/canonical.ts';
import { type DraftInput, draftInvoice, PLAIN_DRAFT } from '../../lib/domain/invoicing/draft.ts';
import { cardRater } from '../../lib/domain/invoicing/rater.ts';
import { compileMeters } from '../../lib/domain/metering/compile-meters.ts';
import { UsageCounter } from '../../lib/domain/metering/counter.ts';
import type { ClosedHour } from '../../lib/domain/metering/meters.ts';
import { hashRuleset, rulesetParts } from '../../lib/domain/rules/hash-ruleset.ts';
import { parseRuleset } from '../../lib/domain/rules/parse-ruleset.ts';
import { compileRules, decide } from '../../lib/domain/segmentation/decide.ts';
import { formatHour, type Hour, hourOf, hourStart, hoursOf, parseMonth } from '../../lib/domain/time/time.ts';
import { type BundlePart, readBundle, writeBundle } from '../../lib/domain/verification/bundle.ts';
import { linesName, markerName, rowName } from '../../lib/domain/verification/bundle-contents.ts';
import { packed } from '../../lib/domain/verification/contents.ts';
import { verifyBundle } from '../../lib/domain/verification/verify-bundle.ts';
import type { BenchResult } from './result.ts';

const CALLS = 1_000_000;
const ROUNDS = 3;
const GOAL_SECONDS = 3;
const PERIOD = parseMonth('2026-01');
const WHY = { rationale: 'the benchmark', valueDriver: 'calls', owner: 'pricing@example.com' };

const FILES = {
  'meters.json': JSON.stringify({
    meters: [{ id: 'api-calls', unit: 'call', source: 'accessLog', aggregation: 'count' }],
    routeGroups: [{ id: 'search', routes: ['/search/**'] }],
  }),
  'facts.json': JSON.stringify({ facts: [] }),
  'segments.json': JSON.stringify({ rules: [] }),
  'tiers.json': JSON.stringify({ rules: [], otherwise: { rateCard: 'growth' } }),
  'protection.json': JSON.stringify({ rules: [] }),
  'rate-cards/growth/2026-01-01.json': JSON.stringify({
    ...{ id: 'growth', name: 'Growth', effectiveFrom: '2026-01-01', currency: 'USD', ...WHY },
    charges: [{ id: 'calls', meter: 'api-calls', price: { model: 'perUnit', unitPrice: '0.0004' } }],
  }),
};

/** A month of a million calls, as many in each hour, in the ledger's own form; the lines differ as real ones do. */
function* linesOf(hour: Hour, first: number, count: number): Generator<string> {
  for (let n = first; n < first + count; n++) {
    const id = `${(Math.imul(n, 2_654_435_761) >>> 0).toString(16).padStart(8, '0')}-${n.toString(36).padStart(8, '0')}=`;
    const ms = hourStart(hour) + ((n * 7_919) % 3_600_000);
    const path = n % 3 === 0 ? '/search/{id}' : n % 3 === 1 ? '/orders' : '/orders/{id}';
    yield `{"id":"${id}","epochMs":"${ms}","customerId":"acme","rateCard":"growth@2026-01-01","client":"python","method":"GET",` +
      `"resourcePath":"${path}","status":"200","responseBytes":"${200 + (n % 900)}","latencyMs":"${5 + (n % 90)}"}\n`;
  }
}

function bundleBytes(): Uint8Array {
  const hash = hashRuleset(FILES);
  const rules = parseRuleset(FILES);
  const meters = compileMeters(rules.meters);
  const hours = [...hoursOf(PERIOD)];
  const parts: BundlePart[] = [];
  const lines: BundlePart[] = [];
  const rows: ClosedHour[] = [];
  let made = 0;
  for (const [i, hour] of hours.entries()) {
    const count = Math.floor((CALLS * (i + 1)) / hours.length) - made;
    const bytes = Buffer.from([...linesOf(hour, made, count)].join(''));
    made += count;
    const counter = new UsageCounter({ meters, hour });
    const sink = counter.accessLog('f');
    sink.write(bytes);
    sink.end();
    const usage = [...counter.finish().records()].map(({ meter, group, quantity }) => ({ meter, group, quantity }));
    const text = formatHour(hour);
    const named = {
      hour: text,
      adjustment: 0,
      ruleset: hash,
      inputsDigest: 'i',
      objectsDigest: 'o',
      countsDigest: 'c',
    };
    const digest = digestOf(named);
    rows.push({ customer: 'acme', hour, adjustment: 0, usage, ruleset: hash, digest });
    parts.push({ part: 'marker', name: markerName(named), content: { ...named, digest } });
    parts.push({
      part: 'row',
      name: rowName(named),
      content: { hour: text, adjustment: 0, usage, ruleset: hash, digest },
    });
    const content = { hour: text, kind: 'usage', object: 'usage/2026/01/01/00/o.gz@1', objectSha256: 's', since: 0 };
    lines.push({ part: 'lines', name: linesName(content), content, lines: bytes });
  }
  const decision = decide(
    compileRules(rules),
    {},
    { customer: 'acme', at: hourOf(PERIOD.start), ruleset: { hash, commit: 'c' } },
  );
  const agreed = { ...PLAIN_DRAFT, customerSince: '2025-01-01' };
  const current = { period: PERIOD, active: PERIOD, rows, pinned: new Map(hours.map((hour) => [hour, hash])) };
  const input: DraftInput = {
    ...agreed,
    ...{ customer: 'acme', decisions: [decision], rater: cardRater(), current, earlier: [] },
    rulesets: new Map([[hash, { hash, commit: 'c', rules }]]),
  };
  const drafted = draftInvoice(input);
  if (drafted.outcome !== 'drafted') throw new Error(JSON.stringify(drafted));
  const { invoice } = drafted;
  const bundle = {
    ...{ customer: 'acme', kind: invoice.kind, start: invoice.start, end: invoice.end },
    parts: [
      { part: 'invoice', name: 'invoice', content: invoice },
      ...Object.entries(agreed).map(([field, value]) => ({
        part: 'input',
        name: field,
        content: { field, value: packed(value) },
      })),
      { part: 'period', name: 'period', content: { role: 'current', period: PERIOD, active: PERIOD } },
      { part: 'decision', name: 'decision', content: decision },
      { part: 'ruleset', name: 'ruleset', content: { hash, commit: 'c', hashed: 'parts', others: [] } },
      ...rulesetParts(FILES).map((part) => ({
        part: 'rules',
        name: `${part.file} ${part.part}`,
        content: { ruleset: hash, ...part },
      })),
      ...parts,
      ...lines,
    ] as BundlePart[],
  };
  return gzipSync(Buffer.concat([...writeBundle(bundle)]), { level: 6 });
}

/** Everything that `tollgate verify` does with a file but reading it from the disk. */
export async function run(): Promise<readonly BenchResult[]> {
  const file = bundleBytes();
  const seconds: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const started = performance.now();
    const reading = readBundle(gunzipSync(file));
    if (reading.outcome !== 'read') throw new Error(reading.message);
    const { verified, checked, differences } = verifyBundle(reading.bundle, reading.differences, cardRater());
    if (!verified || checked.lines !== CALLS) throw new Error(JSON.stringify(differences.slice(0, 3)));
    seconds.push((performance.now() - started) / 1_000);
  }
  const median = [...seconds].sort((a, b) => a - b)[Math.floor(ROUNDS / 2)] ?? 0;
  return [
    {
      name: 'verify an invoice of a million calls',
      value: Number(median.toFixed(2)),
      unit: 's',
      goal: `< ${GOAL_SECONDS} s`,
      met: median < GOAL_SECONDS,
    },
    { name: 'its bundle', value: Number((file.length / 1e6).toFixed(1)), unit: 'MB' },
  ];
}
