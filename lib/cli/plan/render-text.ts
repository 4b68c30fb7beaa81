import type { createColors } from 'picocolors';
import type { PlanReport, ReportedCustomer } from '../../domain/impact/report.ts';
import { grouped } from '../../domain/words/numbers.ts';
import { counted, nameOf, percentOf, signed } from './wording.ts';

type Colors = ReturnType<typeof createColors>;

/** Customers whose reasons are shown; the lists of the report are longer. */
const EXPLAINED = 5;

/** The report for a terminal: one screen for most changes. */
export function renderText(report: PlanReport, colors: Colors): string {
  const sections = [
    heading(report, colors),
    guardrails(report, colors),
    moves('Largest rises', report.rises, report, colors),
    moves('Largest falls', report.falls, report, colors),
    distribution(report, colors),
    groups('Segments (they overlap)', report.segments, report, colors),
    groups('Rules that decide', report.tierRules, report, colors),
    protectedCustomers(report, colors),
    elsewhere(report, colors),
    notices(report, colors),
  ];
  return `${sections.filter((section) => section !== '').join('\n\n')}\n`;
}

function heading(report: PlanReport, colors: Colors): string {
  const { summary, base, head, period, currency, at } = report;
  const change = `${signed(summary.change)} ${currency}${percentOf(summary.before, summary.change)}`;
  return [
    colors.bold(`${nameOf(base)} → ${nameOf(head)}, usage of ${period} priced with the rules of ${at}`),
    `${counted(summary.customers, 'customer')}: ${counted(summary.changed, 'bill')} ${summary.changed === 1 ? 'changes' : 'change'} (${grouped(summary.rising)} rise, ${grouped(summary.falling)} fall)`,
    `${summary.before} → ${summary.after} ${currency}: ${colors.bold(change)}`,
    ...(summary.leftOut > 0
      ? [colors.yellow(`${counted(summary.leftOut, 'customer')} left out of every sum: see the notices`)]
      : []),
  ].join('\n');
}

function guardrails({ guardrails }: PlanReport, colors: Colors): string {
  if (guardrails.length === 0) return '';
  const mark = { pass: colors.green('pass'), fail: colors.red('FAIL'), overridden: colors.yellow('over') };
  const rows = guardrails.map(({ id, verdict, detail }) => `  ${mark[verdict]}  ${id}: ${printable(detail)}`);
  return [colors.bold('Guardrails'), ...rows].join('\n');
}

function moves(title: string, customers: readonly ReportedCustomer[], report: PlanReport, colors: Colors): string {
  if (customers.length === 0) return '';
  const width = Math.min(40, Math.max(...customers.map(({ id }) => printable(id).length)));
  const amounts = Math.max(...customers.map(({ change }) => signed(change).length));
  const rows = customers.flatMap(({ id, before, after, change, reasons }, i) => [
    `  ${printable(id).padEnd(width)}  ${signed(change).padStart(amounts)} ${report.currency}  ${before.total} → ${after.total}  ${cards(before.rateCard, after.rateCard)}`,
    ...(i < EXPLAINED ? reasons.map((reason) => colors.dim(`      ${printable(reason)}`)) : []),
  ]);
  return [colors.bold(title), ...rows].join('\n');
}

const cards = (before: string, after: string): string => (before === after ? after : `${before} → ${after}`);

function distribution({ distribution, currency }: PlanReport, colors: Colors): string {
  const shown = distribution.filter(({ customers }) => customers > 0);
  if (shown.length === 0) return '';
  const most = Math.max(...shown.map(({ customers }) => customers));
  const [labels, counts] = [
    Math.max(...shown.map(({ label }) => label.length)),
    Math.max(...shown.map(({ customers }) => grouped(customers).length)),
  ];
  const rows = shown.map(({ label, customers, change }) => {
    const bar = '█'.repeat(Math.max(1, Math.round((24 * customers) / most)));
    return `  ${label.padEnd(labels)}  ${grouped(customers).padStart(counts)}  ${bar}${/[1-9]/.test(change) ? `  ${signed(change)} ${currency}` : ''}`;
  });
  return [colors.bold('How bills change'), ...rows].join('\n');
}

function groups(title: string, list: PlanReport['segments'], { currency }: PlanReport, colors: Colors): string {
  const shown = list.filter(({ customers }) => customers > 0);
  if (shown.length === 0) return '';
  const [names, counts] = [
    Math.max(...shown.map(({ id }) => id.length)),
    Math.max(...shown.map(({ customers }) => grouped(customers).length)),
  ];
  const rows = shown.map(
    ({ id, customers, before, after }) =>
      `  ${id.padEnd(names)}  ${grouped(customers).padStart(counts)}  ${before === after ? `${after} ${currency}` : `${before} → ${after} ${currency}${percentOf(before, after, 'total')}`}`,
  );
  const empty = list.filter(({ customers }) => customers === 0).map(({ id }) => id);
  return [colors.bold(title), ...rows, ...(empty.length > 0 ? [colors.dim(`  nobody: ${empty.join(', ')}`)] : [])].join(
    '\n',
  );
}

function protectedCustomers({ protectedCustomers, currency }: PlanReport, colors: Colors): string {
  const { customers, rising, saved } = protectedCustomers;
  if (customers === 0) return '';
  return [
    colors.bold('Protected customers'),
    `  ${grouped(customers)}, of whom ${grouped(rising)} rise; protection takes ${saved} ${currency} off their bills at head`,
  ].join('\n');
}

function elsewhere({ cheaperElsewhere, currency }: PlanReport, colors: Colors): string {
  const { customers, saving, largest } = cheaperElsewhere;
  if (customers === 0) return '';
  const rows = largest
    .slice(0, EXPLAINED)
    .map(
      ({ id, rateCard, total, other, otherTotal }) =>
        `  ${printable(id)}: ${total} on ${rateCard}, ${otherTotal} ${currency} on ${other}`,
    );
  return [
    colors.bold(
      `${counted(customers, 'customer')} would pay less on another card at its list price, ${saving} ${currency} in all`,
    ),
    ...rows,
  ].join('\n');
}

function notices({ notices }: PlanReport, colors: Colors): string {
  if (notices.length === 0) return '';
  const mark = { error: colors.red('error'), warning: colors.yellow('warning'), info: 'info' };
  const rows = notices.map(
    ({ code, severity, file, message }) =>
      `  ${mark[severity]}  ${file === null ? '' : `${file}: `}${printable(message)}  ${colors.dim(`[${code}]`)}`,
  );
  return [colors.bold('Notices'), ...rows].join('\n');
}

/** Names come from files of others: nothing in them may move the cursor or break the line. */
const printable = (text: string): string =>
  text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
