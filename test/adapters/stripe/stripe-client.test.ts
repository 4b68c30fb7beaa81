import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { stripeClient, stripeSecret } from '../../../lib/adapters/stripe/stripe-client.ts';

const answers = (...texts: (string | Error)[]) => {
  let reads = 0;
  const send = async () => {
    const text = texts[Math.min(reads++, texts.length - 1)];
    if (text instanceof Error) throw text;
    return { SecretString: text };
  };
  return { client: { send } as unknown as SecretsManagerClient, reads: () => reads };
};
const secret = (apiKey: string) => JSON.stringify({ apiKey, webhookSecret: 'whsec_1' });

describe('the Stripe secret', () => {
  test('is read once for five minutes, also by several callers at once', async () => {
    let now = 0;
    const { client, reads } = answers(secret('sk_1'), secret('sk_2'));
    const read = stripeSecret(client, 'arn', { now: () => now });
    await Promise.all([read(), read()]);
    expect(reads()).toBe(1);
    now = 299_999;
    expect((await read()).apiKey).toBe('sk_1');
    now = 300_000;
    expect((await read()).apiKey).toBe('sk_2');
  });
  test('a failed read is not kept', async () => {
    const { client } = answers(new Error('throttled'), secret('sk_1'));
    const read = stripeSecret(client, 'arn', { now: () => 0 });
    await expect(read()).rejects.toThrow('throttled');
    expect((await read()).webhookSecret).toBe('whsec_1');
  });
  test.each(['{}', '{"apiKey":"","webhookSecret":"w"}'])('%s says what must be filled in', async (text) => {
    await expect(stripeSecret(answers(text).client, 'arn:x', { now: () => 0 })()).rejects.toThrow('arn:x must hold');
  });
  test('one client per key', async () => {
    let key = 'sk_1';
    const client = stripeClient(async () => ({ apiKey: key, webhookSecret: 'w' }), undefined);
    const first = await client();
    expect(await client()).toBe(first);
    key = 'sk_2';
    expect(await client()).not.toBe(first);
  });
});
