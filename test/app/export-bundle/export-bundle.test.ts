import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { asInvoiced } from '../../../lib/app/export-bundle/export-bundle.ts';
import { cardRater } from '../../../lib/domain/invoicing/rater.ts';
import { NOBODY_PAID } from '../../../lib/domain/pricing/outcomes.ts';
import { type Bundle, type BundlePart, readBundle } from '../../../lib/domain/verification/bundle.ts';
import { verifyBundle } from '../../../lib/domain/verification/verify-bundle.ts';
import { bytesOf, SECRETS, twoPeriods } from './world.ts';

const SCHEMA = JSON.parse(readFileSync(join(import.meta.dirname, '../../../docs/schema/bundle.schema.json'), 'utf8'));

let story: Awaited<ReturnType<typeof twoPeriods>>;
let bundle: Bundle;
beforeAll(async () => {
  story = await twoPeriods();
  bundle = await story.second.bundle();
});

const verified = (bytes: Uint8Array) => {
  const reading = readBundle(bytes);
  if (reading.outcome !== 'read') throw new Error(reading.message);
  return verifyBundle(reading.bundle, reading.differences, cardRater());
};

describe('a bundle', () => {
  test('makes its invoice again, late usage of an earlier period and all', () => {
    const { invoice } = story.second;
    expect(invoice.lines.some(({ kind }) => kind === 'adjustment')).toBe(true);
    expect(verified(bytesOf(bundle))).toMatchObject({
      ...{ verified: true, differences: [], notices: [], customer: 'acme', total: invoice.total },
      // Three calls in each of four hours, two of them in a second object, a failed one, a late one, an event, three bookings.
      checked: { lines: 3 * 4 + 2 + 1 + 1 + 1 + 3, rows: 5, hours: 5, decisions: 1 },
    });
  });

  test('holds what the first invoice charged for a booking that the second gives back, and the late one', () => {
    const { lines, outcomes } = story.second.invoice;
    expect(lines.find(({ kind }) => kind === 'reversal')).toMatchObject({ amount: '-8.00' });
    expect(outcomes?.map(({ charged, givenBack }) => [charged.map((one) => one.charged), givenBack.length])).toEqual([
      [[], 1],
      [['8.00', '2.00'], 0],
    ]);
    const pages = bundle.parts.find(({ part, name }) => part === 'input' && name === 'outcomes')?.content;
    expect(pages).toMatchObject({ value: [{ charged: [{ id: '/billing#b-1', charged: '8.00' }] }] });
  });

  test('from before there were outcomes has no such input, and is verified as it was', async () => {
    const first = await story.first.bundle();
    const parts = first.parts.filter(({ part, name }) => part !== 'input' || name !== 'outcomes');
    expect(parts).toHaveLength(first.parts.length - 1);
    expect(verified(bytesOf({ ...first, parts }))).toMatchObject({ verified: true });
  });

  test('whose other invoice was voided since is made from what was collected then', async () => {
    const { outcomes } = story.again(story.second.invoice);
    const voided = outcomes.map((page) => ({
      ...page,
      charged: page.charged.map((one) => ({ ...one, uncollected: true as const })),
    }));
    expect(asInvoiced(story.second.invoice, { ...story.second.input, outcomes: voided }).outcomes).toEqual(outcomes);
  });

  test.each([
    { why: 'reverses /billing#b-1 more than 30 days after it', since: 'paid' },
    { why: `reverses /billing#b-1, ${NOBODY_PAID}`, since: 'unpaid' },
  ])('that refused a reversal knows what was known then: $why', ({ why, since }) => {
    const { invoice, input } = story.second;
    const { outcomes } = story.again(invoice);
    const refused = invoice.outcomes?.map(({ givenBack, ...page }) => ({
      ...{ ...page, givenBack: [] },
      notCounted: givenBack.map(({ id, at, reverses }) => ({ id, at, reverses, why })),
    }));
    const marked = (uncollected: object) =>
      outcomes.map((page) => ({ ...page, charged: page.charged.map((one) => ({ ...one, ...uncollected })) }));
    for (const now of [marked({}), marked({ uncollected: true })]) {
      const then = asInvoiced({ ...invoice, ...(refused && { outcomes: refused }) }, { ...input, outcomes: now });
      expect(then.outcomes).toEqual(marked(since === 'unpaid' ? { uncollected: true } : {}));
    }
  });

  test('of an invoice from before the late usage holds what it was made from, not what came later', async () => {
    const first = await story.first.bundle();
    expect(verified(bytesOf(first))).toMatchObject({ verified: true, total: story.first.invoice.total });
    expect(bytesOf(first).includes('"id":"late"')).toBe(false);
  });

  test('holds nothing of any other customer: no id, line, deal, card or count', async () => {
    for (const each of [bundle, await story.first.bundle()]) {
      const text = bytesOf(each).toString('utf8');
      expect(SECRETS.filter((secret) => text.includes(secret))).toEqual([]);
      for (const { part, content } of each.parts) {
        if (part === 'marker')
          expect(Object.keys(content as object)).not.toEqual(expect.arrayContaining(['lines', 'objects', 'customers']));
      }
    }
  });

  test('has the form that its schema says', () => {
    const validate = new Ajv2020({ strict: true, strictTypes: false, strictRequired: false }).compile(SCHEMA);
    const bytes = bytesOf(bundle);
    let at = 0;
    let parts = 0;
    while (at < bytes.length) {
      const end = bytes.indexOf(10, at);
      const line = JSON.parse(bytes.toString('utf8', at, end));
      expect([line.name, validate(line), validate.errors]).toEqual([line.name, true, null]);
      at = end + 1 + (line.part === 'lines' ? line.content.bytes : 0);
      parts++;
    }
    expect(parts).toBe(bundle.parts.length + 1);
    expect(validate({ part: 'marker', name: 'm', sha256: '0'.repeat(64), content: { lines: 5 } })).toBe(false);
  });

  test('is the same bytes every time', async () => {
    expect(bytesOf(await story.second.bundle()).equals(bytesOf(bundle))).toBe(true);
  });
});

