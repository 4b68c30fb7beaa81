import { canonicalJson, digestOf } from '../invoicing/canonical.ts';
import { usageDigest } from '../invoicing/closed-usage.ts';
import type { Invoice, InvoiceLine } from '../invoicing/invoice.ts';
import type { Rater } from '../invoicing/rater.ts';
import type { PublishedRuleset } from '../invoicing/terms.ts';
import { type CompiledMeters, compileMeters } from '../metering/compile-meters.ts';
import type { ClosedHour } from '../metering/meters.ts';
import { formatTimestamp, hourStart } from '../time/time.ts';
import type { Bundle, Difference } from './bundle.ts';
import { bundleContents, type Contents, invoiceIn, markerName, rowName } from './bundle-contents.ts';
import { decideAgain, decisionName } from './decide-again.ts';
import { rateAgain } from './rate-again.ts';
import { recountHour } from './recount.ts';
import { provenDifference, shownRuleset } from './shown-rules.ts';

export interface Verification {
  readonly customer: string;
  readonly kind: string;
  readonly start: string;
  readonly end: string;
  readonly verified: boolean;
  readonly total: string | null;
  readonly currency: string | null;
  readonly differences: readonly Difference[];
  /** What could not be proven, and why. */
  readonly notices: readonly string[];
  readonly checked: {
    readonly lines: number;
    readonly rows: number;
    readonly hours: number;
    readonly decisions: number;
  };
}

/**
 * Derives the invoice of a bundle again from the ledger's lines up, and names every input that differs.
 * @param integrity what {@link readBundle} found; where it found something nothing is derived, since it would only repeat it
 */
export function verifyBundle(bundle: Bundle, integrity: readonly Difference[], rater: Rater): Verification {
  const { customer, kind, start, end } = bundle;
  const invoice = invoiceIn(bundle);
  const about = { customer, kind, start, end, total: invoice?.total ?? null, currency: invoice?.currency ?? null };
  const nothing = { notices: [], checked: { lines: 0, rows: 0, hours: 0, decisions: 0 } };
  if (integrity.length > 0) return { ...about, ...nothing, verified: false, differences: integrity };
  try {
    const derived = derive(bundle, bundleContents(bundle), rater);
    return { ...about, ...derived, verified: derived.differences.length === 0 };
  } catch (error) {
    // A bundle can be forged into any shape, digests and all; one that cannot even be read is an answer too.
    const message = `its parts cannot be read: ${(error as Error).message}`;
    return { ...about, ...nothing, verified: false, differences: [{ input: 'bundle', message }] };
  }
}

function derive(
  bundle: Bundle,
  contents: Contents,
  rater: Rater,
): Pick<Verification, 'differences' | 'notices' | 'checked'> {
  const { customer, kind } = bundle;
  const { invoice, rows, markers, decisions } = contents;
  const notices: string[] = [];
  const differences = [...headDifferences(bundle, invoice), ...markerDifferences(contents)];
  const rulesets = provenRulesets(contents, differences, notices);
  const lines = recount(contents, customer, rulesets, differences);
  for (const decision of decisions) {
    const ruleset = rulesets.get(decision.ruleset.hash);
    if (ruleset) differences.push(...decideAgain(decision, ruleset));
    else differences.push({ input: decisionName(decision), message: 'the bundle does not hold its ruleset' });
  }
  if (invoice) {
    differences.push(...usageDifferences(contents, invoice));
    differences.push(...ratedDifferences(invoice, rateAgain(contents, { customer, kind, rulesets, rater })));
  }
  const checked = { lines, rows: rows.length, hours: markers.length, decisions: decisions.length };
  return { differences, notices, checked };
}

function headDifferences({ customer, kind, start, end }: Bundle, invoice: Invoice | null): Difference[] {
  if (!invoice) return [{ input: 'invoice', message: 'the bundle holds no invoice' }];
  const differences: Difference[] = [];
  const { digest, ...content } = invoice;
  if (digestOf(content) !== digest) {
    differences.push({ input: 'invoice', message: 'its content is not that of its digest' });
  }
  const same =
    [invoice.customer, invoice.kind, invoice.start, invoice.end].join() === [customer, kind, start, end].join();
  if (!same)
    differences.push({ input: 'head of the bundle', message: 'it names another invoice than the bundle holds' });
  return differences;
}

/** Markers are what their digests say, and every row is one of a closed hour. */
function markerDifferences({ markers, rows }: Contents): Difference[] {
  const differences: Difference[] = [];
  const known = new Map(markers.map((marker) => [`${marker.hour}#${marker.adjustment}`, marker]));
  for (const marker of markers) {
    const { digest, ...named } = marker;
    if (digestOf(named) === digest) continue;
    differences.push({ input: markerName(marker), message: 'it is not what its digest says' });
  }
  for (const row of rows) {
    const marker = known.get(`${row.hour}#${row.adjustment}`);
    const message = marker ? 'it cites another close than its marker' : 'there is no marker of its hour';
    if (marker?.digest !== row.digest || marker.ruleset !== row.ruleset) {
      differences.push({ input: rowName(row), message });
    }
  }
  return differences;
}

