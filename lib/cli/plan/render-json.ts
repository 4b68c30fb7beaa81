import type { PlanReport } from '../../domain/impact/report.ts';

/** CONTRACT: the answer of `tollgate plan --format json`, a customer a line, in pieces. */
export function* renderJson(report: PlanReport): Generator<string> {
  const { version, base, head, period, currency, at, summary, segments, tierRules } = report;
  const head1 = { version, base, head, period, currency, at, summary };
  yield `{\n`;
  for (const [key, value] of Object.entries(head1)) yield `  ${JSON.stringify(key)}: ${JSON.stringify(value)},\n`;
  yield* list('segments', segments);
  yield* list('tierRules', tierRules);
  yield* list('distribution', report.distribution);
  yield* list('customers', report.customers());
  yield `  "protectedCustomers": ${JSON.stringify({ ...report.protectedCustomers, largest: report.protectedCustomers.largest.map(({ id, change }) => ({ id, change })) })},\n`;
  yield `  "cheaperElsewhere": ${JSON.stringify(report.cheaperElsewhere)},\n`;
  yield* list('guardrails', report.guardrails);
  yield* list('notices', report.notices, '');
  yield `}\n`;
}

function* list(key: string, items: Iterable<unknown>, comma = ','): Generator<string> {
  let separator = `  ${JSON.stringify(key)}: [\n    `;
  let some = false;
  for (const item of items) {
    yield `${separator}${JSON.stringify(item)}`;
    separator = ',\n    ';
    some = true;
  }
  yield some ? `\n  ]${comma}\n` : `  ${JSON.stringify(key)}: []${comma}\n`;
}
