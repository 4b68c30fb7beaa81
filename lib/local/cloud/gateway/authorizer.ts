import { SECOND_MS } from '../../../domain/time/time.ts';
import type { FunctionHost } from '../function-host.ts';
import { number, optionalText, refuse, text } from '../template/read.ts';
import type { Resource } from '../template/template.ts';
import type { World } from '../world.ts';
import { type Call, header, queryPairs } from './call.ts';
import { authorizerEvent, methodArn } from './events.ts';
import { type AuthorizerAnswer, readAuthorizerAnswer } from './policy.ts';

export type Verdict =
  | {
      readonly kind: 'allowed' | 'denied';
      readonly answer: AuthorizerAnswer;
      readonly context: Readonly<Record<string, string>>;
    }
  /** An identity source is missing, or the function threw `Unauthorized`. */
  | { readonly kind: 'unauthorized' }
  | { readonly kind: 'failed'; readonly responseType: 'AUTHORIZER_FAILURE' | 'AUTHORIZER_CONFIGURATION_ERROR' };

interface Cached {
  readonly answer: AuthorizerAnswer;
  readonly context: Readonly<Record<string, string>>;
  readonly expiresAt: number;
}

/** Expired entries are dropped when there are this many more than at the last time. */
const SWEEP_EVERY = 10_000;
const TTL_DEFAULT_S = 300;

/**
 * A REQUEST authorizer and its cache. The cache keeps the whole policy for the values of the identity sources, whatever
 * method was called; each call is then judged by it.
 */
export class RequestAuthorizer {
  readonly id: string;
  readonly #world: World;
  readonly #functions: FunctionHost;
  readonly #function: string;
  readonly #sources: readonly ((call: Call) => string | undefined)[];
  readonly #ttlMs: number;
  readonly #cache = new Map<string, Cached>();
  #sweepAt = SWEEP_EVERY;

  constructor(world: World, resource: Resource, functions: FunctionHost) {
    if (text(resource, 'Type') !== 'REQUEST') throw refuse(resource, 'Type', 'only REQUEST authorizers are known');
    this.#world = world;
    this.#functions = functions;
    this.id = resource.ref;
    this.#function = text(resource, 'AuthorizerUri');
    functions.check(this.#function);
    this.#ttlMs = number(resource, 'AuthorizerResultTtlInSeconds', TTL_DEFAULT_S) * SECOND_MS;
    const sources = (optionalText(resource, 'IdentitySource') ?? '').split(',').map((source) => source.trim());
    this.#sources = sources.filter((source) => source !== '').map((source) => identitySource(resource, source));
    if (this.#ttlMs > 0 && this.#sources.length === 0) throw refuse(resource, 'IdentitySource', 'a cache needs one');
  }

  async judge(call: Call): Promise<Verdict> {
    let key = call.stage;
    for (const source of this.#sources) {
      const value = source(call);
      if (value === undefined || value === '') return { kind: 'unauthorized' };
      key += `\0${value}`;
    }
    const cached = this.#cache.get(key);
    if (cached && cached.expiresAt > this.#world.clock.now()) return verdict(call, cached);
    const outcome = await this.#functions.invoke(this.#function, authorizerEvent(call));
    if (!outcome.ok) {
      if (outcome.error.message === 'Unauthorized') return { kind: 'unauthorized' };
      return { kind: 'failed', responseType: 'AUTHORIZER_FAILURE' };
    }
    const answer = readAuthorizerAnswer(outcome.value);
    if (!answer) return { kind: 'failed', responseType: 'AUTHORIZER_CONFIGURATION_ERROR' };
    const fresh = {
      answer,
      context: { ...answer.context, principalId: answer.principalId },
      expiresAt: this.#world.clock.now() + this.#ttlMs,
    };
    if (this.#ttlMs > 0) this.#keep(key, fresh);
    return verdict(call, fresh);
  }

  #keep(key: string, entry: Cached): void {
    this.#cache.set(key, entry);
    if (this.#cache.size < this.#sweepAt) return;
    for (const [old, { expiresAt }] of this.#cache) if (expiresAt <= this.#world.clock.now()) this.#cache.delete(old);
    this.#sweepAt = this.#cache.size + SWEEP_EVERY;
  }

  flush(stage: string): void {
    for (const key of this.#cache.keys()) if (key.startsWith(`${stage}\0`)) this.#cache.delete(key);
  }
}

function verdict(call: Call, { answer, context }: Cached): Verdict {
  return { kind: answer.allows(methodArn(call)) ? 'allowed' : 'denied', answer, context };
}

function identitySource(resource: Resource, source: string): (call: Call) => string | undefined {
  const [, where, name = ''] =
    /^(method\.request\.header|method\.request\.querystring|stageVariables|context)\.(.+)$/.exec(source) ?? [];
  switch (where) {
    case 'method.request.header': {
      const lower = name.toLowerCase();
      return ({ request }) => header(request, lower);
    }
    case 'method.request.querystring':
      return ({ query }) => queryPairs(query).find(([key]) => key === name)?.[1];
    case 'stageVariables':
      return ({ stageVariables }) => stageVariables?.[name];
    case 'context':
      if (name === 'identity.sourceIp') return ({ request }) => request.sourceIp ?? '127.0.0.1';
      break;
  }
  throw refuse(resource, 'IdentitySource', `${source} is not known`);
}
