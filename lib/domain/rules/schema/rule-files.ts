import { closed, DEFINITIONS, ref, when } from './definitions.ts';
import { eventSchema, rulesSchema } from './rule-schema.ts';

export const DISCOUNT = closed(
  {
    id: ref('id'),
    percent: ref('percent'),
    amount: ref('money'),
    appliesTo: { ...ref('id'), description: 'A charge of the card; without it the discount is on the whole invoice.' },
  },
  ['id'],
);

export const SEGMENTS_SCHEMA = rulesSchema({
  name: 'segments',
  title: 'Segments',
  description: 'Every rule that holds adds its segment to the customer. A segment may be added by several rules.',
  event: eventSchema(
    'segment',
    closed({ segment: { ...ref('id'), description: 'The segment that the customer joins.' } }, ['segment']),
  ),
});

const RESERVED_CAPACITY = {
  ...closed(
    {
      charge: { ...ref('id'), description: "The card's charge that it takes the place of." },
      quantity: { ...ref('quantity'), description: 'What is committed, used or not.' },
      per: { enum: ['hour', 'period'] },
      amount: { ...ref('money'), description: 'For the quantity, per hour or per period.' },
    },
    ['charge', 'quantity', 'per', 'amount'],
  ),
  type: ['object', 'null'],
};

export const TIERS_SCHEMA = rulesSchema({
  name: 'tiers',
  title: 'Tiers',
  description: 'Of the rules that hold, the one with the highest priority says which rate card a customer is on.',
  event: eventSchema('tier', ref('tier')),
  more: { otherwise: { ...ref('tier'), description: 'For everyone that no rule takes.' } },
  required: ['otherwise'],
  definitions: {
    quantity: DEFINITIONS.quantity,
    discount: DISCOUNT,
    tier: closed(
      {
        rateCard: { ...ref('id'), description: "A rate card's id; the version in force is taken." },
        discounts: { type: 'array', items: ref('discount') },
        reservedCapacity: RESERVED_CAPACITY,
      },
      ['rateCard'],
    ),
  },
});

export const PROTECTION_SCHEMA = rulesSchema({
  name: 'protection',
  title: 'Price protection',
  description: 'Who keeps which price until when. Every rule that holds protects.',
  event: eventSchema('protection', ref('protection')),
  definitions: {
    cardVersion: DEFINITIONS.cardVersion,
    protection: {
      ...closed(
        {
          kind: {
            enum: ['lock', 'cap', 'match'],
            description: 'lock: the card as it was. cap: the bill rises by at most percent. match: the lower of both.',
          },
          rateCard: { ...ref('cardVersion'), description: 'What is protected: "growth@2025-01-01".' },
          until: { ...ref('date'), description: 'The first day on which it no longer holds.' },
          percent: { ...ref('percent'), description: 'For cap: the largest rise.' },
          months: { type: 'integer', minimum: 1, maximum: 120, description: 'For match: how long.' },
        },
        ['kind', 'rateCard'],
      ),
      allOf: [
        when({ properties: { kind: { const: 'cap' } } }, { required: ['percent'] }),
        when({ properties: { kind: { const: 'match' } } }, { required: ['months'] }),
      ],
    },
  },
});
