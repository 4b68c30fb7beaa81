import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { InputError } from '../../../domain/input-error.ts';
import type { GatewayResponse } from './call.ts';
import type { Gateway } from './gateway.ts';

/** API Gateway takes 10 MB. */
const BODY_BYTES_MAX = 10_485_760;

export interface Listener {
  readonly port: number;
  /** `http://127.0.0.1:<port>/<stage>`. */
  url(stage?: string): string;
  /** Cuts open connections. */
  close(): Promise<void>;
}

/**
 * Serves an API on 127.0.0.1, the stage first in the path, as AWS has it.
 * @param port 0 for any free one
 * @throws InputError `port-taken`
 */
export async function listen(gateway: Gateway, port: number, onError: (error: unknown) => void): Promise<Listener> {
  const server = createServer((request, response) => {
    serve(gateway, request, response).catch((error: unknown) => {
      onError(error);
      if (!response.headersSent) response.writeHead(500, { 'content-type': 'application/json' });
      response.end('{"message": "Internal server error"}');
    });
  });
  const bound = await bind(server, port);
  return {
    port: bound,
    url: (stage) => `http://127.0.0.1:${bound}/${stage ?? gateway.stages[0] ?? ''}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** @throws InputError `port-taken`, saying what to do */
export function bind(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EADDRINUSE' && error.code !== 'EACCES') return reject(error);
      const why = error.code === 'EACCES' ? 'may not be used' : 'is in use by another program';
      reject(
        new InputError({
          code: 'port-taken',
          message: `port ${port} ${why}`,
          hint: 'choose another one, or 0 for any free port',
        }),
      );
    });
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}

async function serve(gateway: Gateway, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const [, stage = '', rest = ''] = /^\/([^/?]*)(.*)$/s.exec(request.url ?? '/') ?? [];
  if (!gateway.stages.includes(stage)) return write(response, forbidden(gateway, stage));
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > BODY_BYTES_MAX) return write(response, plain(413, '{"message": "Request Too Long"}'));
    chunks.push(chunk);
  }
  const answer = await gateway.invoke({
    method: request.method ?? 'GET',
    path: rest.startsWith('/') ? rest : `/${rest}`,
    stage,
    headers: headersOf(request),
    sourceIp: request.socket.remoteAddress ?? '127.0.0.1',
    ...(bytes === 0 ? {} : { body: Buffer.concat(chunks) }),
  });
  write(response, answer);
}

const plain = (status: number, body: string): GatewayResponse => ({
  status,
  headers: { 'content-type': 'application/json' },
  body,
  encoding: 'utf8',
});

/** AWS says no more than this; here somebody is trying things out, so the header says what is wrong. */
const forbidden = (gateway: Gateway, stage: string): GatewayResponse => ({
  ...plain(403, '{"message":"Forbidden"}'),
  headers: {
    'content-type': 'application/json',
    'x-tollgate-hint': `no stage "${stage.slice(0, 40).replace(/[^\w-]/g, '?')}": paths begin with /${gateway.stages.join(' or /')}`,
  },
});

/** With the names as the caller wrote them; of a repeated one, all values. */
function headersOf(request: IncomingMessage): Record<string, string> {
  const headers: Record<string, string> = {};
  for (let i = 0; i + 1 < request.rawHeaders.length; i += 2) {
    const [name, value] = [request.rawHeaders[i] as string, request.rawHeaders[i + 1] as string];
    headers[name] = name in headers ? `${headers[name]}, ${value}` : value;
  }
  return headers;
}

function write(response: ServerResponse, { status, headers, body, encoding }: GatewayResponse): void {
  const bytes = Buffer.from(body, encoding);
  response.writeHead(status, { ...headers, 'content-length': bytes.length });
  response.end(bytes);
}
