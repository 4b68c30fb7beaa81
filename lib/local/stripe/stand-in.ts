import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Clock } from '../../app/runtime.ts';
import { SECOND_MS } from '../../domain/time/time.ts';
import { badRequest, rateLimited, StripeFault, unauthorized } from './errors.ts';
import { parseForm } from './form.ts';
import { idempotencyKeys, type Reply } from './idempotency.ts';
import type { CustomerObject } from './objects.ts';
import { type PageReply, servePage } from './pages.ts';
import { collectDue, GOOD_CARD } from './payments.ts';
import { route } from './routes.ts';
import { newStore, type Store } from './store.ts';
import { type WebhookOptions, webhooks } from './webhooks.ts';

/** What goes wrong with one request. `afterWork`: it was done, and the caller does not learn so. */
export type InjectedFault =
  | { readonly kind: 'status'; readonly status: number; readonly afterWork?: boolean; readonly saved?: boolean }
  | { readonly kind: 'cut'; readonly afterWork?: boolean }
  /** No answer while the caller still listens. */
  | { readonly kind: 'slow'; readonly afterWork?: boolean };

export interface StandInRequest {
  readonly method: string;
  readonly path: string;
  /** Counts from 0 over all requests. */
  readonly index: number;
  readonly idempotencyKey: string | null;
}

export interface StandInOptions {
  readonly clock: Clock;
  /** @default 0, any free port */
  readonly port?: number;
  readonly webhook?: Omit<WebhookOptions, 'clock'>;
  /** @default a card that is good */
  readonly cardOf?: (customer: CustomerObject) => string | null;
  /** Asked once for each request. @default nothing goes wrong */
  readonly fault?: (request: StandInRequest) => InjectedFault | undefined;
  /** Calls of one second to one endpoint; whatever is more gets 429. @default no limit */
  readonly callsPerSecond?: number;
}

/** Stripe's API as far as this project uses it, stateful, over HTTP on 127.0.0.1. */
export interface StripeStandIn {
  readonly host: '127.0.0.1';
  readonly port: number;
  /** Every request so far, replays included. */
  readonly requests: readonly StandInRequest[];
  readonly store: Store;
  /** Does what is due by the clock: automatic payments, then webhooks, until nothing is left. */
  advance(): Promise<void>;
  close(): Promise<void>;
}

