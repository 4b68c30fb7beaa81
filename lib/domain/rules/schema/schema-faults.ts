import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import { type FaultAt, nearestHint, withHint } from '../fault.ts';
import { isDate } from '../is-date.ts';
import { pointerTo } from '../json-source.ts';
import type { JsonSchema } from './definitions.ts';

const validators = new Map<JsonSchema, ValidateFunction>();

function validatorOf(schema: JsonSchema): ValidateFunction {
  const known = validators.get(schema);
  if (known) return known;
  const ajv = new Ajv2020({
    allErrors: true,
    strict: true,
    strictRequired: false,
    allowUnionTypes: true,
    verbose: true,
    formats: { date: isDate },
  });
  const made = ajv.compile(schema);
  validators.set(schema, made);
  return made;
}

/** Everything in which a value departs from its schema, in words; `[]` when it fits. */
export function schemaFaults(schema: JsonSchema, json: unknown): FaultAt[] {
  const validate = validatorOf(schema);
  if (validate(json)) return [];
  return (validate.errors ?? []).flatMap((error) => faultOf(error));
}

/** `if` only repeats what its branch says in detail. */
function faultOf(error: ErrorObject): FaultAt[] {
  const describe = DESCRIBE[error.keyword];
  if (error.keyword === 'if') return [];
  if (!describe) return [{ pointer: error.instancePath, code: 'invalid', message: String(error.message) }];
  return [describe(error)].flat();
}

const shown = (value: unknown): string => {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
};

const typeName = (value: unknown): string =>
  value === null
    ? 'null'
    : Array.isArray(value)
      ? 'a list'
      : typeof value === 'object'
        ? 'an object'
        : `a ${typeof value}`;

/** The shared definition that a failed keyword belongs to: `#/$defs/money/pattern` is `money`. */
const definitionOf = (error: ErrorObject): string => /\$defs\/(\w+)\/\w+$/.exec(error.schemaPath)?.[1] ?? '';

const CONDITION_KEYS = ['all', 'any', 'not', 'condition', 'fact'];

const DESCRIBE: Record<string, (error: ErrorObject) => FaultAt | FaultAt[]> = {
  additionalProperties: unknownKey,
  required: missingKey,
  type: wrongType,
  enum: ({ instancePath, data, params }) => ({
    pointer: instancePath,
    code: 'not-allowed',
    message: `${shown(data)} is not allowed here`,
    ...withHint(
      typeof data === 'string'
        ? nearestHint(data, params.allowedValues)
        : `allowed are ${params.allowedValues.join(', ')}`,
    ),
  }),
  const: ({ instancePath, data, params }) => ({
    pointer: instancePath,
    code: 'not-allowed',
    message: `${shown(data)} is not allowed here`,
    hint: `it is always ${shown(params.allowedValue)}`,
  }),
  pattern: wrongText,
  format: ({ instancePath, data }) => ({
    pointer: instancePath,
    code: 'not-a-date',
    message: `${shown(data)} is not a day of the calendar`,
    hint: 'write it as "2026-01-31"',
  }),
  minItems: ({ instancePath }) => {
    const list = instancePath.slice(instancePath.lastIndexOf('/') + 1);
    return list === 'all' || list === 'any'
      ? {
          pointer: instancePath,
          code: 'empty-condition',
          message: `"${list}" is empty, so the rule would hold for everyone`,
          hint: 'name at least one condition, or leave the rule out',
        }
      : {
          pointer: instancePath,
          code: 'empty-list',
          message: 'this list has too few entries',
          hint: 'add what is missing',
        };
  },
  minLength: ({ instancePath }) => ({
    pointer: instancePath,
    code: 'blank',
    message: 'this is blank',
    hint: 'write it out',
  }),
  maxLength: ({ instancePath, params }) => ({
    pointer: instancePath,
    code: 'too-long',
    message: `this is longer than ${params.limit} characters`,
    hint: 'say it shorter',
  }),
  minimum: ({ instancePath, data, params }) => ({
    pointer: instancePath,
    code: 'out-of-range',
    message: `${shown(data)} is below ${params.limit}`,
    hint: `the least is ${params.limit}`,
  }),
  maximum: ({ instancePath, data, params }) => ({
    pointer: instancePath,
    code: 'out-of-range',
    message: `${shown(data)} is above ${params.limit}`,
    hint: `the most is ${params.limit}`,
  }),
};

