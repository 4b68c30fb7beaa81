import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import fc from 'fast-check';
import { checkRateCard } from '../../../lib/domain/pricing/check/check-card.ts';
import { parseRateCard } from '../../../lib/domain/pricing/parse.ts';
import { BAD_CARDS, GOOD_CARDS } from './card-examples.ts';
import { randomCard } from './random-cards.ts';
import { cardOf, cardWith } from './rating.ts';

const schema = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../../rules/schema/rate-card.schema.json'), 'utf8'),
);
const ajv = new Ajv2020({ strict: true, strictRequired: false, strictTypes: false, allErrors: true });
(addFormats as unknown as (ajv: Ajv2020) => void)(ajv);
const fitsSchema = ajv.compile(schema);

test.each(BAD_CARDS)('$why: $code at $pointer', ({ card, code, pointer, hint }) => {
  const faults = checkRateCard(card);
  expect(faults).toEqual([expect.objectContaining(hint === undefined ? { code, pointer } : { code, pointer, hint })]);
  expect(() => parseRateCard(card, 'card.json')).toThrow(
    expect.objectContaining({ code, path: pointer === '' ? 'card.json' : `card.json ${pointer}` }),
  );
});

test.each(GOOD_CARDS)('%s is valid', (_why, card) => {
  expect(checkRateCard(card)).toEqual([]);
  expect(parseRateCard(card)).toBe(card);
});

test('all faults are found at once, and the first names how many there are', () => {
  const card = cardOf(
    { model: 'graduated', tiers: [{ upTo: 5, unitPrice: 1 }] },
    { grup: 'x' },
    { currency: 'US', owner: '' },
  );
  expect(checkRateCard(card).map(({ pointer, code }) => `${code} ${pointer}`)).toEqual([
    'empty /owner',
    'unknown-currency /currency',
    'unknown-key /charges/0/grup',
    'not-a-string /charges/0/price/tiers/0/unitPrice',
    'tier-not-open /charges/0/price/tiers/0/upTo',
  ]);
  expect(() => parseRateCard(card)).toThrow('this must not be empty; 4 more faults');
});

test('a pointer escapes what JSON pointers escape', () => {
  expect(checkRateCard(cardWith({ 'a/b~c': 1 }))).toEqual([expect.objectContaining({ pointer: '/a~1b~0c' })]);
});

test('whatever JSON it is given, it answers faults and does not throw', () => {
  fc.assert(
    fc.property(randomCard, fc.nat(), fc.jsonValue(), (card, where, odd) => {
      const broken = JSON.parse(JSON.stringify(card), replacerAt(where, odd));
      expect(Array.isArray(checkRateCard(broken))).toBe(true);
    }),
    { seed: 9, numRuns: 500 },
  );
});

/** Puts another value in the place of the n-th one that JSON.parse meets. */
function replacerAt(where: number, value: unknown): (key: string, was: unknown) => unknown {
  let seen = 0;
  return (_key, was) => (seen++ === where % 25 ? value : was);
}

describe('the JSON Schema agrees with the parser', () => {
  test.each(GOOD_CARDS)('%s: both accept', (_why, card) => {
    expect([fitsSchema(card), fitsSchema.errors]).toEqual([true, null]);
  });

  test.each(BAD_CARDS)('$why: the schema refuses it where a schema can: $inSchema', ({ card, inSchema }) => {
    expect(fitsSchema(card)).toBe(!inSchema);
  });

  test('random cards fit', () => {
    fc.assert(
      fc.property(randomCard, (card) => {
        expect([fitsSchema(JSON.parse(JSON.stringify(card))), fitsSchema.errors]).toEqual([true, null]);
      }),
      { seed: 10, numRuns: 300 },
    );
  });

  test('what the schema refuses in a broken card, the parser refuses too', () => {
    fc.assert(
      fc.property(randomCard, fc.nat(), fc.jsonValue(), (card, where, odd) => {
        const broken = JSON.parse(JSON.stringify(card), replacerAt(where, odd));
        if (!fitsSchema(broken)) expect(checkRateCard(broken)).not.toEqual([]);
      }),
      { seed: 12, numRuns: 500 },
    );
  });

  test('every key has a description for the editor', () => {
    const bare: string[] = [];
    const visit = (node: unknown, path: string): void => {
      if (typeof node !== 'object' || node === null) return;
      for (const [key, value] of Object.entries(node)) {
        if (key === 'properties' && !/\/(if|then)(\/|$)/.test(path)) {
          for (const [name, property] of Object.entries(value as object)) {
            if (name !== '$schema' && typeof property === 'object' && !('description' in property))
              bare.push(`${path}/${name}`);
          }
        }
        visit(value, `${path}/${key}`);
      }
    };
    visit(schema, '');
    expect(bare).toEqual([]);
  });
});
