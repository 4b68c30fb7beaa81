import type { PlanReport, ReportedCustomer, ReportedGroup } from '../../domain/impact/report.ts';
import { grouped } from '../../domain/words/numbers.ts';
import { changesChart, distributionChart } from './charts.ts';
import { STYLE } from './html-style.ts';
import { Html, html } from './html-text.ts';
import { counted, cut, nameOf, percentOf, signed } from './wording.ts';

/** One page that stands alone: no script, no font, no picture from anywhere. */
export function renderHtml(report: PlanReport): string {
  const { base, head, period } = report;
  const sections = [
    heading(report),
    guardrails(report),
    charts(report),
    customers('Largest rises', report.rises, report),
    customers('Largest falls', report.falls, report),
    groups('Segments', 'Segment', report.segments, report, 'A customer may be in several: segments do not add up.'),
    groups(
      'Rules that decide',
      'Rule',
      report.tierRules,
      report,
      'Each customer stands once, under the rule that decides at head.',
    ),
    protectedCustomers(report),
    elsewhere(report),
    notices(report),
  ];
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>tollgate plan: ${nameOf(base)} → ${nameOf(head)}, ${period}</title>
<style>${new Html(STYLE)}</style>
</head>
<body>
<main>
${sections.flatMap((section) => (section === null ? [] : [section, new Html('\n')]))}</main>
</body>
</html>
`;
  return page.markup;
}

const VERDICTS = {
  0: ['pass', 'No bill changes'],
  2: ['overridden', 'Bills change, every guardrail passes'],
  3: ['fail-text', 'A guardrail fails'],
} as const;

function heading(report: PlanReport): Html {
  const { summary, base, head, period, currency, at, exitCode } = report;
  const [style, verdict] = VERDICTS[exitCode];
  const numbers: [string, string][] = [
    [
      `Change, ${currency}`,
      `${signed(summary.change)}${percentOf(summary.before, summary.change).replace(' %', '\u00a0%')}`,
    ],
    [`Before, ${currency}`, summary.before],
    [`After, ${currency}`, summary.after],
    ['Bills that change', `${grouped(summary.changed)} of ${grouped(summary.customers)}`],
    ['Rise / fall', `${grouped(summary.rising)} / ${grouped(summary.falling)}`],
  ];
  const leftOut =
    summary.leftOut > 0
      ? html`<p class="warning">${counted(summary.leftOut, 'customer')} left out of every sum: see the notices.</p>`
      : '';
  return html`<header><h1>${nameOf(base)} → ${nameOf(head)}</h1>
<p class="soft">Usage of ${period}, priced with the rules as of ${at}</p>
<p><span class="verdict ${style}">${verdict}</span></p>
<dl class="numbers">${numbers.map(([label, value]) => html`<div><dt>${label}</dt><dd>${value}</dd></div>`)}</dl>${leftOut}</header>`;
}

const STYLES = { pass: 'pass', fail: 'fail-text', overridden: 'overridden' };

function guardrails({ guardrails }: PlanReport): Html | null {
  if (guardrails.length === 0) return null;
  const rows = guardrails.map(
    ({ id, verdict, detail }) =>
      html`<tr><td><code>${id}</code></td><td class="${STYLES[verdict]}">${verdict}</td><td>${cut(detail, 1_500)}</td></tr>`,
  );
  return html`<section><h2>Guardrails</h2><table class="verdicts"><tbody>${rows}</tbody></table></section>`;
}

function charts(report: PlanReport): Html | null {
  if (report.summary.customers === 0) return null;
  const changes = [...report.rises, ...[...report.falls].reverse()];
  const bars =
    changes.length === 0
      ? ''
      : html`<h2>Largest changes, ${report.currency}</h2>${changesChart(changes, report.currency)}`;
  return html`<section><h2>How bills change</h2>${distributionChart(report.distribution)}${bars}</section>`;
}

function customers(title: string, list: readonly ReportedCustomer[], { currency }: PlanReport): Html | null {
  if (list.length === 0) return null;
  const rows = list.map(({ id, before, after, change, reasons }) => {
    const card = before.rateCard === after.rateCard ? after.rateCard : `${before.rateCard} → ${after.rateCard}`;
    const why = reasons.map((reason) => html`<li>${cut(reason, 600)}</li>`);
    return html`<tr><td>${cut(id, 200)}</td><td class="n" data-label="before">${before.total}</td><td class="n" data-label="after">${after.total}</td><td class="n ${change.startsWith('-') ? 'down' : 'up'}" data-label="change">${signed(change)}</td><td><code>${card}</code><ul>${why}</ul></td></tr>`;
  });
  return html`<section><h2>${title}</h2><table><thead><tr><th>Customer</th><th class="n">Before</th><th class="n">After</th><th class="n">${currency}</th><th>Why</th></tr></thead><tbody>${rows}</tbody></table></section>`;
}

function groups(
  title: string,
  kind: string,
  list: readonly ReportedGroup[],
  { currency }: PlanReport,
  note: string,
): Html | null {
  if (list.length === 0) return null;
  const met = list.filter(({ customers }) => customers > 0);
  const nobody = list.filter(({ customers }) => customers === 0).map(({ id }) => id);
  const rows = met.map(
    ({ id, customers, before, after }) =>
      html`<tr><td>${id}</td><td class="n" data-label="customers">${grouped(customers)}</td><td class="n" data-label="before">${before}</td><td class="n" data-label="after">${after}</td><td class="n" data-label="change">${before === after ? '–' : percentOf(before, after, 'total').replace(/[()]/g, '').trim() || 'from 0'}</td></tr>`,
  );
  const table =
    met.length === 0
      ? ''
      : html`<table><thead><tr><th>${kind}</th><th class="n">Customers</th><th class="n">Before, ${currency}</th><th class="n">After, ${currency}</th><th class="n">Change</th></tr></thead><tbody>${rows}</tbody></table>`;
  const rest = nobody.length === 0 ? '' : html`<p class="soft">Nobody: ${nobody.join(', ')}</p>`;
  return html`<section><h2>${title}</h2><p class="soft">${note}</p>${table}${rest}</section>`;
}

function protectedCustomers({ protectedCustomers, currency }: PlanReport): Html | null {
  const { customers, rising, saved } = protectedCustomers;
  if (customers === 0) return null;
  return html`<section><h2>Protected customers</h2><p>${counted(customers, 'customer')} under protection, ${grouped(rising)} of them with a bill that rises. Protection takes ${saved} ${currency} off their bills at head.</p></section>`;
}

function elsewhere({ cheaperElsewhere, currency }: PlanReport): Html | null {
  const { customers, saving, largest } = cheaperElsewhere;
  if (customers === 0) return null;
  const rows = largest.map(
    ({ id, rateCard, total, other, otherTotal, saving }) =>
      html`<tr><td>${cut(id, 200)}</td><td class="card" data-label="on">${rateCard}</td><td class="n" data-label="pays">${total}</td><td class="card" data-label="would be on">${other}</td><td class="n" data-label="would pay">${otherTotal}</td><td class="n" data-label="less">${saving}</td></tr>`,
  );
  return html`<section><h2>Cheaper elsewhere in the catalogue</h2><p class="soft">${counted(customers, 'customer')} would pay ${saving} ${currency} less in all, at list prices and within the quota of the other card.</p><table><thead><tr><th>Customer</th><th>Card</th><th class="n">Pays</th><th>Other card</th><th class="n">Would pay</th><th class="n">Less</th></tr></thead><tbody>${rows}</tbody></table></section>`;
}

function notices({ notices }: PlanReport): Html | null {
  if (notices.length === 0) return null;
  const rows = notices.map(
    ({ code, severity, file, message }) =>
      html`<li><span class="${severity}">${severity}</span>: ${file === null ? '' : html`<code>${file}</code>: `}${cut(message, 1_500)} <span class="soft">[${code}]</span></li>`,
  );
  return html`<section><h2>Notices</h2><ul>${rows}</ul></section>`;
}
