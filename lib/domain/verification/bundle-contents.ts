import type { Invoice } from '../invoicing/invoice.ts';
import type { ClosedHour } from '../metering/meters.ts';
import type { Decision } from '../segmentation/decision.ts';
import { parseHour } from '../time/time.ts';
import type { Bundle, PartKind } from './bundle.ts';
import {
  type InputContent,
  type LinesContent,
  type MarkerContent,
  type PeriodContent,
  type RowContent,
  type RulesContent,
  type RulesetContent,
  unpacked,
} from './contents.ts';
import type { LinesBlock } from './recount.ts';
import type { ShownRuleset } from './shown-rules.ts';

/** The parts of a bundle by what they are. */
export interface Contents {
  readonly invoice: Invoice | null;
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly periods: readonly PeriodContent[];
  readonly markers: readonly MarkerContent[];
  readonly rows: readonly RowContent[];
  /** The rows as rating reads them. */
  readonly closed: readonly ClosedHour[];
  readonly decisions: readonly Decision[];
  readonly rulesets: readonly ShownRuleset[];
  readonly blocks: readonly LinesBlock[];
}

export const markerName = ({ hour, adjustment }: Pick<MarkerContent, 'hour' | 'adjustment'>): string =>
  `marker of ${hour}#${adjustment}`;
export const rowName = ({ hour, adjustment }: Pick<RowContent, 'hour' | 'adjustment'>): string =>
  `row of ${hour}#${adjustment}`;
export const linesName = ({ hour, object }: Pick<LinesContent, 'hour' | 'object'>): string =>
  `lines of ${hour} in ${object}`;

export const invoiceIn = ({ parts }: Bundle): Invoice | null =>
  (parts.find(({ part }) => part === 'invoice')?.content as Invoice | undefined) ?? null;

/** Contents are taken at their word here: each was written by `exportBundle`, or verification fails on what follows. */
export function bundleContents(bundle: Bundle): Contents {
  const { customer, parts } = bundle;
  const of = <Content>(kind: PartKind) =>
    parts.filter(({ part }) => part === kind).map(({ content }) => content as Content);
  const rows = of<RowContent>('row');
  const rules = of<RulesContent>('rules');
  return {
    invoice: invoiceIn(bundle),
    inputs: Object.fromEntries(of<InputContent>('input').map(({ field, value }) => [field, unpacked(value)])),
    periods: of<PeriodContent>('period'),
    markers: of<MarkerContent>('marker'),
    rows,
    closed: rows.map((row) => ({ ...row, customer, hour: parseHour(row.hour) })),
    decisions: of<Decision>('decision'),
    rulesets: of<RulesetContent>('ruleset').map((content) => ({
      content,
      parts: rules.filter(({ ruleset }) => ruleset === content.hash),
    })),
    blocks: parts.flatMap(({ part, name, content, lines }) =>
      part === 'lines' && lines ? [{ ...(content as LinesContent), name, bytes: lines }] : [],
    ),
  };
}
