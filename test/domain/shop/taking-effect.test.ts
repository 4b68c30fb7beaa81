import type { FactDefinition } from '../../../lib/domain/rules/ruleset.ts';
import { customerIdFor } from '../../../lib/domain/shop/customer-id.ts';
import { askedFacts, readStated } from '../../../lib/domain/shop/stated-facts.ts';
import { choiceFrom } from '../../../lib/domain/shop/taking-effect.ts';
import { formatHour, MINUTE_MS, parseHour, parseMonth, parseTimestamp } from '../../../lib/domain/time/time.ts';

describe('a choice holds', () => {
  test.each([
    { when: 'now', now: '2026-11-10T08:30:00Z', latest: null, from: '2026-11-10T09:00:00Z', why: 'from the next hour' },
    {
      when: 'now',
      now: '2026-11-10T08:35:00Z',
      latest: null,
      from: '2026-11-10T09:00:00Z',
      why: 'with just enough time',
    },
    {
      when: 'now',
      now: '2026-11-10T08:36:00Z',
      latest: null,
      from: '2026-11-10T10:00:00Z',
      why: 'not from an hour too near',
    },
    {
      when: 'now',
      now: '2026-11-10T08:30:00Z',
      latest: '2026-11-10T09:00:00Z',
      from: '2026-11-10T10:00:00Z',
      why: 'after an hour that is decided',
    },
    {
      when: 'periodEnd',
      now: '2026-11-10T08:30:00Z',
      latest: null,
      from: '2026-12-01T00:00:00Z',
      why: 'with the next period',
    },
    {
      when: 'periodEnd',
      now: '2026-11-30T23:30:00Z',
      latest: null,
      from: '2026-12-01T00:00:00Z',
      why: 'until shortly before it',
    },
    {
      when: 'periodEnd',
      now: '2026-11-30T23:50:00Z',
      latest: null,
      from: '2026-12-01T01:00:00Z',
      why: 'an hour into it where that is too near',
    },
  ] as const)('$why: $when at $now', ({ when, now, latest, from }) => {
    const hour = choiceFrom(when, {
      ...{ now: parseTimestamp(now), period: parseMonth('2026-11'), writerLead: 20 * MINUTE_MS },
      latest: latest === null ? null : parseHour(latest),
    });
    expect(formatHour(hour)).toBe(from);
  });
});

test.each([
  ['Acme GmbH & Co. KG', 'acme-gmbh-co-kg-0f'],
  ['  --  ', 'customer-0f'],
  ['ŁÓDŹ', 'odz-0f'],
  [`${'x'.repeat(23)} y`, `${'x'.repeat(23)}-0f`],
  ['../../etc', 'etc-0f'],
])('the customer %j is called %s', (name, id) => {
  expect(customerIdFor(name, '0f')).toBe(id);
  expect(id).toMatch(/^[A-Za-z0-9._@-]{1,128}$/);
});

describe('facts that customers state', () => {
  const fact = (id: string, type: FactDefinition['type'], ask: FactDefinition['ask']): FactDefinition => ({
    ...{ id, type, source: 'customer', use: 'price' },
    ...(ask === undefined ? {} : { ask }),
  });
  const FACTS = [
    fact('industry', 'string', { label: 'Industry', options: ['fintech', 'travel'] }),
    fact('size', 'number', { label: 'Size' }),
    fact('public', 'boolean', { label: 'Public' }),
    fact('founded', 'date', { label: 'Founded' }),
    fact('programme', 'boolean', undefined),
  ];

  test('are those with a question', () => {
    expect(askedFacts(FACTS).map(({ id }) => id)).toEqual(['industry', 'size', 'public', 'founded']);
  });

  test('are read as their types; what is blank, unknown or not asked for is left out', () => {
    const answers = { industry: 'fintech', size: ' 12 ', public: 'yes', founded: '', programme: 'yes', other: 'x' };
    expect(readStated(FACTS, answers)).toEqual({ facts: { industry: 'fintech', size: 12, public: true }, faults: {} });
  });

  test('are refused by name', () => {
    const answers = { industry: 'piracy', size: '1e999', public: 'maybe', founded: '2026-02-30' };
    expect(Object.keys(readStated(FACTS, answers).faults)).toEqual(['industry', 'size', 'public', 'founded']);
    expect(readStated(FACTS, { __proto__: 'x', size: '-1' }).faults).toEqual({ size: 'Not below zero.' });
  });
});
