import type { KeySnapshot } from './snapshot.ts';

/** What the authorizer puts into its context and the access log shows: nothing that could break out of a log line. */
const SAFE = /^[A-Za-z0-9._@-]{1,256}$/;

/** Why a known caller is refused: a safe token that the caller may see. */
export type Refusal = 'suspended' | 'closed' | 'spend-cap-reached' | 'feature-not-included' | 'invalid-customer-id';

export interface AuthorizerContext {
  readonly customerId?: string;
  readonly rateCard?: string;
  readonly client: string;
  readonly mode?: string;
  readonly reason?: string;
}

export interface PolicyStatement {
  readonly Action: 'execute-api:Invoke';
  readonly Effect: 'Allow' | 'Deny';
  readonly Resource: string[];
}

/** What a REQUEST authorizer of a REST API answers. */
export interface Authorization {
  readonly principalId: string;
  readonly policyDocument: { readonly Version: '2012-10-17'; readonly Statement: PolicyStatement[] };
  /** API Gateway takes flat values only; absent ones print `-` in the access log. */
  readonly context: Record<string, string>;
  readonly usageIdentifierKey?: string;
}

/**
 * The answer for a key, from its snapshot.
 *
 * The policy is cached for every method of the stage, so it speaks of the whole stage: it allows all of it and denies the
 * routes outside the customer's features. A key that is revoked, or whose customer is not placed in a usage plan yet,
 * is not a key: `unauthorized` (401), which API Gateway does not cache, so that the key works as soon as it can.
 *
 * @param stageArn `arn:aws:execute-api:<region>:<account>:<api>/<stage>`
 * @param client safe token, see clientFamily
 */
export function authorize(snapshot: KeySnapshot, stageArn: string, client: string): Authorization | 'unauthorized' {
  if (snapshot.keyState === 'revoked') return 'unauthorized';
  const { customer, mode } = snapshot;
  if (!SAFE.test(customer)) return refuse('unknown', stageArn, { client, reason: 'invalid-customer-id' });
  const rateCard = mode === 'test' ? 'test' : (snapshot.rateCard ?? '');
  const context: Record<string, string> = { customerId: customer, rateCard, client, mode };
  if (!SAFE.test(rateCard)) delete context.rateCard;
  const refusal = refusalOf(snapshot);
  if (refusal !== null) return refuse(customer, stageArn, { ...context, reason: refusal });
  if (snapshot.usageKey === null) return 'unauthorized';

  const Statement = [statement('Allow', [`${stageArn}/*`])];
  if (snapshot.denied.length > 0) {
    Statement.push(
      statement(
        'Deny',
        snapshot.denied.map((route) => `${stageArn}/${route}`),
      ),
    );
    // Shown only when a route is denied: an allowed call has no body of ours to show it in.
    context.reason = 'feature-not-included' satisfies Refusal;
  }
  return {
    principalId: customer,
    policyDocument: { Version: '2012-10-17', Statement },
    context,
    usageIdentifierKey: snapshot.usageKey,
  };
}

/**
 * The answer when the store cannot be read and calls are to pass: no customer in the context, so the access log shows
 * `-` and the call is counted as unknown, never billed to anyone.
 */
export function allowUnattributed(stageArn: string, client: string, usageKey: string | undefined): Authorization {
  return {
    principalId: 'unknown',
    policyDocument: { Version: '2012-10-17', Statement: [statement('Allow', [`${stageArn}/*`])] },
    context: { client },
    ...(usageKey === undefined ? {} : { usageIdentifierKey: usageKey }),
  };
}

/** `arn:…:api/stage/GET/a/b` -> `arn:…:api/stage` */
export function stageArnOf(methodArn: string): string {
  const stageStart = methodArn.indexOf('/') + 1;
  const stageEnd = methodArn.indexOf('/', stageStart);
  return stageEnd < 0 ? methodArn : methodArn.slice(0, stageEnd);
}

function refusalOf({ status, spend, reason }: KeySnapshot): string | null {
  if (status === 'closed') return 'closed' satisfies Refusal;
  if (status === 'suspended') return reason !== null && SAFE.test(reason) ? reason : ('suspended' satisfies Refusal);
  return spend === 'capReached' ? ('spend-cap-reached' satisfies Refusal) : null;
}

const refuse = (principalId: string, stageArn: string, context: Record<string, string>): Authorization => ({
  principalId,
  policyDocument: { Version: '2012-10-17', Statement: [statement('Deny', [`${stageArn}/*`])] },
  context,
});

const statement = (Effect: 'Allow' | 'Deny', Resource: string[]): PolicyStatement => ({
  Action: 'execute-api:Invoke',
  Effect,
  Resource,
});
