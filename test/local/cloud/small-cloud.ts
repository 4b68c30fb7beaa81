import { type Cloud, type CloudOptions, startCloud, VirtualClock } from '../../../lib/local/cloud/index.ts';

/** 2026-01-15T10:00:00Z, a Thursday. */
export const START = Date.UTC(2026, 0, 15, 10);

export type Resources = Record<string, { Type: string; Properties?: object; Condition?: string }>;

const started: Cloud[] = [];

afterEach(async () => {
  await Promise.all(started.splice(0).map((cloud) => cloud.stop()));
});

/** A cloud of a few resources, stopped after the test. */
export async function cloudOf(Resources: Resources, options: Partial<CloudOptions> = {}): Promise<Cloud> {
  const cloud = await startCloud({
    templates: [{ stackName: 'Test', template: { Resources } }],
    functions: {},
    clock: new VirtualClock(START),
    seed: 'test',
    ...options,
  });
  started.push(cloud);
  return cloud;
}

/** A function of the template by the name under which its handler is registered. */
export const lambda = (name: string, properties: object = {}) => ({
  Type: 'AWS::Lambda::Function',
  Properties: {
    Runtime: 'nodejs24.x',
    Timeout: 30,
    Environment: { Variables: { POWERTOOLS_SERVICE_NAME: name } },
    ...properties,
  },
});

export const arnOf = (logicalId: string) => ({ 'Fn::GetAtt': [logicalId, 'Arn'] });
export const ref = (logicalId: string) => ({ Ref: logicalId });

/** Handlers for the registry that keep every event they get. */
export function recorder(answer: (event: never) => unknown = () => undefined) {
  const events: unknown[] = [];
  const create = () => (event: never) => {
    events.push(event);
    return answer(event);
  };
  return { events, create };
}
