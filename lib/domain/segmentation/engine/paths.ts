/**
 * Paths into facts: the part of JSONPath that names one place, `$.payments`, `$['a-b'].c`, `$[0]`, `$.length`. The rest
 * of JSONPath (wildcards, filters, scripts) answers lists that no operator takes, and runs code; it is refused.
 */
export type FactPath = readonly string[];

const STEP = /\.([A-Za-z_][A-Za-z0-9_-]*)|\[(\d+)\]|\['([^'"\\[\].~^@;%#(),:*?$]+)'\]/y;

/** The steps of a path; null when it is not one of these. */
export function parsePath(path: string): FactPath | null {
  if (path[0] !== '$' || path.length < 2) return null;
  const steps: string[] = [];
  STEP.lastIndex = 1;
  while (STEP.lastIndex < path.length) {
    const found = STEP.exec(path);
    if (!found) return null;
    steps.push((found[1] ?? found[2] ?? found[3]) as string);
  }
  return steps;
}

/** What stands there, `undefined` where nothing does. A fact that is no object is its own answer, as in the engine. */
export function follow(value: unknown, path: FactPath): unknown {
  if (typeof value !== 'object' || value === null) return value;
  let at: unknown = value;
  for (const step of path) {
    if (!at || !Object.hasOwn(at as object, step)) return undefined;
    at = (at as Record<string, unknown>)[step];
  }
  return at;
}
