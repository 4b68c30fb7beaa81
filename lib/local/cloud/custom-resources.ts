import { createServer } from 'node:http';
import type { FunctionHost } from './function-host.ts';
import { bind } from './gateway/listener.ts';
import { text } from './template/read.ts';
import type { Resource } from './template/template.ts';
import type { World } from './world.ts';

interface Report {
  readonly Status?: unknown;
  readonly Reason?: unknown;
}

/**
 * Creates the custom resources of the template, one after the other, as CloudFormation does at a deployment: the function
 * gets a `Create` event and reports to its `ResponseURL`, here a server on 127.0.0.1 that lives as long as the deployment.
 * @throws Error when a function fails, reports `FAILED`, or reports nothing
 */
export async function createCustomResources(
  world: World,
  resources: readonly Resource[],
  functions: FunctionHost,
): Promise<void> {
  if (resources.length === 0) return;
  const reports = new Map<string, Report>();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      reports.set((request.url ?? '').slice(1), JSON.parse(Buffer.concat(chunks).toString()) as Report);
      response.end();
    });
  });
  const port = await bind(server, 0);
  try {
    for (const resource of resources) await create(world, resource, functions, port, reports);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

async function create(
  world: World,
  resource: Resource,
  functions: FunctionHost,
  port: number,
  reports: ReadonlyMap<string, Report>,
): Promise<void> {
  const random = world.random.fork(`custom resource ${resource.logicalId}`);
  const requestId = random.uuid();
  const properties = Object.entries(resource.properties).filter(([name]) => name !== 'ServiceTimeout');
  const outcome = await functions.invoke(text(resource, 'ServiceToken'), {
    RequestType: 'Create',
    ServiceToken: text(resource, 'ServiceToken'),
    ResponseURL: `http://127.0.0.1:${port}/${requestId}`,
    StackId: `arn:aws:cloudformation:${world.region}:${world.account}:stack/${resource.stack}/local`,
    RequestId: requestId,
    LogicalResourceId: resource.logicalId,
    ResourceType: resource.type,
    // CloudFormation passes every scalar as a string.
    ResourceProperties: Object.fromEntries(properties.map(([name, value]) => [name, stringified(value)])),
  });
  const name = `${resource.stack}: ${resource.logicalId} (${resource.type})`;
  if (!outcome.ok) throw new Error(`${name} was not created: ${outcome.error.message}`, { cause: outcome.error });
  const report = reports.get(requestId);
  if (!report) throw new Error(`${name} was not created: its function did not report to the ResponseURL`);
  if (report.Status !== 'SUCCESS')
    throw new Error(`${name} was not created: ${String(report.Reason ?? report.Status)}`);
}

function stringified(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(stringified);
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, stringified(v)]));
  return String(value);
}
