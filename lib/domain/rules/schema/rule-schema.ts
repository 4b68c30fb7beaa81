import { closed, DEFINITIONS, fileSchema, type JsonSchema, ref, when } from './definitions.ts';

const LABELS = {
  name: { type: 'string', description: 'For people; it decides nothing.' },
  priority: {
    type: 'integer',
    minimum: 1,
    description:
      'Within its list the highest is looked at first, and what is decided by it is not looked at further. Default 1.',
  },
} as const;

const list = (text: string): JsonSchema => ({ type: 'array', minItems: 1, items: ref('node'), description: text });

const has = (key: string): JsonSchema => ({ required: [key] });

/** Conditions as json-rules-engine 7 reads them, without what it forgives. One branch is chosen by its key. */
const CONDITIONS: Record<string, JsonSchema> = {
  conditions: {
    type: 'object',
    description: 'all, any, not, or a named condition.',
    ...when(has('all'), ref('all'), when(has('any'), ref('any'), when(has('not'), ref('not'), ref('named')))),
  },
  node: {
    type: 'object',
    description: 'A comparison of one fact, or conditions inside conditions.',
    ...when({ anyOf: ['all', 'any', 'not', 'condition'].map(has) }, ref('conditions'), ref('comparison')),
  },
  all: closed({ all: list('Holds when every one of these holds.'), ...LABELS }, ['all']),
  any: closed({ any: list('Holds when at least one of these holds.'), ...LABELS }, ['any']),
  not: closed({ not: { ...ref('node'), description: 'Holds when this does not.' }, ...LABELS }, ['not']),
  named: closed(
    {
      condition: { type: 'string', minLength: 1, description: 'The name of a condition in "conditions" of this file.' },
      ...LABELS,
    },
    ['condition'],
  ),
  comparison: closed(
    {
      fact: {
        ...ref('factId'),
        description: 'A fact of facts.json; in tiers.json and protection.json also "segments".',
      },
      operator: {
        type: 'string',
        minLength: 1,
        examples: [
          'equal',
          'notEqual',
          'lessThan',
          'lessThanInclusive',
          'greaterThan',
          'greaterThanInclusive',
          'in',
          'notIn',
          'contains',
          'doesNotContain',
        ],
        description: 'One of json-rules-engine\'s operators, possibly decorated: "not:in", "someFact:equal".',
      },
      value: { description: 'What the fact is compared with, or { "fact": … } for another fact.' },
      path: { type: 'string', minLength: 2, description: 'Into a fact that is an object or a list: "$.payments".' },
      params: { type: 'object', description: 'Has no effect: facts here are constants.' },
      ...LABELS,
    },
    ['fact', 'operator', 'value'],
  ),
};

/** A rules file: `rules`, optionally named `conditions`, and what the kind of rule adds. */
export function rulesSchema(options: {
  name: string;
  title: string;
  description: string;
  event: JsonSchema;
  more?: Record<string, JsonSchema>;
  required?: readonly string[];
  definitions?: Record<string, JsonSchema>;
}): JsonSchema {
  const { id, factId, text, date, money, percent } = DEFINITIONS;
  return fileSchema({
    name: options.name,
    title: options.title,
    description: options.description,
    properties: {
      conditions: {
        type: 'object',
        additionalProperties: ref('conditions'),
        description: 'Named conditions, for rules of this file to share: { "condition": "<name>" }.',
      },
      rules: { type: 'array', items: ref('rule') },
      ...options.more,
    },
    required: ['rules', ...(options.required ?? [])],
    definitions: {
      id,
      factId,
      text,
      date,
      money,
      percent,
      ...options.definitions,
      rule: closed(
        {
          name: { ...ref('text'), description: 'Unique in this file; decisions and invoices name it.' },
          rationale: { ...ref('text'), description: 'Why it is so, in words that the customer may read.' },
          valueDriver: { ...ref('text'), description: 'What the customer gets that the price follows.' },
          owner: { ...ref('text'), description: 'Who answers for it.' },
          priority: { type: 'integer', minimum: 1, description: 'The highest is first. Default 1.' },
          conditions: ref('conditions'),
          event: options.event,
        },
        ['name', 'rationale', 'valueDriver', 'owner', 'conditions', 'event'],
      ),
      ...CONDITIONS,
    },
  });
}

/** The `event` of a rule: its type is fixed by the file. */
export const eventSchema = (type: string, params: JsonSchema): JsonSchema =>
  closed({ type: { const: type, description: `Always "${type}" in this file.` }, params }, ['type', 'params']);
