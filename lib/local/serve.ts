import { createServer, type Server } from 'node:http';
import { createAdaptorServer } from '@hono/node-server';
import { bind } from './cloud/gateway/listener.ts';
import type { LivedMonth } from './demo/lived.ts';
import { site } from './site.tsx';

export interface Served {
  readonly pagesUrl: string;
  readonly gatewayUrl: string;
  /** What `cdk deploy --outputs-file` would write, with two more outputs: where this cloud and Stripe's stand-in answer. */
  readonly outputs: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** A call that works, as one would type it. */
  readonly curl: string;
  /** Closes both listeners; the month itself stays. */
  close(): Promise<void>;
}

/**
 * Fails now rather than after a month was lived. Somebody may still take a port in between; then `serveMonth` says so.
 * @throws InputError `port-taken`
 */
export async function checkPorts(port: number): Promise<void> {
  if (port === 0) return;
  for (const wanted of [port, port + 1]) {
    const probe = createServer();
    await bind(probe, wanted);
    await new Promise<void>((done) => void probe.close(() => done()));
  }
}

/**
 * Serves the pages and the gateway on 127.0.0.1 and lets time pass, `speed` times as fast as on the wall: buffers that wait
 * for minutes on AWS are flushed within seconds, and hours close while one watches.
 *
 * @param options.port of the pages, the gateway has the next one; 0 for any free ports
 * @throws InputError `port-taken`
 */
export async function serveMonth(
  month: LivedMonth,
  options: { readonly port: number; readonly speed: number },
): Promise<Served> {
  const { tollgate, period, sample } = month;
  const { cloud } = tollgate;
  const gateway = await cloud.listen(cloud.gateway(), options.port === 0 ? 0 : options.port + 1);
  const curl = `curl -H 'x-api-key: ${sample.key}' ${gateway.url()}${sample.path}`;
  let portal: ReturnType<typeof site> | undefined;
  const unready = () => new Response('starting', { status: 503 });
  const fetch = (request: Request) => portal?.fetch(request) ?? unready();
  const pages = createAdaptorServer({ fetch }) as Server;
  let port: number;
  try {
    port = await bind(pages, options.port);
  } catch (error) {
    await gateway.close();
    throw error;
  }
  // Its own address is in every form's origin check, and only known once the port is bound.
  portal = site(tollgate, { period, curl, origin: `http://127.0.0.1:${port}` });
  const services = await cloud.serveServices(0);
  const started = Date.now();
  cloud.follow(() => started + (Date.now() - started) * options.speed);
  return {
    pagesUrl: `http://127.0.0.1:${port}`,
    gatewayUrl: gateway.url(),
    curl,
    outputs: outputsOf(cloud.outputs, {
      TollgateEndpoint: services.url(),
      StripeEndpoint: `http://${tollgate.stripe.host}:${tollgate.stripe.port}`,
    }),
    close: async () => {
      await services.close();
      await gateway.close();
      await new Promise<void>((done) => {
        pages.close(() => done());
        pages.closeAllConnections();
      });
    },
  };
}

/** `<stack>.<output>` -> value, as CDK nests it. Output names have no dot; a stack's has none either. */
function outputsOf(
  flat: Readonly<Record<string, string>>,
  more: Readonly<Record<string, string>>,
): Record<string, Record<string, string>> {
  const stacks: Record<string, Record<string, string>> = {};
  for (const [path, value] of Object.entries(flat)) {
    const [stack = '', output = ''] = path.split('.');
    stacks[stack] = { ...more, ...stacks[stack], [output]: value };
  }
  return stacks;
}
