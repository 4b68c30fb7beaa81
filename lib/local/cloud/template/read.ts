import { InputError } from '../../../domain/input-error.ts';
import type { Resource } from './template.ts';

/** Property readers that name the resource and the property when the template holds something else. */
export function text(resource: Resource, path: string): string {
  const value = at(resource, path);
  if (typeof value !== 'string') throw wrong(resource, path, 'a string', value);
  return value;
}

export function optionalText(resource: Resource, path: string): string | undefined {
  return at(resource, path) === undefined ? undefined : text(resource, path);
}

/** CloudFormation takes numbers and booleans as strings too. */
export function number(resource: Resource, path: string, otherwise: number): number {
  const value = at(resource, path) ?? otherwise;
  const read = typeof value === 'string' && value !== '' ? Number(value) : value;
  if (typeof read !== 'number' || Number.isNaN(read)) throw wrong(resource, path, 'a number', value);
  return read;
}

export function flag(resource: Resource, path: string): boolean {
  const value = at(resource, path);
  return value === true || value === 'true';
}

export function list(resource: Resource, path: string): readonly Record<string, unknown>[] {
  const value = at(resource, path) ?? [];
  if (!Array.isArray(value)) throw wrong(resource, path, 'a list', value);
  return value as Record<string, unknown>[];
}

export function record(resource: Resource, path: string): Readonly<Record<string, unknown>> {
  const value = at(resource, path) ?? {};
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw wrong(resource, path, 'an object', value);
  return value as Record<string, unknown>;
}

/** @param path property names joined by dots */
export function at(resource: Resource, path: string): unknown {
  let value: unknown = resource.properties;
  for (const name of path.split('.')) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Record<string, unknown>)[name];
  }
  return value;
}

/** For a setting that the embedded cloud would otherwise silently ignore. @throws InputError `unsupported-property` */
export function refuse(resource: Resource, path: string, why: string): InputError {
  return new InputError({
    code: 'unsupported-property',
    path: `/Resources/${resource.logicalId}/Properties/${path.replaceAll('.', '/')}`,
    message: `${resource.stack}: ${resource.logicalId} (${resource.type}) ${path}: ${why}`,
  });
}

function wrong(resource: Resource, path: string, expected: string, found: unknown): InputError {
  return refuse(resource, path, `expected ${expected}, found ${JSON.stringify(found)}`);
}
