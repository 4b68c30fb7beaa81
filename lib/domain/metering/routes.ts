import { InputError } from '../input-error.ts';

/**
 * Compiles a route pattern to a test on resource paths. `/payments/{id}` matches the resource of that name only; `*`
 * matches within one segment, at least one character where it is the whole segment; `**` matches across segments, and
 * `/files/**` also `/files` itself, since the rest of a path may be nothing.
 *
 * @throws InputError `not-a-route` when the pattern is empty, or starts with neither `/` nor `**`
 */
export function compileRoute(pattern: string, path = ''): (resourcePath: string) => boolean {
  if (!pattern.startsWith('/') && !pattern.startsWith('**')) {
    throw new InputError({
      code: 'not-a-route',
      message: `${JSON.stringify(pattern)} is not a route pattern`,
      path,
      hint: 'write a resource path such as "/payments/{id}", "/files/*" or "/search/**"',
    });
  }
  if (!pattern.includes('*')) return (resourcePath) => resourcePath === pattern;
  const expression = new RegExp(`^${translate(pattern)}$`, 's');
  return (resourcePath) => expression.test(resourcePath);
}

function translate(pattern: string): string {
  const tail = /^(.*)\/\*{2,}$/s.exec(pattern);
  if (tail) return `${translate(tail[1] as string)}(?:/.*)?`;
  return pattern.replace(/\*+|[\\^$.+?()[\]{}|]/g, (found, at: number) => {
    if (!found.startsWith('*')) return `\\${found}`;
    if (found.length > 1) return '.*';
    const wholeSegment = pattern[at - 1] === '/' && (pattern[at + 1] ?? '/') === '/';
    return wholeSegment ? '[^/]+' : '[^/]*';
  });
}
