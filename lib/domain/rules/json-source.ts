import { findNodeAtLocation, type Node, type ParseError, parseTree, printParseErrorCode } from 'jsonc-parser';
import type { RulesFault } from './fault.ts';

/** Where something stands in a file, from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** A JSON file that was read: its value, and where each part of it stands. */
export interface JsonSource {
  readonly file: string;
  readonly json: unknown;
  /** The key where the pointer names an entry that exists; else the nearest part around it. */
  locate(pointer: string): Position;
}

/** `/rules/0/a~1b` -> `['rules', '0', 'a/b']` (RFC 6901). */
export const pointerParts = (pointer: string): string[] =>
  pointer === ''
    ? []
    : pointer
        .slice(1)
        .split('/')
        .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));

export const pointerTo = (...parts: readonly (string | number)[]): string =>
  parts.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');

/**
 * Reads strict JSON (no comments, no trailing commas). A key that stands twice in an object is a fault too: the last one
 * would win silently.
 */
export function readJson(file: string, text: string): { source: JsonSource } | { faults: RulesFault[] } {
  const errors: ParseError[] = [];
  const tree = parseTree(text, errors, { disallowComments: true, allowTrailingComma: false, allowEmptyContent: false });
  const position = positions(text);
  const [error] = errors;
  if (error || !tree) return { faults: [syntaxFault(file, error, position)] };
  const duplicates = duplicateKeys(tree);
  if (duplicates.length > 0) {
    return {
      faults: duplicates.map(({ node, pointer, key }) => ({
        file,
        pointer,
        ...position(node.offset),
        code: 'duplicate-key',
        message: `the key ${JSON.stringify(key)} stands twice in this object`,
        hint: 'keep one of them',
      })),
    };
  }
  const locate = (pointer: string) => position(offsetOf(tree, pointerParts(pointer)));
  return { source: { file, json: JSON.parse(text), locate } };
}

function syntaxFault(file: string, error: ParseError | undefined, position: (offset: number) => Position): RulesFault {
  const what = error
    ? printParseErrorCode(error.error)
        .replace(/([a-z])([A-Z])/g, '$1 $2')
        .toLowerCase()
    : 'empty file';
  return {
    file,
    pointer: '',
    ...position(error?.offset ?? 0),
    code: 'not-json',
    message: `this is not JSON: ${what}`,
    hint: 'JSON has no comments and no trailing commas',
  };
}

/** Line starts are found once; a position is then a binary search. */
function positions(text: string): (offset: number) => Position {
  const starts = [0];
  for (let i = text.indexOf('\n'); i !== -1; i = text.indexOf('\n', i + 1)) starts.push(i + 1);
  return (offset) => {
    let [low, high] = [0, starts.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle] as number) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - (starts[low] as number) + 1 };
  };
}

function offsetOf(tree: Node, parts: readonly string[]): number {
  for (let length = parts.length; length > 0; length--) {
    const node = nodeAt(tree, parts.slice(0, length));
    // The key of a property, not its value: that is what an editor should point at.
    if (node) return node.parent?.type === 'property' ? node.parent.offset : node.offset;
  }
  return tree.offset;
}

function nodeAt(tree: Node, parts: readonly string[]): Node | undefined {
  let node: Node | undefined = tree;
  for (const part of parts) {
    if (!node) return undefined;
    node = findNodeAtLocation(node, [node.type === 'array' ? Number(part) : part]);
  }
  return node;
}

function duplicateKeys(tree: Node): { node: Node; pointer: string; key: string }[] {
  const found: { node: Node; pointer: string; key: string }[] = [];
  const visit = (node: Node, pointer: string) => {
    const seen = new Set<string>();
    for (const [index, child] of (node.children ?? []).entries()) {
      if (node.type === 'array') visit(child, `${pointer}/${index}`);
      if (node.type !== 'object') continue;
      const [name, value] = child.children ?? [];
      const key = String(name?.value);
      const path = `${pointer}${pointerTo(key)}`;
      if (seen.has(key)) found.push({ node: child, pointer: path, key });
      seen.add(key);
      if (value) visit(value, path);
    }
  };
  visit(tree, '');
  return found;
}