function provenRulesets(
  { rulesets }: Contents,
  differences: Difference[],
  notices: string[],
): Map<string, PublishedRuleset> {
  const proven = new Map<string, PublishedRuleset>();
  for (const shown of rulesets) {
    const { hash, hashed } = shown.content;
    const difference = provenDifference(shown);
    if (difference) differences.push(difference);
    if (hashed === 'whole') {
      notices.push(
        `ruleset ${hash.slice(0, 12)} was published before rulesets were hashed in parts: the cards and rules shown ` +
          'of it make this bill, and that they were the published ones is not proven',
      );
    }
    try {
      proven.set(hash, shownRuleset(shown));
    } catch (error) {
      const { message } = error as Error;
      differences.push({
        input: `ruleset ${hash.slice(0, 12)}`,
        message: `what is shown of it cannot be read: ${message}`,
      });
    }
  }
  return proven;
}

function recount(
  { rows, blocks }: Contents,
  customer: string,
  rulesets: ReadonlyMap<string, PublishedRuleset>,
  differences: Difference[],
): number {
  const compiled = new Map<string, CompiledMeters>();
  const metersOf = (hash: string): CompiledMeters | undefined => {
    const rules = rulesets.get(hash)?.rules;
    if (rules && !compiled.has(hash)) compiled.set(hash, compileMeters(rules.meters));
    return compiled.get(hash);
  };
  const byHour = grouped(rows);
  const blocksOf = grouped(blocks);
  let lines = 0;
  for (const hour of new Set([...byHour.keys(), ...blocksOf.keys()])) {
    const ofHour = byHour.get(hour) ?? [];
    const meters = metersOf(ofHour[0]?.ruleset ?? '');
    if (!meters) {
      differences.push({
        input: `lines of ${hour}`,
        message: 'no row or ruleset of the bundle says how to count them',
      });
      continue;
    }
    const found = recountHour({ customer, hour, meters, rows: ofHour, blocks: blocksOf.get(hour) ?? [] });
    lines += found.lines;
    differences.push(...found.differences);
  }
  return lines;
}

function grouped<T extends { readonly hour: string }>(items: readonly T[]): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(item.hour);
    if (group) group.push(item);
    else groups.set(item.hour, [item]);
  }
  return groups;
}

/** The rows of each period that the invoice rates make the usage digest that it cites. */
function usageDifferences({ periods, closed }: Contents, invoice: Invoice): Difference[] {
  return invoice.rated.flatMap(({ start, usageDigest: cited }) => {
    const period = periods.find((candidate) => formatTimestamp(candidate.period.start) === start);
    if (!period)
      return [{ input: `period ${start}`, message: 'the invoice rates it, and the bundle does not hold it' }];
    const made = usageDigest(rowsOf(closed, period.period));
    const message = `the closed rows from ${start} make the usage digest ${made.slice(0, 12)}…, the invoice cites another`;
    return made === cited ? [] : [{ input: `rows of the period from ${start}`, message }];
  });
}

const rowsOf = (rows: readonly ClosedHour[], { start, end }: { start: number; end: number }): ClosedHour[] =>
  rows.filter(({ hour }) => hourStart(hour) >= start && hourStart(hour) < end);

function ratedDifferences(invoice: Invoice, again: Invoice | string): Difference[] {
  if (typeof again === 'string') return [{ input: 'invoice', message: `it cannot be rated again: ${again}` }];
  if (canonicalJson(again) === canonicalJson(invoice)) return [];
  const ids = [...new Set([...invoice.lines, ...again.lines].map(({ id }) => id))];
  const lines = ids.flatMap((id) => {
    const [said, made] = [invoice, again].map(({ lines }) => lines.find((line) => line.id === id));
    return canonicalJson(said ?? null) === canonicalJson(made ?? null)
      ? []
      : [
          {
            input: `invoice line ${id}`,
            message: `rated again it is ${worded(made)}; the invoice says ${worded(said)}`,
          },
        ];
  });
  const { lines: _a, digest: _b, ...said } = invoice;
  const { lines: _c, digest: _d, ...made } = again;
  const fields = Object.keys(said).filter(
    (key) => canonicalJson(said[key as keyof typeof said]) !== canonicalJson(made[key as keyof typeof made]),
  );
  return [
    ...lines,
    ...fields.map((field) => ({ input: `invoice ${field}`, message: 'rated again it is another' })),
    ...(lines.length + fields.length === 0 ? [{ input: 'invoice', message: 'rated again it has another digest' }] : []),
  ];
}

const worded = (line: InvoiceLine | undefined): string =>
  line
    ? `${line.amount} for ${line.quantity ?? ''} ${line.meter ?? line.charge ?? line.kind}`.replace(/ +/g, ' ')
    : 'not there';
