/** A JSON Schema (draft 2020-12), as plain data. */
export type JsonSchema = { readonly [keyword: string]: unknown };

export const DRAFT = 'https://json-schema.org/draft/2020-12/schema';

/**
 * Parts that several schemas share. Each schema carries its own copy, so that an editor needs one file; the names are
 * also what turns a failed `pattern` into a message that people understand.
 */
export const DEFINITIONS = {
  id: {
    type: 'string',
    pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$',
    description: 'Letters, digits, dots, dashes and underscores; unique in its list.',
  },
  factId: {
    type: 'string',
    pattern: '^[A-Za-z_][A-Za-z0-9_.-]{0,99}$',
    description: 'The id of a fact in facts.json.',
  },
  text: { type: 'string', pattern: '\\S', maxLength: 2000, description: 'Words, not blank.' },
  date: { type: 'string', format: 'date', description: 'YYYY-MM-DD; begins at midnight UTC.' },
  money: {
    type: 'string',
    pattern: '^(0|[1-9][0-9]*)(\\.[0-9]+)?$',
    maxLength: 100,
    description: 'An amount in major units as a decimal string: "49.00".',
  },
  percent: {
    type: 'string',
    pattern: '^(0|[1-9][0-9]*)(\\.[0-9]+)?$',
    maxLength: 100,
    description: 'Percent as a decimal string: "2.9" is 2.9 %.',
  },
  quantity: {
    type: ['string', 'integer'],
    pattern: '^(0|[1-9][0-9]*)(\\.[0-9]+)?$',
    minimum: 0,
    maximum: 9007199254740992,
    description: 'A decimal string, or a whole number up to 2^53.',
  },
  cardVersion: {
    type: 'string',
    pattern: '^[A-Za-z0-9][A-Za-z0-9._-]*@[0-9]{4}-[0-9]{2}-[0-9]{2}$',
    description: 'One dated rate card: "growth@2025-01-01".',
  },
} as const satisfies Record<string, JsonSchema>;

export const ref = (name: string): JsonSchema => ({ $ref: `#/$defs/${name}` });

/** The second schema where the first fits, else the third. */
export const when = (test: JsonSchema, fits: JsonSchema, otherwise?: JsonSchema): JsonSchema =>
  Object.fromEntries([['if', test], ['then', fits], ...(otherwise ? [['else', otherwise]] : [])]);

/** An object with these keys and no others. */
export function closed(properties: Record<string, JsonSchema | true>, required: readonly string[]): JsonSchema {
  return { type: 'object', properties, required, additionalProperties: false };
}

/** One file of the rules folder: its top-level keys, and the definitions that they use. */
export function fileSchema(options: {
  name: string;
  title: string;
  description: string;
  properties: Record<string, JsonSchema | true>;
  required: readonly string[];
  definitions: Record<string, JsonSchema>;
}): JsonSchema {
  return {
    $schema: DRAFT,
    title: options.title,
    description: options.description,
    ...closed(
      {
        $schema: { type: 'string', description: `"./schema/${options.name}.schema.json", so that editors help.` },
        ...options.properties,
      },
      options.required,
    ),
    $defs: options.definitions,
  };
}
