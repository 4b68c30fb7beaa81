import { InputError } from '../input-error.ts';
import { isCurrency } from '../money/currencies.ts';
import { compileMeters } from './compile-meters.ts';
import type { MeterDefinition, Meters, RouteGroup } from './meters.ts';

const SOURCES = ['accessLog', 'event'];
const AGGREGATIONS = ['count', 'sum', 'max', 'unique', 'latest', 'outcomes'];
const NUMERIC_FIELDS = ['responseBytes', 'latencyMs'];
const LINE_FIELDS = [...NUMERIC_FIELDS, 'id', 'customerId', 'rateCard', 'client', 'method', 'resourcePath', 'status'];
const EVENT_FIELDS = ['quantity', 'amount'];
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;

/**
 * Reads `rules/meters.json`, already parsed as JSON. Strict: what it answers can be compiled and counted with.
 * @throws InputError with the JSON pointer of the first fault
 */
export function parseMeters(json: unknown): Meters {
  const root = object(json, '', ['$schema', 'meters', 'routeGroups']);
  const meters = list(root.meters, '/meters').map((meter, i) => meterOf(meter, `/meters/${i}`));
  const groups = root.routeGroups === undefined ? [] : list(root.routeGroups, '/routeGroups');
  const routeGroups = groups.map((group, i) => groupOf(group, `/routeGroups/${i}`));
  unique(meters, '/meters');
  unique(routeGroups, '/routeGroups');
  const $schema = root.$schema === undefined ? {} : { $schema: text(root.$schema, '/$schema') };
  const parsed: Meters = { ...$schema, meters, ...(root.routeGroups === undefined ? {} : { routeGroups }) };
  compileMeters(parsed);
  return parsed;
}

function meterOf(json: unknown, path: string): MeterDefinition {
  const keys = ['id', 'description', 'unit', 'source', 'aggregation', 'value', 'filter'];
  const meter = object(json, path, keys);
  const source = oneOf(meter.source, SOURCES, `${path}/source`) as MeterDefinition['source'];
  const aggregation = oneOf(meter.aggregation, AGGREGATIONS, `${path}/aggregation`) as MeterDefinition['aggregation'];
  const value = fieldOf(meter.value, source, aggregation, `${path}/value`);
  if (source === 'event' && meter.filter !== undefined) {
    throw fault(
      'unexpected-key',
      'a meter of events has no filter: it counts the events that name it',
      `${path}/filter`,
    );
  }
  if (aggregation === 'outcomes') checkOutcomes(source, meter.unit, path);
  return {
    id: name(meter.id, `${path}/id`),
    ...(meter.description === undefined ? {} : { description: text(meter.description, `${path}/description`) }),
    unit: text(meter.unit, `${path}/unit`),
    source,
    aggregation,
    ...(value === undefined ? {} : { value }),
    ...(meter.filter === undefined ? {} : { filter: filterOf(meter.filter, `${path}/filter`) }),
  };
}

function checkOutcomes(source: MeterDefinition['source'], unit: unknown, path: string): void {
  if (source !== 'event') {
    throw fault(
      'not-allowed',
      'outcomes are reported: no line of the access log is one',
      `${path}/source`,
      'use "event"',
    );
  }
  if (typeof unit === 'string' && isCurrency(unit)) return;
  const hint = 'the ISO 4217 code that events give as "currency", such as "USD"';
  throw fault(
    'not-a-currency',
    'the unit of a meter of outcomes is the currency of their amounts',
    `${path}/unit`,
    hint,
  );
}

function fieldOf(
  json: unknown,
  source: MeterDefinition['source'],
  aggregation: MeterDefinition['aggregation'],
  path: string,
): string | undefined {
  if (aggregation === 'count' || aggregation === 'outcomes') {
    const what = aggregation === 'count' ? 'count counts lines or events' : 'outcomes carry their amounts';
    if (json !== undefined) throw fault('unexpected-key', `${what}: there is no value to name`, path);
    return undefined;
  }
  if (source === 'event') return json === undefined ? undefined : oneOf(json, EVENT_FIELDS, path);
  return oneOf(json, aggregation === 'unique' ? LINE_FIELDS : NUMERIC_FIELDS, path);
}

function filterOf(json: unknown, path: string): NonNullable<MeterDefinition['filter']> {
  const filter = object(json, path, ['methods', 'routes', 'statuses']);
  const given = Object.keys(filter).map((key) => [key, texts(filter[key], `${path}/${key}`)] as const);
  return Object.fromEntries(given);
}

function groupOf(json: unknown, path: string): RouteGroup {
  const group = object(json, path, ['id', 'methods', 'routes']);
  return {
    id: name(group.id, `${path}/id`),
    ...(group.methods === undefined ? {} : { methods: texts(group.methods, `${path}/methods`) }),
    routes: texts(group.routes, `${path}/routes`),
  };
}

const fault = (code: string, message: string, path: string, hint?: string) =>
  new InputError(hint === undefined ? { code, message, path } : { code, message, path, hint });

function object(json: unknown, path: string, keys: readonly string[]): Record<string, unknown> {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw fault('not-an-object', `expected an object, found ${kindOf(json)}`, path);
  }
  for (const key of Object.keys(json)) {
    if (!keys.includes(key)) {
      throw fault('unknown-key', `unknown key ${JSON.stringify(key)}`, `${path}/${key}`, `known: ${keys.join(', ')}`);
    }
  }
  return json as Record<string, unknown>;
}

function list(json: unknown, path: string): readonly unknown[] {
  if (Array.isArray(json)) return json;
  throw fault(json === undefined ? 'missing-key' : 'not-a-list', `expected a list, found ${kindOf(json)}`, path);
}

function texts(json: unknown, path: string): string[] {
  const found = list(json, path).map((item, i) => text(item, `${path}/${i}`));
  if (found.length === 0) throw fault('empty-list', 'an empty list would match nothing', path, 'leave the key out');
  return found;
}

function text(json: unknown, path: string): string {
  if (typeof json === 'string' && json !== '') return json;
  throw fault(json === undefined ? 'missing-key' : 'not-text', `expected text, found ${kindOf(json)}`, path);
}

function name(json: unknown, path: string): string {
  const found = text(json, path);
  if (NAME.test(found)) return found;
  throw fault('not-a-name', `${JSON.stringify(found)} is not a name`, path, 'use letters, digits, ".", "_" and "-"');
}

function oneOf(json: unknown, allowed: readonly string[], path: string): string {
  const found = text(json, path);
  if (allowed.includes(found)) return found;
  throw fault('not-allowed', `${JSON.stringify(found)} is not one of ${allowed.join(', ')}`, path);
}

function unique(items: readonly { readonly id: string }[], path: string): void {
  for (const [i, { id }] of items.entries()) {
    if (items.findIndex((other) => other.id === id) < i) {
      throw fault('duplicate-id', `${JSON.stringify(id)} stands twice`, `${path}/${i}/id`);
    }
  }
}

function kindOf(json: unknown): string {
  if (json === undefined) return 'nothing';
  if (json === null) return 'null';
  if (json === '') return 'empty text';
  return Array.isArray(json) ? 'a list' : `a ${typeof json}`;
}
