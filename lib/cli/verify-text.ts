import type { Verification } from '../domain/verification/verify-bundle.ts';

/** Enough to see what is wrong; `--json` has them all. */
const SHOWN_MAX = 20;

export function verificationText(file: string, verification: Verification): string {
  const { customer, start, end, verified, differences, notices, checked, total, currency } = verification;
  const { lines, rows, hours, decisions } = checked;
  const found = differences.slice(0, SHOWN_MAX).map(({ input, message }) => `  ${input}: ${message}`);
  const more = differences.length > SHOWN_MAX ? [`  and ${differences.length - SHOWN_MAX} more`] : [];
  return [
    `${file}: ${verified ? 'verified' : 'NOT verified'}`,
    `  ${customer}, ${start} to ${end}: ${total ?? 'no'} ${currency ?? 'invoice'}`,
    ...(verified
      ? [`  from ${lines} lines in ${rows} closed rows, ${hours} markers and ${decisions} decisions, byte for byte`]
      : [...found, ...more]),
    ...notices.map((notice) => `  not proven: ${notice}`),
    '',
  ].join('\n');
}
