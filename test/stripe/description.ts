import { readFileSync } from 'node:fs';
import { parseForm } from '../../lib/local/stripe/form.ts';

/** As much of OpenAPI 3.0's schemas as Stripe's description uses. */
interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly nullable?: boolean;
  readonly enum?: readonly unknown[];
  readonly maxLength?: number;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
}

interface Operation {
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly schema: Schema }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> };
  readonly responses: Readonly<
    Record<string, { readonly content: { readonly 'application/json': { schema: Schema } } }>
  >;
}

interface Document {
  readonly info: { readonly version: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

/** One request and its answer, as they went over the wire. */
export interface Exchange {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly body: string;
  readonly status: number;
  readonly answer: unknown;
}

/** Stripe's own description of its API. */
export interface Description {
  readonly version: string;
  /** What of the exchange is not as described: `POST /v1/invoices request /customer: …`. */
  differences(exchange: Exchange): string[];
  /** What of an event and of the object in it is not as described. */
  eventDifferences(event: { readonly type: string; readonly data: { readonly object: unknown } }): string[];
}

export function readDescription(file: string): Description {
  const document: Document = JSON.parse(readFileSync(file, 'utf8'));
  const check = checker(document.components.schemas);
  const templates = Object.keys(document.paths).sort((a, b) => count(a) - count(b));

  return {
    version: document.info.version,
    differences(exchange) {
      const method = exchange.method.toLowerCase();
      const template = templates.find((path) => fits(path, exchange.path) && document.paths[path]?.[method]);
      const operation = template && document.paths[template]?.[method];
      if (!operation) return [`${exchange.method} ${exchange.path}: not described`];
      const named = (side: string) => (text: string) => `${exchange.method} ${template} ${side} ${text}`;
      const refused = exchange.status >= 400;
      const { schema } = (operation.responses[refused ? 'default' : '200'] ?? operation.responses.default)?.content[
        'application/json'
      ] ?? { schema: {} };
      // What is refused may be wrong: then the refusal is what is looked at.
      const asked = refused ? [] : requestFaults(operation, exchange, check);
      return [...asked.map(named('request')), ...check(schema, exchange.answer, '', 'json').map(named('answer'))];
    },
    eventDifferences(event) {
      const { object } = event.data;
      const kind = (object as { object?: string }).object;
      const [, schema] =
        Object.entries(document.components.schemas).find(
          ([name, { properties }]) => !name.startsWith('deleted_') && properties?.object?.enum?.[0] === kind,
        ) ?? [];
      const inside = schema ? check(schema, object, '', 'json') : [`an object ${kind} is not described`];
      const around = check({ $ref: '#/components/schemas/event' }, { ...event, data: { object: {} } }, '', 'json');
      return [...around.map((text) => `event ${text}`), ...inside.map((text) => `event ${event.type} ${text}`)];
    },
  };
}

/** Templates with fewer parameters first, so that `/search` is not taken for an id. */
const count = (path: string): number => path.split('{').length;

function fits(template: string, path: string): boolean {
  const [wanted, parts] = [template.split('/'), path.split('/')];
  return wanted.length === parts.length && wanted.every((word, i) => word.startsWith('{') || word === parts[i]);
}

type Check = (schema: Schema, value: unknown, at: string, mode: 'json' | 'form') => string[];

function requestFaults({ parameters = [], requestBody }: Operation, exchange: Exchange, check: Check): string[] {
  if (exchange.method !== 'GET') {
    const schema = Object.values(requestBody?.content ?? {})[0]?.schema ?? { type: 'object', properties: {} };
    return check(schema, parseForm(exchange.body), '', 'form');
  }
  const properties = Object.fromEntries(parameters.filter((p) => p.in === 'query').map((p) => [p.name, p.schema]));
  return check({ type: 'object', properties }, parseForm(exchange.query), '', 'form');
}

/**
 * Checks a value against a schema and answers every fault with its place, list indexes left out, so that one fault in many
 * lines is one. Unknown keys are faults on both sides: a stand-in that says more than Stripe is wrong too.
 */
function checker(schemas: Readonly<Record<string, Schema>>): Check {
  const resolve = (schema: Schema): Schema => {
    const name = schema.$ref?.split('/').at(-1);
    return name === undefined ? schema : { ...schemas[name], ...(schema.nullable ? { nullable: true } : {}) };
  };

  const check: Check = (given, value, at, mode) => {
    const schema = resolve(given);
    if (value === null) return schema.nullable || mode === 'form' ? [] : [`${at}: is null`];
    if (schema.anyOf) return anyOf(schema.anyOf, value, at, mode);
    if (schema.enum && !schema.enum.includes(value)) return [`${at}: ${JSON.stringify(value)} is none of its values`];
    const wrong = typeFault(schema.type, value, mode);
    if (wrong) return [`${at}: ${wrong}`];
    if (typeof value === 'string' && schema.maxLength !== undefined && value.length > schema.maxLength)
      return [`${at}: is longer than ${schema.maxLength}`];
    if (Array.isArray(value)) return unique(value.flatMap((item) => check(schema.items ?? {}, item, `${at}/*`, mode)));
    if (typeof value === 'object') return objectFaults(schema, value as Record<string, unknown>, at, mode);
    return [];
  };

  /** The branch with the fewest faults speaks. */
  const anyOf = (branches: readonly Schema[], value: unknown, at: string, mode: 'json' | 'form'): string[] =>
    branches.map((branch) => check(branch, value, at, mode)).sort((a, b) => a.length - b.length)[0] ?? [];

  const objectFaults = (schema: Schema, value: Record<string, unknown>, at: string, mode: 'json' | 'form') => {
    const { properties, required = [], additionalProperties } = schema;
    const missing = required.filter((name) => !(name in value)).map((name) => `${at}/${name}: is missing`);
    const inside = Object.entries(value).flatMap(([name, member]) => {
      const known = properties?.[name];
      if (known) return check(known, member, `${at}/${name}`, mode);
      if (typeof additionalProperties === 'object') return check(additionalProperties, member, `${at}/*`, mode);
      return properties === undefined || additionalProperties === true ? [] : [`${at}/${name}: is not described`];
    });
    return [...missing, ...inside];
  };
  return check;
}

/** In a form everything is text. */
function typeFault(type: string | undefined, value: unknown, mode: 'json' | 'form'): string | null {
  const isText = mode === 'form' && typeof value === 'string';
  const fits: Readonly<Record<string, (is: unknown) => boolean>> = {
    integer: (is) => Number.isInteger(is) || (isText && /^-?\d+$/.test(value)),
    number: (is) => typeof is === 'number' || (isText && /^-?\d+(\.\d+)?$/.test(value)),
    boolean: (is) => typeof is === 'boolean' || (isText && /^(true|false)$/.test(value)),
    string: (is) => typeof is === 'string',
    array: (is) => Array.isArray(is),
    object: (is) => typeof is === 'object' && !Array.isArray(is),
  };
  if (type === undefined || fits[type]?.(value)) return null;
  return `is ${Array.isArray(value) ? 'a list' : `a ${typeof value}`}, not ${type}`;
}

const unique = (texts: readonly string[]): string[] => [...new Set(texts)];
