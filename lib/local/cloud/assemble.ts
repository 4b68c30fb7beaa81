import type { AwsService } from '../../app/runtime.ts';
import type { Cloud, CloudOptions } from './cloud.ts';
import type { startDynamo } from './dynamo.ts';
import type { FunctionHost } from './function-host.ts';
import type { Gateway } from './gateway/gateway.ts';
import { type Listener, listen } from './gateway/listener.ts';
import { known } from './known.ts';
import type { Mailbox } from './mail.ts';
import type { Stores } from './resources.ts';
import { serveServices } from './sdk/endpoint.ts';
import type { Service } from './sdk/http.ts';
import { text } from './template/read.ts';
import type { ReadTemplates, Resource } from './template/template.ts';
import type { World } from './world.ts';

/** A cloud that runs, in its parts. */
export interface Parts {
  readonly world: World;
  readonly templates: ReadTemplates;
  readonly stores: Stores;
  readonly dynamo: Awaited<ReturnType<typeof startDynamo>>;
  readonly services: ReadonlyMap<AwsService, Service>;
  readonly functions: FunctionHost;
  readonly gateways: readonly Gateway[];
  readonly clientConfig: (service: AwsService, caller: string) => object;
  readonly options: CloudOptions;
  readonly mailbox: Mailbox;
}

const OUTSIDE = 'outside';

/** The parts as one {@link Cloud}. */
export function assemble(parts: Parts): Cloud {
  const { world, templates, stores, dynamo, services, functions, gateways, clientConfig, options, mailbox } = parts;
  const listeners: Listener[] = [];
  const find = finder(templates);
  const fail = (error: unknown) => world.log.error('the embedded cloud failed', { error: String(error) });
  let stopping: Promise<void> | undefined;
  return {
    clock: world.clock,
    outputs: templates.outputs,
    gateway: (name) => gatewayNamed(gateways, templates, name),
    get ingress() {
      return known(
        gateways.find((gateway) => gateway.has('POST', '/events')),
        'API with POST /events',
      );
    },
    objects: (name) => known(stores.buckets.get(find('AWS::S3::Bucket', name)?.ref ?? name), `bucket ${name}`),
    queue: (name) => {
      const logical = find('AWS::SQS::Queue', name)?.ref;
      return known(
        [...stores.queues.values()].find((queue) => [queue.name, queue.url, queue.arn].includes(logical ?? name)),
        `queue ${name}`,
      );
    },
    plans: stores.plans,
    secrets: stores.secrets,
    mails: mailbox.mails,
    dynamo: {
      endpoint: dynamo.endpoint,
      get config() {
        return dynamo.config(OUTSIDE);
      },
    },
    clientConfig: (service) => clientConfig(service, OUTSIDE),
    runtime: {
      env: functions.everyEnv(),
      clock: world.clock,
      random: world.random.fork(OUTSIDE),
      log: world.log,
      metrics: { count() {} },
      webhooksToLoopback: true,
      clientConfig: (service) => clientConfig(service, OUTSIDE),
      ...(options.stripe ? { stripe: options.stripe } : {}),
    },
    env: (name) => functions.env(name),
    invoke: (name, event) => functions.invoke(name, event),
    counts: () => functions.counts(),
    restart: (name) => functions.restart(name),
    settle: (limitMs) => world.clock.settle(limitMs),
    listen: async (gateway, port) => {
      const listener = await listen(gateway, port, fail);
      listeners.push(listener);
      return listener;
    },
    serveServices: async (port) => {
      const listener = await serveServices({ world, services, dynamo: dynamo.endpoint }, port);
      listeners.push(listener);
      return listener;
    },
    follow: (wall = Date.now) => world.clock.follow(wall, fail),
    stop: () => {
      stopping ??= (async () => {
        await Promise.all(listeners.map((listener) => listener.close()));
        await world.clock.stop();
        await dynamo.stop();
      })();
      return stopping;
    },
  };
}

const finder =
  (templates: ReadTemplates) =>
  (type: string, name: string): Resource | undefined =>
    templates.ofType(type).find(({ logicalId }) => logicalId === name);

function gatewayNamed(gateways: readonly Gateway[], templates: ReadTemplates, name: string | undefined): Gateway {
  if (name !== undefined) {
    return known(
      gateways.find((gateway) => [gateway.name, gateway.apiId, gateway.logicalId].includes(name)),
      `API ${name}`,
    );
  }
  const guarded = templates.ofType('AWS::ApiGateway::Authorizer').map((authorizer) => text(authorizer, 'RestApiId'));
  return known(gateways.find(({ apiId }) => guarded.includes(apiId)) ?? gateways[0], 'API');
}
