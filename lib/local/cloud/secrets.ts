import { awsJsonService, requiredText } from './sdk/aws-json.ts';
import { AwsError, type Service } from './sdk/http.ts';
import { at, number, optionalText } from './template/read.ts';
import type { Resource } from './template/template.ts';
import type { World } from './world.ts';

interface Version {
  readonly id: string;
  readonly text: string;
  readonly createdAt: number;
}

/** Secrets Manager: values from the template (given, or generated from the seed), or those that the caller starts with. */
export class Secrets {
  readonly #world: World;
  /** Newest first, by ARN: AWSCURRENT, then AWSPREVIOUS. */
  readonly #versions = new Map<string, Version[]>();
  readonly #names = new Map<string, string>();

  /** @param initial values by logical id or name */
  constructor(world: World, resources: readonly Resource[], initial: Readonly<Record<string, string>>) {
    this.#world = world;
    for (const resource of resources) {
      const name = optionalText(resource, 'Name') ?? resource.logicalId;
      this.#names.set(name, resource.ref);
      this.put(resource.ref, initial[resource.logicalId] ?? initial[name] ?? generated(world, resource));
    }
    const unknown = Object.keys(initial).filter(
      (name) => !this.#names.has(name) && !resources.some(({ logicalId }) => logicalId === name),
    );
    if (unknown.length > 0) throw new Error(`the template has no secret ${unknown.join(', ')}`);
  }

  put(id: string, text: string, version?: string): string {
    const arn = this.#names.get(id) ?? id;
    const versions = this.#versions.get(arn) ?? [];
    const created = {
      id: version ?? this.#world.random.fork(`secret ${arn} ${versions.length}`).uuid(),
      text,
      createdAt: this.#world.clock.now(),
    };
    this.#versions.set(arn, [created, ...versions]);
    return created.id;
  }

  api(): Service {
    const arnOf = (id: string): string => {
      const arn = this.#names.get(id) ?? id;
      if (!this.#versions.has(arn)) {
        throw new AwsError('ResourceNotFoundException', "Secrets Manager can't find the specified secret.");
      }
      return arn;
    };
    return awsJsonService('secretsmanager', {
      GetSecretValue: (input) => {
        const arn = arnOf(requiredText(input, 'SecretId'));
        const stage = input.VersionStage ?? 'AWSCURRENT';
        const found = this.#versions.get(arn)?.[stage === 'AWSCURRENT' ? 0 : stage === 'AWSPREVIOUS' ? 1 : -1];
        if (!found) throw new AwsError('ResourceNotFoundException', `no version is labelled ${String(stage)}`);
        return {
          ARN: arn,
          Name: arn.split(':secret:')[1],
          VersionId: found.id,
          SecretString: found.text,
          VersionStages: [stage],
          CreatedDate: found.createdAt / 1_000,
        };
      },
      PutSecretValue: (input) => {
        const arn = arnOf(requiredText(input, 'SecretId'));
        const id = this.put(arn, requiredText(input, 'SecretString'), input.ClientRequestToken as string | undefined);
        return { ARN: arn, VersionId: id, VersionStages: ['AWSCURRENT'] };
      },
    });
  }
}

function generated(world: World, resource: Resource): string {
  const given = optionalText(resource, 'SecretString');
  if (given !== undefined) return given;
  const random = world.random.fork(`secret ${resource.logicalId}`);
  const password = random.hex(64).slice(0, number(resource, 'GenerateSecretString.PasswordLength', 32));
  const key = at(resource, 'GenerateSecretString.GenerateStringKey');
  if (key === undefined) return password;
  const template = JSON.parse(optionalText(resource, 'GenerateSecretString.SecretStringTemplate') ?? '{}') as object;
  return JSON.stringify({ ...template, [String(key)]: password });
}