function unknownKey({ instancePath, params, parentSchema, data }: ErrorObject): FaultAt | FaultAt[] {
  const key: string = params.additionalProperty;
  const pointer = `${instancePath}${pointerTo(key)}`;
  const known = Object.keys((parentSchema?.properties ?? {}) as object);
  // A bare comparison where conditions should begin: the missing key says it, once.
  if (known.includes('condition') && !Object.hasOwn(data as object, 'condition')) return [];
  if (
    CONDITION_KEYS.includes(key) &&
    CONDITION_KEYS.some((other) => other !== key && Object.hasOwn(data as object, other))
  ) {
    return {
      pointer,
      code: 'mixed-condition',
      message: `"${key}" stands beside another of ${CONDITION_KEYS.join(', ')}; the engine would look at one of them only`,
      hint: 'nest one in the other',
    };
  }
  return { pointer, code: 'unknown-key', message: `unknown key "${key}"`, ...withHint(nearestHint(key, known)) };
}

const WHY_REQUIRED: Record<string, { code: string; hint: string }> = {
  rationale: { code: 'missing-rationale', hint: 'say why, in words that the customer may read' },
  valueDriver: { code: 'missing-value-driver', hint: 'say what the customer gets that the price follows' },
};

function missingKey({ instancePath, params, parentSchema }: ErrorObject): FaultAt {
  const key: string = params.missingProperty;
  const why = WHY_REQUIRED[key];
  if (why) return { pointer: instancePath, message: `"${key}" is missing`, ...why };
  if (key === 'condition' && parentSchema?.required?.length === 1) {
    return {
      pointer: instancePath,
      code: 'missing-key',
      message: 'conditions begin with "all", "any", "not" or "condition"',
      hint: 'for a single comparison write { "all": [ … ] }',
    };
  }
  return { pointer: instancePath, code: 'missing-key', message: `"${key}" is missing`, hint: `add "${key}"` };
}

function wrongType(error: ErrorObject): FaultAt {
  const { instancePath, data, params } = error;
  const definition = definitionOf(error);
  if (typeof data === 'number' && (definition === 'money' || definition === 'percent')) {
    return {
      pointer: instancePath,
      code: definition === 'money' ? 'money-as-number' : 'percent-as-number',
      message: `${shown(data)} is a number; amounts and percentages are decimal strings, since numbers lose digits`,
      hint: `write ${JSON.stringify(String(data))}`,
    };
  }
  const wanted = [params.type].flat().join(' or ');
  return { pointer: instancePath, code: 'wrong-type', message: `${shown(data)} is ${typeName(data)}, not ${wanted}` };
}

const TEXTS: Record<string, { code: string; what: string; hint: string }> = {
  id: { code: 'not-an-id', what: 'an id', hint: 'letters, digits, dots, dashes and underscores, at most 100' },
  factId: {
    code: 'not-an-id',
    what: 'an id of a fact',
    hint: 'letters, digits, dots, dashes and underscores, at most 100',
  },
  money: {
    code: 'not-a-decimal',
    what: 'an amount',
    hint: 'write it as "49.00": not negative, no exponent, no thousands',
  },
  percent: { code: 'not-a-decimal', what: 'a percentage', hint: 'write 2.9 % as "2.9"' },
  quantity: { code: 'not-a-decimal', what: 'a quantity', hint: 'write it as "1000": not negative, no exponent' },
  cardVersion: { code: 'not-a-card-version', what: 'a dated rate card', hint: 'write it as "growth@2026-01-01"' },
};

function wrongText(error: ErrorObject): FaultAt {
  const { instancePath, data } = error;
  const key = instancePath.slice(instancePath.lastIndexOf('/') + 1);
  const text = TEXTS[definitionOf(error)];
  if (text) {
    return { pointer: instancePath, code: text.code, message: `${shown(data)} is not ${text.what}`, hint: text.hint };
  }
  return {
    pointer: instancePath,
    message: `"${key}" is blank`,
    ...(WHY_REQUIRED[key] ?? { code: 'blank', hint: 'write it out' }),
  };
}
