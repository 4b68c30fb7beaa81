import { createHash } from 'node:crypto';
import { GetSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';

const LENGTH_MIN = 32;

/**
 * The key that webhook secrets and report links are made of, read once in a sandbox's life: `{ "noticesKey": "<generated>" }`.
 * Needs secretsmanager:GetSecretValue.
 *
 * @returns 32 bytes
 * @throws Error when there is none: nothing must be signed with nothing
 */
export function noticesKey(client: SecretsManagerClient, arn: string): () => Promise<Uint8Array> {
  let key: Promise<Uint8Array> | undefined;
  const read = async (): Promise<Uint8Array> => {
    const { SecretString = '{}' } = await client.send(new GetSecretValueCommand({ SecretId: arn }));
    const { noticesKey: text = '' } = JSON.parse(SecretString) as { noticesKey?: string };
    if (text.length < LENGTH_MIN)
      throw new Error(`the notices secret has no noticesKey of ${LENGTH_MIN} characters or more`);
    return createHash('sha256').update(text).digest();
  };
  return () => {
    key ??= read();
    // A secret that could not be read must be read again.
    key.catch(() => (key = undefined));
    return key;
  };
}
