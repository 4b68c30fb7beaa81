import type { PlanReport, ReportedCustomer, ReportedGroup } from '../../domain/impact/report.ts';
import { grouped } from '../../domain/words/numbers.ts';
import { counted, cut, nameOf, percentOf, signed } from './wording.ts';

/** Stands in the comment's first line, so that the next run finds it and updates it in place. */
export const MARKER = '<!-- tollgate plan -->';

/** GitHub takes 65,536 characters; counted here are bytes, of which there are never fewer. */
const BYTES_MAX = 65_000;

interface Lengths {
  readonly customers: number;
  readonly reasons: number;
  readonly groups: number;
  readonly notices: number;
}

/** Tried one after the other until the comment fits. */
const LENGTHS: readonly Lengths[] = [
  { customers: 10, reasons: 8, groups: 100, notices: 100 },
  { customers: 10, reasons: 3, groups: 50, notices: 30 },
  { customers: 5, reasons: 1, groups: 20, notices: 10 },
  { customers: 3, reasons: 0, groups: 5, notices: 3 },
  { customers: 0, reasons: 0, groups: 0, notices: 0 },
];

/** The report as a comment on a pull request. Lists are cut until it fits, and each says how much is missing. */
export function renderMarkdown(report: PlanReport): string {
  for (const lengths of LENGTHS) {
    const text = comment(report, lengths);
    if (Buffer.byteLength(text) <= BYTES_MAX) return text;
  }
  return `${MARKER}\n${heading(report)}\n\nThe rest does not fit in a comment: see the JSON report.\n`;
}

function comment(report: PlanReport, lengths: Lengths): string {
  const sections = [
    `${MARKER}\n${heading(report)}`,
    guardrails(report, lengths),
    details(`Largest rises`, customers(report.rises, report, lengths, report.summary.rising), report.rises.length),
    details(`Largest falls`, customers(report.falls, report, lengths, report.summary.falling), report.falls.length),
    details('How bills change', distribution(report), report.summary.customers),
    details('Segments (they overlap)', groups('segment', report.segments, report, lengths), report.segments.length),
    details('Rules that decide', groups('rule', report.tierRules, report, lengths), report.tierRules.length),
    details(
      `Protected customers (${grouped(report.protectedCustomers.customers)})`,
      protectedCustomers(report),
      report.protectedCustomers.customers,
    ),
    details(
      `Cheaper elsewhere in the catalogue (${grouped(report.cheaperElsewhere.customers)})`,
      elsewhere(report, lengths),
      report.cheaperElsewhere.customers,
    ),
    notices(report, lengths),
  ];
  return `${sections.filter((section) => section !== '').join('\n\n')}\n`;
}

const VERDICTS = { 0: '✅ No bill changes', 2: '🟡 Bills change, every guardrail passes', 3: '❌ A guardrail fails' };

function heading(report: PlanReport): string {
  const { summary, base, head, period, currency, at, exitCode } = report;
  const lines = [
    `### tollgate plan: ${VERDICTS[exitCode]}`,
    '',
    `**${signed(summary.change)} ${currency}${percentOf(summary.before, summary.change)}** a month: ${summary.before} → ${summary.after} ${currency}. ` +
      `${grouped(summary.changed)} of ${counted(summary.customers, 'bill')} ${summary.changed === 1 ? 'changes' : 'change'}, ${grouped(summary.rising)} up and ${grouped(summary.falling)} down.`,
    '',
    `<sub>${code(nameOf(base))} → ${code(nameOf(head))}, usage of ${period}, rules as of ${at}</sub>`,
  ];
  if (summary.leftOut > 0)
    lines.push('', `⚠️ ${counted(summary.leftOut, 'customer')} left out of every sum: see the notices.`);
  return lines.join('\n');
}

const MARKS = { pass: '✅', fail: '❌', overridden: '🟡 overridden' };

function guardrails({ guardrails }: PlanReport, lengths: Lengths): string {
  if (guardrails.length === 0) return '';
  const failing = guardrails.filter(({ verdict }) => verdict !== 'pass');
  const shown = [...failing, ...guardrails.filter(({ verdict }) => verdict === 'pass')].slice(0, lengths.groups + 5);
  const rows = shown.map(
    ({ id, verdict, detail }) => `| ${MARKS[verdict]} | ${code(id)} | ${plain(cut(detail, 600))} |`,
  );
  return ['| | guardrail | |', '|---|---|---|', ...rows, ...more(guardrails.length - shown.length, 'guardrails')].join(
    '\n',
  );
}

/** A section that opens on a click; nothing where there is nothing in it. */
function details(title: string, body: string, size: number): string {
  return size === 0 || body === '' ? '' : `<details><summary>${title}</summary>\n\n${body}\n\n</details>`;
}

