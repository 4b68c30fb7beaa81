import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest, type RequestOptions } from 'node:https';
import type { WebhookSender } from '../../app/ports/webhook-sender.ts';
import { addressOf, type Resolve, resolveByDns, type TargetAddress } from './target-address.ts';

/** From the first byte of the connection to the last of the answer's head. */
const TIMEOUT_MS = 10_000;

export interface WebhookOptions {
  /** Plain HTTP to 127.0.0.1 too; only the embedded cloud says so. @default false */
  readonly allowLoopback?: boolean;
  /** @default the system's resolver */
  readonly resolve?: Resolve;
  readonly timeoutMs?: number;
  /** Certificates to trust beside the system's, for tests. */
  readonly ca?: string;
}

/**
 * Posts to addresses that customers chose, so nothing about them is trusted. The name is resolved once, every address of it
 * is checked, and the connection goes to the one that was checked: a name that leads elsewhere a moment later gains nothing.
 * Redirects are not followed, the answer's body is not read, and there is no proxy, cookie or keep-alive.
 */
export function httpsWebhook(options: WebhookOptions = {}): WebhookSender {
  const { allowLoopback = false, resolve = resolveByDns, timeoutMs = TIMEOUT_MS, ca } = options;
  return {
    async post({ url: text, body, headers }) {
      const url = new URL(text);
      const local = allowLoopback && url.protocol === 'http:' && url.hostname === '127.0.0.1';
      if (url.protocol !== 'https:' && !local) return { outcome: 'failed', answer: 'not-https' };
      const address = await addressOf(url, resolve, allowLoopback);
      if (typeof address === 'string') return { outcome: 'failed', answer: address };
      return post(url, body, headers, { address, timeoutMs, ...(ca === undefined ? {} : { ca }) });
    },
  };
}

interface Connection {
  readonly address: TargetAddress;
  readonly timeoutMs: number;
  readonly ca?: string;
}
type Posted = Awaited<ReturnType<WebhookSender['post']>>;

function post(
  url: URL,
  body: string,
  headers: Readonly<Record<string, string>>,
  { address, timeoutMs, ca }: Connection,
): Promise<Posted> {
  const bytes = Buffer.from(body);
  const options: RequestOptions = {
    method: 'POST',
    // No pool: a connection that is kept would outlive its check.
    agent: false,
    signal: AbortSignal.timeout(timeoutMs),
    headers: {
      ...headers,
      'content-type': 'application/json',
      'content-length': String(bytes.length),
      'user-agent': 'tollgate-webhook/1',
      connection: 'close',
    },
    lookup: (_name, { all }, done) => {
      if (all) done(null, [address]);
      else done(null, address.address, address.family);
    },
    ...(ca === undefined ? {} : { ca }),
  };
  return new Promise((settle) => {
    const answered = (response: IncomingMessage) => {
      const { statusCode = 0 } = response;
      // Only the status counts: a body without end is cut off here.
      response.destroy();
      settle(outcomeOf(statusCode));
    };
    const made: ClientRequest =
      url.protocol === 'https:' ? httpsRequest(url, options, answered) : httpRequest(url, options, answered);
    made.on('error', (error: NodeJS.ErrnoException) => settle({ outcome: 'failed', answer: wordFor(error) }));
    made.end(bytes);
  });
}

function outcomeOf(status: number): Posted {
  if (status >= 200 && status < 300) return { outcome: 'accepted', answer: String(status) };
  return { outcome: 'failed', answer: status >= 300 && status < 400 ? `redirect (${status})` : String(status) };
}

function wordFor({ name, code = '' }: NodeJS.ErrnoException): string {
  if (name === 'TimeoutError' || name === 'AbortError' || code === 'ETIMEDOUT' || code === 'ABORT_ERR')
    return 'timeout';
  if (code === 'ECONNREFUSED') return 'refused';
  if (/^(ERR_TLS|CERT_|UNABLE_TO|DEPTH_ZERO|SELF_SIGNED|EPROTO|ERR_SSL)/.test(code)) return 'tls';
  return 'cut-off';
}
