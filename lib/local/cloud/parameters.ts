import { awsJsonService, requiredText } from './sdk/aws-json.ts';
import { AwsError, type Service } from './sdk/http.ts';
import { text } from './template/read.ts';
import type { Resource } from './template/template.ts';
import type { World } from './world.ts';

/** SSM Parameter Store: what the template put there, and what was put over it. */
export function parametersApi(world: World, resources: readonly Resource[]): Service {
  const values = new Map(
    resources.map((resource) => [
      resource.ref,
      { type: text(resource, 'Type'), value: text(resource, 'Value'), version: 1 },
    ]),
  );
  const started = world.clock.now();
  return awsJsonService('ssm', {
    GetParameter: (input) => {
      const name = requiredText(input, 'Name');
      const found = values.get(name);
      if (!found) throw new AwsError('ParameterNotFound', `the template has no parameter ${name}`);
      const arn = `arn:aws:ssm:${world.region}:${world.account}:parameter/${name.replace(/^\//, '')}`;
      return {
        Parameter: {
          Name: name,
          Type: found.type,
          Value: found.value,
          Version: found.version,
          LastModifiedDate: started / 1_000,
          ARN: arn,
          DataType: 'text',
        },
      };
    },
    PutParameter: (input) => {
      const name = requiredText(input, 'Name');
      const old = values.get(name);
      if (old && input.Overwrite !== true)
        throw new AwsError('ParameterAlreadyExists', `${name} exists and Overwrite is not set`);
      const version = (old?.version ?? 0) + 1;
      values.set(name, {
        type: String(input.Type ?? old?.type ?? 'String'),
        value: requiredText(input, 'Value'),
        version,
      });
      return { Version: version, Tier: 'Standard' };
    },
  });
}