function customers(list: readonly ReportedCustomer[], { currency }: PlanReport, lengths: Lengths, all: number): string {
  const shown = list.slice(0, lengths.customers);
  const rows = shown.map(({ id, before, after, change, reasons }) => {
    const told = reasons.slice(0, lengths.reasons).map((reason) => plain(cut(reason, 300)));
    const rest =
      reasons.length > told.length && lengths.reasons > 0 ? [`and ${reasons.length - told.length} more reasons`] : [];
    const card =
      before.rateCard === after.rateCard ? code(after.rateCard) : `${code(before.rateCard)} → ${code(after.rateCard)}`;
    return `| ${code(id)} | ${before.total} | ${after.total} | ${signed(change)} | ${[card, ...told, ...rest].join('<br>')} |`;
  });
  const table = [`| customer | before | after | ${currency} | why |`, '|---|--:|--:|--:|---|', ...rows];
  return [...table, ...more(all - shown.length, 'customers')].join('\n');
}

function distribution({ distribution, currency }: PlanReport): string {
  const most = Math.max(1, ...distribution.map(({ customers }) => customers));
  const rows = distribution
    .filter(({ customers }) => customers > 0)
    .map(({ label, customers, change }) => {
      const bar = '█'.repeat(Math.max(1, Math.round((20 * customers) / most)));
      return `| ${label} | ${grouped(customers)} | ${bar} | ${signed(change)} |`;
    });
  return [`| a bill | customers | | ${currency} |`, '|---|--:|---|--:|', ...rows].join('\n');
}

function groups(kind: string, list: readonly ReportedGroup[], { currency }: PlanReport, lengths: Lengths): string {
  const shown = list.slice(0, lengths.groups);
  const rows = shown.map(
    ({ id, customers, before, after }) =>
      `| ${code(id)} | ${grouped(customers)} | ${before} | ${after} | ${percentOf(before, after, 'total').replace(/[ ()]/g, '').replace('%', ' %')} |`,
  );
  const table = [
    `| ${kind} | customers | before, ${currency} | after, ${currency} | |`,
    '|---|--:|--:|--:|--:|',
    ...rows,
  ];
  return [...table, ...more(list.length - shown.length, `${kind}s`)].join('\n');
}

function protectedCustomers({ protectedCustomers, currency }: PlanReport): string {
  const { customers, rising, saved } = protectedCustomers;
  return `${counted(customers, 'customer')} under protection, ${grouped(rising)} of them with a bill that rises. Protection takes ${saved} ${currency} off their bills at head.`;
}

function elsewhere({ cheaperElsewhere, currency }: PlanReport, lengths: Lengths): string {
  const { customers, saving, largest } = cheaperElsewhere;
  const shown = largest.slice(0, lengths.customers);
  const rows = shown.map(
    ({ id, rateCard, total, other, otherTotal, saving }) =>
      `| ${code(id)} | ${code(rateCard)} | ${total} | ${code(other)} | ${otherTotal} | ${saving} |`,
  );
  return [
    `Together ${saving} ${currency}, at list prices and within the quota of the other card.`,
    '',
    '| customer | card | pays | other card | would pay | less |',
    '|---|---|--:|---|--:|--:|',
    ...rows,
    ...more(customers - shown.length, 'customers'),
  ].join('\n');
}

const SEVERITIES = { error: '❌', warning: '⚠️', info: 'ℹ️' };

function notices({ notices }: PlanReport, lengths: Lengths): string {
  if (notices.length === 0) return '';
  const shown = notices.slice(0, lengths.notices);
  const rows = shown.map(({ code: name, severity, file, message }) => {
    const where = file === null ? '' : `${code(file)}: `;
    return `- ${SEVERITIES[severity]} ${where}${plain(cut(message, 600))} (${code(name)})`;
  });
  return ['**Notices**', '', ...rows, ...more(notices.length - shown.length, 'notices')].join('\n');
}

const more = (count: number, what: string): string[] =>
  count > 0 ? ['', `… and ${grouped(count)} more ${what}, in the JSON report.`] : [];

/** Text of others: no markup, no mention, no reference comes to life, and no cell of a table ends early. */
const plain = (text: string): string =>
  text
    .replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ')
    .replace(/[&<>@#]/g, (c) => `&#${c.charCodeAt(0)};`)
    .replace(/[\\`*_{}[\]()|~!]/g, '\\$&')
    .replace(/(https?|www)([:.])/gi, '$1&#8203;$2');

/** An id as code; HTML, since a backtick could stand in it. */
const code = (text: string): string =>
  `<code>${cut(text, 80)
    .replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ')
    .replace(/[&<>@#|`*_[\]\\~:]/g, (c) => `&#${c.charCodeAt(0)};`)}</code>`;
