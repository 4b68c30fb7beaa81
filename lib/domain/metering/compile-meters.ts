import type { MeterDefinition, Meters } from './meters.ts';
import { compileRoute } from './routes.ts';
import { compileStatuses, DEFAULT_STATUSES } from './statuses.ts';

/** What is counted when nobody said: every billable call, without groups. */
export const DEFAULT_METERS: Meters = {
  meters: [{ id: 'api-calls', unit: 'call', source: 'accessLog', aggregation: 'count' }],
};

/** One unit of one meter: where a call or an event counts. */
export interface Contribution {
  readonly meter: CompiledMeter;
  readonly group: string | null;
}

/**
 * Calls that count alike: the same meters in the same groups. There are few of them, whatever the traffic, so a call is
 * counted by adding 1 to one number; its meters get it when the records are written.
 */
export interface UsageClass {
  readonly index: number;
  readonly contributions: readonly Contribution[];
  /** Those that need a value of each line (sum, max, latest). */
  readonly valued: readonly Contribution[];
  /** Those of `unique` over what many lines have in common: the second line of one caller and shape adds nothing. */
  readonly distinct: readonly Contribution[];
}

export interface CompiledMeter {
  readonly index: number;
  readonly definition: MeterDefinition;
  readonly counts: (method: string, resourcePath: string, status: number) => boolean;
  /** Takes whatever an event carries, as one: where only its hour is asked for. */
  readonly takesAny?: true;
}

/** Meters ready for use. Holds only what follows from the definitions, so one may serve many counters. */
export interface CompiledMeters {
  readonly meters: readonly CompiledMeter[];
  /** Meters that events may name, by id. */
  readonly events: ReadonlyMap<string, CompiledMeter>;
  /** All classes met so far; index 0 counts nowhere. */
  readonly classes: readonly UsageClass[];
  /** @param status 0 when the log does not say */
  classify(method: string, resourcePath: string, status: number): UsageClass;
}

/** @throws InputError for a route or status that cannot be read */
export function compileMeters(meters: Meters): CompiledMeters {
  const compiled = meters.meters.map(compileMeter);
  const calls = compiled.filter(({ definition }) => definition.source === 'accessLog');
  const groupOf = compileGroups(meters);
  const nothing: UsageClass = { index: 0, contributions: [], valued: [], distinct: [] };
  const classes: UsageClass[] = [nothing];
  const byKey = new Map<string, UsageClass>();
  return {
    meters: compiled,
    events: new Map(
      compiled.filter(({ definition }) => definition.source === 'event').map((meter) => [meter.definition.id, meter]),
    ),
    classes,
    classify(method, resourcePath, status) {
      const counting = calls.filter((meter) => meter.counts(method, resourcePath, status));
      if (counting.length === 0) return nothing;
      const group = groupOf(method, resourcePath);
      const key = `${group ?? ''}\n${counting.map(({ index }) => index).join()}`;
      const known = byKey.get(key);
      if (known) return known;
      const contributions = counting.map((meter) => ({ meter, group }));
      const withValue = contributions.filter(({ meter }) => meter.definition.aggregation !== 'count');
      const distinct = withValue.filter(({ meter }) => isDistinct(meter.definition));
      const valued = withValue.filter(({ meter }) => !isDistinct(meter.definition));
      const made = { index: classes.length, contributions, valued, distinct };
      classes.push(made);
      byKey.set(key, made);
      return made;
    },
  };
}

/** Fields that every line has its own value of. */
const OWN_FIELDS: readonly (string | undefined)[] = ['id', 'responseBytes', 'latencyMs'];

const isDistinct = ({ aggregation, value }: MeterDefinition): boolean =>
  aggregation === 'unique' && !OWN_FIELDS.includes(value);

function compileMeter(definition: MeterDefinition, index: number): CompiledMeter {
  const { filter } = definition;
  const at = `/meters/${index}/filter`;
  const statuses = compileStatuses(filter?.statuses ?? DEFAULT_STATUSES, `${at}/statuses`);
  const matches = compileMatch(filter?.methods, filter?.routes, `${at}/routes`);
  return {
    index,
    definition,
    counts: (method, resourcePath, status) => statuses[status] === 1 && matches(method, resourcePath),
  };
}

function compileGroups(meters: Meters): (method: string, resourcePath: string) => string | null {
  const groups = (meters.routeGroups ?? []).map((group, i) => ({
    id: group.id,
    matches: compileMatch(group.methods, group.routes, `/routeGroups/${i}/routes`),
  }));
  return (method, resourcePath) => groups.find(({ matches }) => matches(method, resourcePath))?.id ?? null;
}

function compileMatch(
  methods: readonly string[] | undefined,
  routes: readonly string[] | undefined,
  path: string,
): (method: string, resourcePath: string) => boolean {
  const wanted = methods && new Set(methods.map((method) => method.toUpperCase()));
  const patterns = routes?.map((route, i) => compileRoute(route, `${path}/${i}`));
  return (method, resourcePath) =>
    (!wanted || wanted.has(method.toUpperCase())) && (!patterns || patterns.some((matches) => matches(resourcePath)));
}
