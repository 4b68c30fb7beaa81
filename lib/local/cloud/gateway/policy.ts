/** An authorizer's answer, checked: what API Gateway would otherwise answer with its own 500. */
export interface AuthorizerAnswer {
  readonly principalId: string;
  readonly context: Readonly<Record<string, string>>;
  readonly usageIdentifierKey: string | undefined;
  /** Whether the policy allows the method ARN: an explicit deny wins, no statement is a deny. */
  allows(methodArn: string): boolean;
}

interface Statement {
  readonly allow: boolean;
  readonly patterns: readonly RegExp[];
}

/** @returns undefined where API Gateway would refuse the answer as malformed */
export function readAuthorizerAnswer(answer: unknown): AuthorizerAnswer | undefined {
  if (!isObject(answer) || typeof answer.principalId !== 'string' || !isObject(answer.policyDocument)) return undefined;
  const raw = answer.policyDocument.Statement;
  const statements = (Array.isArray(raw) ? raw : [raw]).map(readStatement);
  const context = readContext(answer.context);
  if (context === undefined || statements.length === 0 || statements.includes(undefined)) return undefined;
  const known = statements as Statement[];
  const key = answer.usageIdentifierKey;
  return {
    principalId: answer.principalId,
    context,
    usageIdentifierKey: typeof key === 'string' ? key : undefined,
    allows(methodArn) {
      let allowed = false;
      for (const { allow, patterns } of known) {
        if (allow && allowed) continue;
        if (!patterns.some((pattern) => pattern.test(methodArn))) continue;
        if (!allow) return false;
        allowed = true;
      }
      return allowed;
    },
  };
}

function readStatement(raw: unknown): Statement | undefined {
  if (!isObject(raw) || (raw.Effect !== 'Allow' && raw.Effect !== 'Deny')) return undefined;
  // Conditions would have to be evaluated; an answer that has them must not count as if they held.
  if (raw.Condition !== undefined || raw.NotResource !== undefined || raw.NotAction !== undefined) return undefined;
  const actions = list(raw.Action);
  const resources = list(raw.Resource);
  if (actions.length === 0 || resources.length === 0) return undefined;
  const invokes = actions.some((action) => glob(action.toLowerCase()).test('execute-api:invoke'));
  return { allow: raw.Effect === 'Allow', patterns: invokes ? resources.map(glob) : [] };
}

const list = (value: unknown): string[] =>
  (Array.isArray(value) ? value : [value]).filter((item): item is string => typeof item === 'string');

/** IAM's wildcards: `*` for anything, slashes too; `?` for one character. */
function glob(pattern: string): RegExp {
  const escaped = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${escaped}$`, 's');
}

function readContext(context: unknown): Record<string, string> | undefined {
  const read: Record<string, string> = {};
  for (const [name, value] of Object.entries(isObject(context) ? context : {})) {
    if (typeof value === 'object' && value !== null) return undefined;
    if (value !== null && value !== undefined) read[name] = String(value);
  }
  return read;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