/** What is changed, and how the part that holds it is called in the answer. */
const flip = (bytes: Buffer, at: number): Buffer => {
  const changed = Buffer.from(bytes);
  changed[at] = (changed[at] ?? 0) ^ 1;
  return changed;
};

describe('one byte of a bundle', () => {
  test('changed in any input makes verification fail and name that input', () => {
    const bytes = bytesOf(bundle);
    let at = bytes.indexOf(10) + 1;
    for (const { name, lines } of bundle.parts) {
      const end = bytes.indexOf(10, at);
      const content = bytes.indexOf('"content":', at) + '"content":'.length;
      for (const where of [content, content + Math.floor((end - content) / 2), end - 2]) {
        const { verified: ok, differences } = verified(flip(bytes, where));
        expect([name, ok]).toEqual([name, false]);
        expect(differences.map(({ input }) => input)).toContain(name);
      }
      at = end + 1;
      for (let line = at; lines && line < at + lines.length; line = bytes.indexOf(10, line) + 1) {
        for (const where of [line, line + 30, bytes.indexOf(10, line) - 3]) {
          const { verified: ok, differences } = verified(flip(bytes, where));
          expect([ok, differences.map(({ input }) => input)]).toEqual([false, expect.arrayContaining([name])]);
        }
      }
      at += lines?.length ?? 0;
    }
  });

  test('changed anywhere at all is found: every 7th byte of the file', () => {
    const bytes = bytesOf(bundle);
    for (let at = 0; at < bytes.length; at += 7) {
      const reading = readBundle(flip(bytes, at));
      const ok = reading.outcome === 'read' && verifyBundle(reading.bundle, reading.differences, cardRater()).verified;
      expect([at, ok]).toEqual([at, false]);
    }
  });
});

/** A forger who also makes the digests of the bundle anew. */
const forged = (change: (part: BundlePart) => BundlePart | null): Bundle => ({
  ...bundle,
  parts: bundle.parts.flatMap((part) => change(part) ?? []),
});
const edit =
  (name: RegExp, from: string, to: string) =>
  (part: BundlePart): BundlePart => {
    if (!name.test(part.name)) return part;
    if (part.lines) return { ...part, lines: Buffer.from(Buffer.from(part.lines).toString().replace(from, to)) };
    return { ...part, content: JSON.parse(JSON.stringify(part.content).replace(from, to)) };
  };
const drop = (name: RegExp) => (part: BundlePart) => (name.test(part.name) ? null : part);

