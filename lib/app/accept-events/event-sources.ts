import { InputError } from '../../domain/input-error.ts';

/** What one backend may report. Both lists are exact: a source or meter that is not named is refused. */
export interface EventPermission {
  readonly sources: readonly string[];
  readonly meters: readonly string[];
}

/** By principal as `principalOf` writes it. */
export type EventSources = ReadonlyMap<string, EventPermission>;

const ASSUMED_ROLE = /^arn:([^:]+):sts::(\d+):assumed-role\/([^/]+)\/.+$/;
const ROLE = /^arn:([^:]+):iam::(\d+):role\/(?:.*\/)?([^/]+)$/;

/**
 * One name for one caller. API Gateway names the session (`…:assumed-role/Name/session`) and drops the role's path,
 * configuration names the role (`…:role/path/Name`): both become `…:role/Name`, unique within an account.
 * Users keep their ARN.
 */
export function principalOf(arn: string): string {
  const [, partition, account, name] = ASSUMED_ROLE.exec(arn) ?? ROLE.exec(arn) ?? [];
  return name === undefined ? arn : `arn:${partition}:iam::${account}:role/${name}`;
}

/**
 * Reads `EVENT_SOURCES`: IAM role or user ARN -> `{ "sources": [], "meters": [] }`.
 * @throws InputError `bad-event-sources`
 */
export function parseEventSources(json: string): EventSources {
  const sources = new Map<string, EventPermission>();
  for (const [arn, permission] of Object.entries(objectOf(json, ''))) {
    const { sources: from, meters } = objectOf(permission, `/${arn}`);
    const principal = principalOf(arn);
    if (sources.has(principal)) throw badSources(`/${arn}`, `names ${principal} a second time`);
    sources.set(principal, { sources: textsOf(from, `/${arn}/sources`), meters: textsOf(meters, `/${arn}/meters`) });
  }
  return sources;
}

function objectOf(value: unknown, path: string): Record<string, unknown> {
  const parsed: unknown = typeof value === 'string' ? parseJson(value, path) : value;
  if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) return parsed as Record<string, unknown>;
  throw badSources(path, 'is not an object');
}

function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw badSources(path, 'is not JSON');
  }
}

function textsOf(value: unknown, path: string): string[] {
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value;
  throw badSources(path, 'is not a list of strings');
}

const badSources = (path: string, what: string) =>
  new InputError({
    code: 'bad-event-sources',
    message: `EVENT_SOURCES${path} ${what}`,
    path,
    hint: 'it is made from the eventSources property of Monetization',
  });
