import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, resolve, sep } from 'node:path';

/** The limits of one tier, as its newest rate card says them: what API Gateway enforces. */
export interface TierPlan {
  /** The rate card's id. */
  readonly id: string;
  readonly name: string;
  readonly limits?: {
    readonly ratePerSecond: number;
    readonly burst: number;
    readonly quota?: { readonly calls: number; readonly per: 'day' | 'week' | 'month' };
  };
}

/** A rules folder as it is at synth. */
export interface RulesFolder {
  /** Text of each JSON file by its path in the folder, sorted, without the schemas for editors and the examples to copy. */
  readonly files: Readonly<Record<string, string>>;
  /** SHA-256, hex, of paths and texts: changes when a rule does. */
  readonly hash: string;
  /** One per rate card id, sorted. */
  readonly plans: readonly TierPlan[];
}

/**
 * Reads what synth needs of a rules folder: its bytes and the limits of its tiers. Whether the rules make sense is for
 * `tollgate validate`, and for publishing, which refuses them.
 *
 * @throws Error naming the file, when the folder is missing, has no rate card, or holds a file that is not JSON
 */
export function readRulesFolder(folder: string): RulesFolder {
  const root = resolve(folder);
  if (!existsSync(root) || !statSync(root).isDirectory()) {
    throw new Error(`There is no rules folder at ${root}. Give its path, relative to where cdk runs, as "rules".`);
  }
  const paths = readdirSync(root, { recursive: true, encoding: 'utf8' })
    .map((path) => path.split(sep).join('/'))
    .filter((path) => path.endsWith('.json') && !/^(?:schema|examples)\//.test(path))
    .sort();
  const files: Record<string, string> = {};
  const digest = createHash('sha256');
  for (const path of paths) {
    // As every reader of rules does: a byte order mark is no part of the JSON.
    const text = readFileSync(join(root, path), 'utf8').replace(/^\uFEFF/, '');
    files[path] = text;
    digest.update(`${path}\0${Buffer.byteLength(text)}\0${text}`);
  }
  return { files, hash: digest.digest('hex'), plans: tierPlans(root, files) };
}

function tierPlans(root: string, files: Readonly<Record<string, string>>): TierPlan[] {
  const newest = new Map<string, { effectiveFrom: string; plan: TierPlan }>();
  for (const [path, text] of Object.entries(files)) {
    const card = parse(path, text);
    if (!path.startsWith('rate-cards/')) continue;
    const { effectiveFrom, plan } = readCard(path, card);
    const known = newest.get(plan.id);
    if (known === undefined || known.effectiveFrom < effectiveFrom) newest.set(plan.id, { effectiveFrom, plan });
  }
  if (newest.size === 0) {
    throw new Error(`${join(root, 'rate-cards')} holds no rate card, so there is no tier to make a usage plan of.`);
  }
  return [...newest.values()].map(({ plan }) => plan).sort((a, b) => (a.id < b.id ? -1 : 1));
}

function parse(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Error(`rules/${path} is not JSON: ${(cause as Error).message}. Check it with: tollgate validate`, {
      cause,
    });
  }
}

const PERIODS = ['day', 'week', 'month'] as const;

function readCard(path: string, card: unknown): { effectiveFrom: string; plan: TierPlan } {
  const wrong = (pointer: string, allowed: string) =>
    new Error(`rules/${path} ${pointer}: ${allowed}. Check it with: tollgate validate`);
  const text = (object: Record<string, unknown>, key: string) => {
    const value = object[key];
    if (typeof value !== 'string' || value === '') throw wrong(`/${key}`, 'a text is required');
    return value;
  };
  const count = (object: Record<string, unknown>, key: string, pointer: string) => {
    const value = object[key];
    if (typeof value !== 'number' || !(value > 0)) throw wrong(`${pointer}/${key}`, 'a number above 0 is required');
    return value;
  };
  if (!isRecord(card)) throw wrong('', 'a rate card is an object');
  const plan = { id: text(card, 'id'), name: text(card, 'name') };
  if (!/^[A-Za-z0-9._-]+$/.test(plan.id)) throw wrong('/id', 'letters, digits, ".", "_" and "-" only');
  const effectiveFrom = text(card, 'effectiveFrom');
  const limits = card.usagePlan;
  if (limits === undefined) return { effectiveFrom, plan };
  if (!isRecord(limits)) throw wrong('/usagePlan', 'an object is required');
  const rates = {
    ratePerSecond: count(limits, 'ratePerSecond', '/usagePlan'),
    burst: count(limits, 'burst', '/usagePlan'),
  };
  const { quota } = limits;
  if (quota === undefined) return { effectiveFrom, plan: { ...plan, limits: rates } };
  if (!isRecord(quota)) throw wrong('/usagePlan/quota', 'an object is required');
  const per = PERIODS.find((period) => period === quota.per);
  if (per === undefined) throw wrong('/usagePlan/quota/per', `one of ${PERIODS.join(', ')} is required`);
  const calls = count(quota, 'calls', '/usagePlan/quota');
  return { effectiveFrom, plan: { ...plan, limits: { ...rates, quota: { calls, per } } } };
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * The commit that last changed the rules, so that deployments which change no rule publish nothing; `uncommitted` when
 * they differ from it, or outside of git.
 */
export function rulesCommit(folder: string): string {
  const git = (...args: string[]) =>
    execFileSync('git', args, { cwd: resolve(folder), encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  try {
    if (git('status', '--porcelain', '--', '.') !== '') return 'uncommitted';
    return git('log', '-1', '--format=%H', '--', '.') || 'uncommitted';
  } catch {
    return 'uncommitted';
  }
}
