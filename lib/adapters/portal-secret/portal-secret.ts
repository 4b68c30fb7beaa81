import { createHash } from 'node:crypto';
import { GetSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';

export interface PortalSecret {
  /** 32 bytes. */
  readonly sessionKey: Uint8Array;
  /** Empty for a public client. */
  readonly clientSecret: string;
}

/** Too short to be what the stack generates: somebody has cut it. */
const SESSION_KEY_LENGTH_MIN = 32;

/**
 * The portal's secret, read once in a sandbox's life: `{ "sessionKey": "<generated>", "clientSecret": "" }`.
 * Needs secretsmanager:GetSecretValue.
 *
 * @throws Error when it holds no session key: cookies must not be sealed with nothing
 */
export async function readPortalSecret(client: SecretsManagerClient, arn: string): Promise<PortalSecret> {
  const { SecretString = '{}' } = await client.send(new GetSecretValueCommand({ SecretId: arn }));
  const { sessionKey, clientSecret } = JSON.parse(SecretString) as Partial<Record<string, string>>;
  if (sessionKey === undefined || sessionKey.length < SESSION_KEY_LENGTH_MIN) {
    throw new Error(`the portal's secret has no sessionKey of ${SESSION_KEY_LENGTH_MIN} characters or more`);
  }
  return { sessionKey: createHash('sha256').update(sessionKey).digest(), clientSecret: clientSecret ?? '' };
}
