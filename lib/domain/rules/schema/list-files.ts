import { closed, DEFINITIONS, fileSchema, type JsonSchema, ref, when } from './definitions.ts';
import { DISCOUNT } from './rule-files.ts';

const strings = (description: string): JsonSchema => ({
  type: 'array',
  minItems: 1,
  items: { type: 'string', minLength: 1 },
  description,
});

const { id, factId, text, date, money, percent } = DEFINITIONS;

export const METERS_SCHEMA = fileSchema({
  name: 'meters',
  title: 'Meters',
  description: 'What is counted, and into which route groups calls fall.',
  properties: {
    meters: { type: 'array', minItems: 1, items: ref('meter') },
    routeGroups: {
      type: 'array',
      items: ref('routeGroup'),
      description: 'The first group whose routes match is the group of a call; no match is no group.',
    },
  },
  required: ['meters'],
  definitions: {
    id,
    text,
    meter: closed(
      {
        id: ref('id'),
        description: ref('text'),
        unit: { ...ref('text'), description: 'What one of it is called: "call".' },
        source: { enum: ['accessLog', 'event'], description: 'Lines of the access log, or usage events.' },
        aggregation: {
          enum: ['count', 'sum', 'max', 'unique', 'latest', 'outcomes'],
          description: 'outcomes: each reported result and each reversal of one; the unit is their currency.',
        },
        value: {
          ...ref('text'),
          description: 'What sum, max, unique and latest read: a field of the log line, or "quantity" or "amount".',
        },
        filter: closed(
          {
            methods: strings('HTTP methods: "GET".'),
            routes: strings('Resource paths: "*" within a segment, "**" the rest.'),
            statuses: strings('Billable statuses: "2xx", "404", "200-399".'),
          },
          [],
        ),
      },
      ['id', 'unit', 'source', 'aggregation'],
    ),
    routeGroup: closed(
      {
        id: ref('id'),
        methods: strings('HTTP methods; any where missing.'),
        routes: strings('Resource paths: "/payments/{id}" matches itself, "*" within a segment, "**" the rest.'),
      },
      ['id', 'routes'],
    ),
  },
});

export const FACTS_SCHEMA = fileSchema({
  name: 'facts',
  title: 'Facts',
  description: 'Every fact that rules may read.',
  properties: { facts: { type: 'array', items: ref('fact') } },
  required: ['facts'],
  definitions: {
    factId,
    text,
    fact: closed(
      {
        id: ref('factId'),
        type: { enum: ['string', 'number', 'boolean', 'date', 'list', 'object'] },
        unit: ref('text'),
        source: {
          enum: ['customer', 'usage', 'choice'],
          description: 'The customers file, closed usage, or the rate card that the customer chose in the portal.',
        },
        description: ref('text'),
        ask: {
          ...closed(
            {
              label: { ...ref('text'), description: 'What the field of the form is called.' },
              hint: { ...ref('text'), description: 'What to enter, in a sentence under the label.' },
              options: { ...strings('What may be answered.'), minItems: 1, uniqueItems: true },
            },
            ['label'],
          ),
          description: 'Lets a customer state this fact itself, in the portal. Without it only the team does.',
        },
        default: { description: 'For a customer without it. Without a default such a customer cannot be decided.' },
        use: {
          enum: ['price', 'insight', 'proxy', 'prohibited'],
          description:
            'price: rules may use it. insight: reports only. proxy: may stand for something prohibited, needs a justification. prohibited: no rule may.',
        },
        justification: { ...ref('text'), description: 'Why rules may use this proxy after all.' },
      },
      ['id', 'type', 'source', 'use'],
    ),
  },
});

export const GUARDRAILS_SCHEMA = fileSchema({
  name: 'guardrails',
  title: 'Guardrails',
  description: 'What `tollgate plan` refuses.',
  properties: { guardrails: { type: 'array', items: ref('guardrail') } },
  required: ['guardrails'],
  definitions: {
    id,
    text,
    date,
    money,
    percent,
    guardrail: {
      ...closed(
        {
          id: ref('id'),
          kind: {
            enum: [
              'maxRisePerCustomer',
              'maxRisePerSegment',
              'maxRevenueChange',
              'protectedCustomerTouched',
              'belowCost',
              'volumeCliff',
              'missingRationale',
            ],
          },
          percent: ref('percent'),
          amount: { ...ref('money'), description: 'With percent too, it fails where both are exceeded.' },
          unitCosts: {
            type: 'object',
            additionalProperties: ref('money'),
            description: 'For belowCost: what a unit of each meter costs to serve.',
          },
          rationale: ref('text'),
          owner: ref('text'),
          overrides: { type: 'array', items: ref('override') },
        },
        ['id', 'kind', 'rationale', 'owner'],
      ),
      allOf: [
        when({ properties: { kind: { enum: ['maxRisePerSegment', 'maxRevenueChange'] } } }, { required: ['percent'] }),
        when({ properties: { kind: { const: 'belowCost' } } }, { required: ['unitCosts'] }),
      ],
    },
    override: closed(
      {
        reason: ref('text'),
        by: { ...ref('text'), description: 'Who allowed it.' },
        until: { ...ref('date'), description: 'The first day on which it no longer holds.' },
        customers: { type: 'array', minItems: 1, items: { type: 'string', minLength: 1 } },
      },
      ['reason', 'by', 'until'],
    ),
  },
});

export const EXPERIMENTS_SCHEMA = fileSchema({
  name: 'experiments',
  title: 'Experiments',
  description: 'Price experiments: arms, audience, rollout and when to stop.',
  properties: { experiments: { type: 'array', items: ref('experiment') } },
  required: ['experiments'],
  definitions: {
    id,
    text,
    date,
    money,
    percent,
    discount: DISCOUNT,
    experiment: closed(
      {
        id: ref('id'),
        status: { enum: ['draft', 'running', 'stopped'] },
        rationale: ref('text'),
        owner: ref('text'),
        unit: { const: 'customer', description: 'A company is in one arm, with all its keys.' },
        control: { ...ref('id'), description: 'The arm that changes nothing.' },
        arms: { type: 'array', minItems: 2, items: ref('arm') },
        audience: closed({ segments: { type: 'array', minItems: 1, items: ref('id') }, createdFrom: ref('date') }, []),
        rollout: {
          type: 'array',
          minItems: 1,
          items: closed({ from: ref('date'), percent: ref('percent') }, ['from', 'percent']),
        },
        guardMetrics: {
          type: 'array',
          minItems: 1,
          items: closed({ metric: ref('id'), maxFallPercent: ref('percent') }, ['metric', 'maxFallPercent']),
        },
        stopRule: closed({ until: ref('date'), minimumCustomersPerArm: { type: 'integer', minimum: 1 } }, []),
      },
      ['id', 'status', 'rationale', 'owner', 'unit', 'control', 'arms'],
    ),
    arm: closed(
      {
        id: ref('id'),
        weight: { type: 'integer', minimum: 0 },
        rateCard: ref('id'),
        discounts: { type: 'array', minItems: 1, items: ref('discount') },
      },
      ['id', 'weight'],
    ),
  },
});
