import { memoryDecisions } from '../../../lib/adapters/memory/decisions.ts';
import { memoryRulesets } from '../../../lib/adapters/memory/rulesets.ts';
import { exportInvoice } from '../../../lib/app/export-bundle/export-invoice.ts';
import { draftAdvance } from '../../../lib/domain/invoicing/advance.ts';
import { parseBillingTerms } from '../../../lib/domain/invoicing/parse-billing-terms.ts';
import { NO_AGREEMENTS } from '../../../lib/domain/invoicing/rate-period.ts';
import { cardRater } from '../../../lib/domain/invoicing/rater.ts';
import { hashRuleset } from '../../../lib/domain/rules/hash-ruleset.ts';
import { parseRuleset } from '../../../lib/domain/rules/parse-ruleset.ts';
import { compileRules, decide } from '../../../lib/domain/segmentation/decide.ts';
import { addHours, hourOf, parseMonth } from '../../../lib/domain/time/time.ts';
import { readBundle } from '../../../lib/domain/verification/bundle.ts';
import { verifyBundle } from '../../../lib/domain/verification/verify-bundle.ts';
import { silent } from '../../support/metering-world.ts';
import { bytesOf, FILES, SECRETS } from './world.ts';

const JANUARY = parseMonth('2026-01');
const FEES = Object.fromEntries(
  Object.entries(FILES).map(([file, text]) => [
    file,
    text.replace('"amount":"62.00"', '"amount":"62.00","due":"inAdvance"'),
  ]),
);

/** A customer that was there before the period, invoiced when it began. */
async function scene(overrides = {}) {
  const rules = parseRuleset(FEES);
  const hash = hashRuleset(FEES);
  const first = hourOf(JANUARY.start);
  const context = { customer: 'acme', at: addHours(first, -5), ruleset: { hash, commit: 'c0ffee' } };
  const decision = decide(compileRules(rules), { industry: 'bank' }, context);
  const decisions = memoryDecisions();
  await decisions.record(decision);
  const rulesets = memoryRulesets([{ hash, commit: 'c0ffee', effectiveFrom: addHours(first, -100), files: FEES }]);
  const profile = {
    customer: { id: 'acme', name: 'Acme', createdAt: '2025-01-01', overrides },
    ...{ registeredAt: JANUARY.start - 86_400_000, spendCaps: [] },
  };
  const outcome = draftAdvance({
    ...NO_AGREEMENTS,
    terms: parseBillingTerms(overrides),
    ...{ customer: 'acme', customerSince: '2025-01-01', decisions: [decision], rater: cardRater() },
    ...{ periods: [JANUARY], activeFrom: profile.registeredAt, ruleset: hash },
    rulesets: new Map([[hash, { hash, commit: 'c0ffee', rules }]]),
  });
  if (outcome.outcome !== 'drafted') throw new Error(JSON.stringify(outcome));
  const { invoice } = outcome;
  const record = { key: { customer: 'acme', period: JANUARY, kind: 'advance' }, invoice, held: null };
  const ports = {
    ...{
      rulesets,
      decisions,
      log: silent,
      metrics: { count() {} },
      clock: { now: () => JANUARY.end },
      rater: cardRater(),
    },
    customers: { profile: async () => profile },
    invoices: { headsOf: async () => [record], get: async () => record },
    parseRuleset: () => rules,
  };
  return {
    invoice,
    bundle: () => exportInvoice({ customer: 'acme', month: '2026-01', kind: 'advance' }, ports as never),
  };
}

const verified = (bytes: Uint8Array) => {
  const reading = readBundle(bytes);
  if (reading.outcome !== 'read') throw new Error(reading.message);
  return verifyBundle(reading.bundle, reading.differences, cardRater());
};

test('fees charged in advance are made again from the card and the decision, with nothing of anyone else', async () => {
  const { invoice, bundle } = await scene();
  const bytes = bytesOf(await bundle());
  // By hand: 62.00 less the rule's 10 %.
  expect(invoice.total).toBe('55.80');
  expect(verified(bytes)).toMatchObject({ verified: true, kind: 'advance', total: '55.80', differences: [] });
  expect(SECRETS.filter((secret) => bytes.includes(secret))).toEqual([]);
});

test('another fee on the card is found', async () => {
  const { bundle } = await scene();
  const { parts, ...head } = await bundle();
  const forged = parts.map((part) =>
    part.name.startsWith('rate-cards/growth/2026')
      ? { ...part, content: JSON.parse(JSON.stringify(part.content).replace('62.00', '61.00')) }
      : part,
  );
  const { verified: ok, differences } = verified(bytesOf({ ...head, parts: forged }));
  expect(ok).toBe(false);
  expect(differences.map(({ input }) => input)).toEqual(
    expect.arrayContaining([expect.stringMatching(/^ruleset/), 'invoice line 0001']),
  );
});
