import { optionalText, text } from '../template/read.ts';
import type { Resource } from '../template/template.ts';

export interface Route {
  readonly resourceId: string;
  /** `/payments/{id}`. */
  readonly resourcePath: string;
  /** By HTTP method; `ANY` takes the rest. */
  readonly methods: ReadonlyMap<string, Resource>;
}

interface Node {
  readonly id: string;
  readonly path: string;
  readonly methods: Map<string, Resource>;
  readonly children: Map<string, Node>;
  parameter: { readonly name: string; readonly greedy: boolean; readonly node: Node } | undefined;
}

export interface Match {
  readonly route: Route;
  readonly method: Resource;
  readonly pathParameters: Readonly<Record<string, string>> | undefined;
}

/** The resource tree of an API. A fixed part goes before a `{parameter}`, and that before a `{greedy+}` one. */
export class Routes {
  readonly #root: Node;

  constructor(rootId: string, resources: readonly Resource[], methods: readonly Resource[]) {
    this.#root = { id: rootId, path: '/', methods: new Map(), children: new Map(), parameter: undefined };
    const nodes = new Map([[rootId, this.#root]]);
    const waiting = [...resources];
    // A child may stand before its parent in the template.
    for (let before = waiting.length + 1; waiting.length < before; ) {
      before = waiting.length;
      for (const resource of waiting.splice(0)) {
        const parent = nodes.get(text(resource, 'ParentId'));
        if (parent) nodes.set(resource.ref, addChild(parent, resource));
        else waiting.push(resource);
      }
    }
    for (const method of methods)
      nodes.get(text(method, 'ResourceId'))?.methods.set(text(method, 'HttpMethod'), method);
  }

  /** @param path percent-encoded, without the stage */
  match(method: string, path: string): Match | undefined {
    const parts = path.split('/').filter((part) => part !== '');
    const parameters: Record<string, string> = {};
    const node = walk(this.#root, parts, 0, method, parameters);
    const found = node && (node.methods.get(method) ?? node.methods.get('ANY'));
    if (!node || !found) return undefined;
    const named = Object.keys(parameters).length > 0;
    return {
      route: { resourceId: node.id, resourcePath: node.path, methods: node.methods },
      method: found,
      pathParameters: named ? parameters : undefined,
    };
  }
}

function addChild(parent: Node, resource: Resource): Node {
  const part = optionalText(resource, 'PathPart') ?? '';
  const path = `${parent.path === '/' ? '' : parent.path}/${part}`;
  const node: Node = { id: resource.ref, path, methods: new Map(), children: new Map(), parameter: undefined };
  const [, name, greedy] = /^\{([^}+]+)(\+?)\}$/.exec(part) ?? [];
  if (name === undefined) parent.children.set(part, node);
  else parent.parameter = { name, greedy: greedy === '+', node };
  return node;
}

function walk(
  node: Node,
  parts: readonly string[],
  at: number,
  method: string,
  parameters: Record<string, string>,
): Node | undefined {
  const part = parts[at];
  if (part === undefined) return node.methods.has(method) || node.methods.has('ANY') ? node : undefined;
  const fixed = node.children.get(part);
  const found = fixed && walk(fixed, parts, at + 1, method, parameters);
  if (found) return found;
  if (!node.parameter) return undefined;
  const { name, greedy, node: child } = node.parameter;
  const taken = greedy ? parts.slice(at).join('/') : part;
  const deeper = greedy ? walk(child, [], 0, method, parameters) : walk(child, parts, at + 1, method, parameters);
  if (deeper) parameters[name] = decode(taken);
  return deeper;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
