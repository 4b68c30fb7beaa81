import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PRICED_BY } from '../../lib/domain/pricing/price-kinds.ts';
import { answerTo, examplesIn } from './priced-examples.ts';

const ROOT = join(import.meta.dirname, '../..');
const PAGE = readFileSync(join(ROOT, 'docs/pricing.md'), 'utf8');
const EXAMPLES = examplesIn(PAGE);

test.each(EXAMPLES)('the example is rated as the page says: $json', ({ json, text }) => {
  expect(answerTo(json)).toBe(text);
});

test('every example has its bill, and every model an example', () => {
  expect(EXAMPLES.length).toBe(PAGE.match(/```json/g)?.length);
  const shown = EXAMPLES.map(({ json }) => json).join('');
  expect(Object.keys(PRICED_BY).filter((model) => !shown.includes(`"${model}"`))).toEqual([]);
});

test('every real price table is shown, with each of its prices', () => {
  const files = readdirSync(join(ROOT, 'rules/examples')).filter((name) => name.endsWith('.json'));
  expect(files.length).toBeGreaterThan(0);
  for (const file of files) {
    const section = PAGE.split('### ').find((part) => part.includes(`rules/examples/${file}`)) ?? '';
    const text = readFileSync(join(ROOT, 'rules/examples', file), 'utf8');
    const prices = [...text.matchAll(/"(?:unitPrice|amount)": "([^"]+)"/g)].map(([, price]) => price);
    expect({ file, missing: prices.filter((price) => !section.includes(`| ${price}`)) }).toEqual({ file, missing: [] });
  }
});
