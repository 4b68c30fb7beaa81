/** Routes that stay open: `/health`, `GET /docs/**`. `*` stands for one segment, `**` for the rest of the path. */
export class ExemptRoutes {
  private readonly routes: readonly Route[];

  /** @throws Error for a route that is not `[METHOD ]/path` */
  constructor(routes: readonly string[]) {
    this.routes = routes.map(parseRoute);
  }

  takes(method: string, path: string): boolean {
    const matching = this.routes.filter((route) => route.matches(method, path));
    for (const route of matching) route.used = true;
    return matching.length > 0;
  }

  /** Routes that took no method: most likely a typing mistake, which would leave a route closed that should be open. */
  unused(): string[] {
    return this.routes.filter(({ used }) => !used).map(({ text }) => text);
  }
}

interface Route {
  readonly text: string;
  readonly matches: (method: string, path: string) => boolean;
  used: boolean;
}

function parseRoute(text: string): Route {
  const [, verb, path] = /^(?:([A-Z]+) )?(\/\S*)$/.exec(text) ?? [];
  if (path === undefined) {
    throw new Error(
      `"${text}" in "exempt" is not a route. Write a path (/health), or a method and a path (GET /docs/**).`,
    );
  }
  const pattern = path
    .split('/')
    .map((segment) => (segment === '**' ? '.*' : segment === '*' ? '[^/]+' : literally(segment)))
    .join('/');
  const expression = new RegExp(`^${pattern}$`);
  return {
    text,
    used: false,
    matches: (method, candidate) => (verb === undefined || verb === method) && expression.test(candidate),
  };
}

const literally = (segment: string) => segment.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