describe('a forged bundle, its own digests made anew, names', () => {
  test.each([
    {
      what: 'a call that is gone',
      change: edit(/^lines of 2026-01-15T13.*object-0004/, '"id":"a31"', '"id":"a32"'),
      names: 'row of 2026-01-15T13:00:00Z#0',
    },
    {
      what: 'a call of another hour',
      change: edit(
        /^lines of 2026-01-15T13.*object-0004/,
        '"id":"a31","epochMs":"17684',
        '"id":"a31","epochMs":"17683',
      ),
      names: 'lines of 2026-01-15T13:00:00Z',
    },
    {
      what: 'a late line that is gone',
      change: drop(/^lines .*2026-01-15T10.*\/17\//),
      names: 'row of 2026-01-15T10:00:00Z#1',
    },
    {
      what: 'another quantity in a row',
      change: edit(/^row of 2026-01-15T12/, '"quantity":"3"', '"quantity":"2"'),
      names: 'row of 2026-01-15T12:00:00Z#0',
    },
    { what: 'a row that is gone', change: drop(/^row of 2026-01-15T13/), names: 'lines of 2026-01-15T13:00:00Z' },
    {
      what: 'a marker of another count',
      change: edit(/^marker of 2026-01-15T13/, '"countsDigest":"', '"countsDigest":"0'),
      names: 'marker of 2026-01-15T13:00:00Z#0',
    },
    { what: 'a marker that is gone', change: drop(/^marker of 2026-01-15T13/), names: 'row of 2026-01-15T13:00:00Z#0' },
    {
      what: 'another price on the card',
      change: edit(/^rate-cards\/growth\/2026/, '0.20', '0.19'),
      names: /^ruleset /,
    },
    { what: 'a card that is gone', change: drop(/^rate-cards\/growth\/2025/), names: /^ruleset / },
    {
      what: 'another discount in the rule',
      change: edit(/^tiers.json rules/, '\\"percent\\":\\"10\\"', '\\"percent\\":\\"11\\"'),
      names: /^ruleset /,
    },
    {
      what: 'another fact behind the decision',
      change: edit(/^decision/, '"industry":"bank"', '"industry":"farm"'),
      names: 'decision of 2026-01-15T10:00:00Z',
    },
    {
      what: 'another discount in the decision',
      change: edit(/^decision/, '"percent":"10"', '"percent":"12"'),
      names: 'decision of 2026-01-15T10:00:00Z',
    },
    {
      what: 'what was rated before',
      change: edit(/^period .*T10/, '"total":"', '"total":"1'),
      names: 'invoice line 0007',
    },
    {
      what: 'a reversal that is gone',
      change: drop(/^lines of 2026-01-15T12.*object-0009/),
      names: 'row of 2026-01-15T12:00:00Z#0',
    },
    {
      what: 'a booking of another amount in a row',
      change: edit(/^row of 2026-01-15T10:00:00Z#1/, '"amount":"20.00"', '"amount":"21.00"'),
      names: 'row of 2026-01-15T10:00:00Z#1',
    },
    {
      what: 'another amount on the invoice',
      change: edit(/^invoice$/, '"amount":"', '"amount":"1'),
      names: 'invoice line 0001',
    },
    {
      what: 'an invoice line without its why',
      change: edit(/^invoice$/, '"explanation":"', '"explanation":"x'),
      names: 'invoice line 0001',
    },
    {
      what: 'another customer in the head',
      change: (part: BundlePart) => edit(/^invoice$/, '"customer":"acme"', '"customer":"acne"')(part),
      names: 'head of the bundle',
    },
    {
      what: 'a coupon that was never agreed',
      change: edit(/^terms$/, '"coupons":[]', '"coupons":[{"id":"x","percent":"50","from":"2025-01-01","until":null}]'),
      names: /^invoice /,
    },
  ])('$what', ({ change, names }) => {
    const { verified: ok, differences } = verified(bytesOf(forged(change)));
    expect(ok).toBe(false);
    expect(differences.map(({ input }) => input)).toContainEqual(
      typeof names === 'string' ? names : expect.stringMatching(names),
    );
  });
});

test('a ruleset from before hashing in parts verifies, and it is said what is not proven', async () => {
  const old = await twoPeriods('whole');
  const verification = verified(bytesOf(await old.second.bundle()));
  expect(verification).toMatchObject({ verified: true, notices: [expect.stringMatching(/is not proven/)] });
});
