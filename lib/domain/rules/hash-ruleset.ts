import { createHash } from 'node:crypto';
import { findNodeAtLocation, type Node, parseTree } from 'jsonc-parser';
import type { RulesFiles } from './ruleset.ts';

/** One piece of a ruleset, hashed by itself: a whole file, a single rule, or what a file holds beside its rules. */
export interface RulesetPart {
  /** `rate-cards/free/2026-01-01.json` */
  readonly file: string;
  /** `file`; of a file that is cut into rules: `rest`, `rules/0`, `conditions`, `conditions/0`. */
  readonly part: string;
  readonly text: string;
}

/** Files whose rules can be shown one by one, so that a customer sees its own and no other's. */
const CUT: readonly string[] = ['segments.json', 'tiers.json', 'protection.json'];
/** Names what is hashed, so that a digest of one thing can never pass for one of another. */
const LEAF = 'tollgate ruleset part 1';
const ROOT = 'tollgate ruleset 1';

/**
 * SHA-256, hex, over all files of a ruleset, by its parts: each part is hashed with its file and place, and the sorted
 * digests are hashed together. Whoever holds some parts and the digests of the rest can so check that the parts belong to
 * the ruleset, and learns nothing about the rest. The texts go in byte for byte, since a published card may not change by
 * a byte; the order in which files were read does not. See docs/adr/0013.
 */
export const hashRuleset = (files: RulesFiles): string => hashOfParts(rulesetParts(files).map(partDigest));

/** @param digests of all parts, in any order */
export function hashOfParts(digests: readonly string[]): string {
  const hash = createHash('sha256').update(`${ROOT}\n${digests.length}\n`);
  for (const digest of [...digests].sort()) hash.update(`${digest}\n`);
  return hash.digest('hex');
}

export const partDigest = ({ file, part, text }: RulesetPart): string =>
  createHash('sha256')
    .update(JSON.stringify([LEAF, file, part, text]))
    .digest('hex');

/** Every byte of every file is in exactly one part; a file that is not JSON is one part. */
export function rulesetParts(files: RulesFiles): RulesetPart[] {
  return Object.keys(files)
    .sort()
    .flatMap((file) => {
      const text = files[file] ?? '';
      const cut = CUT.includes(file) ? cutRules(file, text) : undefined;
      return cut ?? [{ file, part: 'file', text }];
    });
}

/** How rulesets were hashed before they were hashed in parts: published hours and decisions go on citing it. */
export function hashWhole(files: RulesFiles): string {
  const entries = Object.keys(files)
    .sort()
    .map((path) => [path, files[path]]);
  return createHash('sha256').update(JSON.stringify(entries)).digest('hex');
}

interface Span {
  readonly part: string;
  readonly from: number;
  readonly to: number;
}

/**
 * Cuts each rule and each named condition out of the text. What is left has `null` in their places, so that it stays JSON;
 * named conditions leave a part of their own behind, because their names stand around them.
 */
function cutRules(file: string, text: string): RulesetPart[] | undefined {
  const tree = parseTree(text, [], { disallowComments: true, allowTrailingComma: false });
  if (tree === undefined || !isJson(text)) return undefined;
  const rules = spansOf(findNodeAtLocation(tree, ['rules']), 'array', 'rules');
  const conditions = findNodeAtLocation(tree, ['conditions']);
  const named = spansOf(conditions, 'object', 'conditions');
  const around: Span[] =
    conditions?.type === 'object'
      ? [{ part: 'conditions', from: conditions.offset, to: conditions.offset + conditions.length }]
      : [];
  const offset = around[0]?.from ?? 0;
  const parts = [...rules, ...named].map(({ part, from, to }) => ({ file, part, text: text.slice(from, to) }));
  const names = around.map(({ part, from, to }) => ({
    ...{ file, part },
    text: without(
      text.slice(from, to),
      named.map((span) => ({ ...span, from: span.from - offset, to: span.to - offset })),
    ),
  }));
  return [{ file, part: 'rest', text: without(text, [...rules, ...around]) }, ...names, ...parts];
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

const spansOf = (node: Node | undefined, type: 'array' | 'object', name: string): Span[] =>
  node?.type === type
    ? (node.children ?? []).map(({ offset, length }, i) => ({
        part: `${name}/${i}`,
        from: offset,
        to: offset + length,
      }))
    : [];

function without(text: string, spans: readonly Span[]): string {
  let [left, at] = ['', 0];
  for (const { from, to } of [...spans].sort((a, b) => a.from - b.from)) {
    left += `${text.slice(at, from)}null`;
    at = to;
  }
  return left + text.slice(at);
}