export async function startStripeStandIn(options: StandInOptions): Promise<StripeStandIn> {
  const { clock, cardOf = () => GOOD_CARD, fault = () => undefined } = options;
  const hooks = webhooks({
    clock,
    ...(options.webhook ?? { secret: 'none', deliver: async () => {}, plan: () => [] }),
  });
  const store = newStore(clock, hooks.enqueue);
  const requests: StandInRequest[] = [];

  const allowed = rateLimit(clock, options.callsPerSecond);
  const callBack = async () => {
    while ((await hooks.deliverDue()) > 0);
  };
  const respond = responder({ clock, cardOf, fault, store, requests, allowed, callBack });
  const server = createServer((request, response) => {
    respond(request, response).catch((error: Error) => {
      response.writeHead(500, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ error: { type: 'api_error', message: `stand-in: ${error.message}` } }));
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });

  const { port } = server.address() as AddressInfo;
  store.origin = `http://127.0.0.1:${port}`;
  return {
    host: '127.0.0.1',
    port,
    requests,
    store,
    async advance() {
      do collectDue(store);
      while ((await hooks.deliverDue()) > 0);
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

interface Responding extends Pick<StandInOptions, 'clock'> {
  readonly cardOf: NonNullable<StandInOptions['cardOf']>;
  readonly fault: NonNullable<StandInOptions['fault']>;
  readonly store: Store;
  readonly requests: StandInRequest[];
  readonly allowed: (endpoint: string) => boolean;
  /** Delivers the webhooks that are due: a person who has paid on a page looks at the merchant's next. */
  readonly callBack: () => Promise<void>;
}

/** Counts the calls to each endpoint in the second that the clock shows. */
function rateLimit(clock: Clock, callsPerSecond = Number.POSITIVE_INFINITY): (endpoint: string) => boolean {
  let second = -1;
  const counts = new Map<string, number>();
  return (endpoint) => {
    const now = Math.floor(clock.now() / SECOND_MS);
    if (now !== second) counts.clear();
    second = now;
    const count = (counts.get(endpoint) ?? 0) + 1;
    counts.set(endpoint, count);
    return count <= callsPerSecond;
  };
}

/** Ids differ, endpoints do not. */
const endpointOf = (method: string, path: string): string => `${method} ${path.replace(/_\d{6,}/g, '')}`;

/** Answers one request: pages, then injected faults, then replays, then the work itself. */
function responder({ clock, cardOf, fault, store, requests, allowed, callBack }: Responding) {
  const keys = idempotencyKeys();
  const work = (method: string, path: string, query: string, body: string): Reply => {
    const form = parseForm(method === 'GET' ? query : body);
    try {
      return { status: 200, body: JSON.stringify(route(store, method, path, form, { cardOf })) };
    } catch (error) {
      if (!(error instanceof StripeFault)) throw error;
      return faultReply(error);
    }
  };

  const replayOf = (key: string, signature: string): { reply: Reply; replayed: boolean } | undefined => {
    try {
      const reply = keys.find(key, signature, clock.now());
      return reply && { reply, replayed: true };
    } catch (error) {
      if (!(error instanceof StripeFault)) throw error;
      return { reply: faultReply(error), replayed: false };
    }
  };

  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method = 'GET' } = request;
    const { pathname, search } = new URL(request.url ?? '/', 'http://stand-in');
    const body = await readBody(request);
    const shown = servePage(store, method, pathname, parseForm(body));
    if (shown) {
      if (method === 'POST') await callBack();
      return sendPage(response, shown);
    }
    const header = request.headers['idempotency-key'];
    const key = method === 'POST' && typeof header === 'string' ? header : null;
    const seen = { method, path: pathname, index: requests.length, idempotencyKey: key };
    requests.push(seen);
    const injected = fault(seen);
    if (injected && !injected.afterWork && !('saved' in injected && injected.saved)) return fail(response, injected);
    const refused = refusalOf(request, pathname, key, allowed(endpointOf(method, pathname)));
    if (refused) return send(response, faultReply(refused), false);
    const signature = `${method} ${pathname} ${body}`;
    const replay = key === null ? undefined : replayOf(key, signature);
    if (replay) return send(response, replay.reply, replay.replayed);
    const done = injected && !injected.afterWork ? undefined : work(method, pathname, search.slice(1), body);
    const reply = injected?.kind === 'status' && (injected.saved || !done) ? errorReply(injected.status) : done;
    if (key !== null && reply && isSaved(reply)) keys.save(key, signature, reply, clock.now());
    if (injected) return fail(response, injected);
    send(response, reply ?? errorReply(500), false);
  };
}

/** Refused requests (400, 404, 409, 429) leave nothing behind for their key. */
const isSaved = ({ status }: Reply): boolean => status < 400 || status === 402 || status >= 500;

const faultReply = (fault: StripeFault): Reply => ({ status: fault.status, body: JSON.stringify(fault.body()) });

const errorReply = (status: number): Reply =>
  faultReply(status === 429 ? rateLimited() : new StripeFault({ status, message: `injected ${status}` }));

/** Longest idempotency key that Stripe takes. */
const KEY_LENGTH_MAX = 255;

/** What is refused before anything is done. */
function refusalOf(request: IncomingMessage, path: string, key: string | null, isAllowed: boolean) {
  if (path.startsWith('/v1/') && !/^Bearer (?!sk_live_)\S+$/.test(request.headers.authorization ?? '')) {
    return unauthorized();
  }
  if (key !== null && key.length > KEY_LENGTH_MAX) return badRequest('The idempotency key is too long.');
  return isAllowed ? undefined : rateLimited();
}

function fail(response: ServerResponse, fault: InjectedFault): void {
  if (fault.kind === 'slow') return;
  if (fault.kind === 'cut') response.destroy();
  else send(response, errorReply(fault.status), false);
}

function send(response: ServerResponse, { status, body }: Reply, replayed: boolean): void {
  response.writeHead(status, {
    'content-type': 'application/json',
    'request-id': 'req_stand_in',
    ...(replayed ? { 'idempotent-replayed': 'true' } : {}),
  });
  response.end(body);
}

function sendPage(response: ServerResponse, { status, html, location }: PageReply): void {
  response.writeHead(status, { 'content-type': 'text/html; charset=utf-8', ...(location ? { location } : {}) });
  response.end(html);
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}
