import { readWebhook } from '../../../lib/adapters/stripe/stripe-webhook.ts';
import { sign } from '../../../lib/local/stripe/webhooks.ts';

const SECRET = 'whsec_test';
const NOW = 1_770_000_000_000;
const body = JSON.stringify({
  id: 'evt_1',
  object: 'event',
  type: 'customer.created',
  created: NOW / 1_000,
  data: { object: {} },
});
const signature = (text = body, secret = SECRET, seconds = NOW / 1_000) => sign(text, secret, seconds);
const request = (header: string | undefined, text: string | null = body, isBase64Encoded = false) => ({
  headers: { 'Stripe-Signature': header },
  body: text,
  isBase64Encoded,
});

describe('a webhook', () => {
  test('with a good signature is read; the header may be spelled in any case, the body encoded', () => {
    expect(readWebhook(request(signature()), SECRET, NOW)).toMatchObject({
      event: { id: 'evt_1', at: NOW, news: null },
    });
    const lower = { ...request(undefined), headers: { 'stripe-signature': signature() } };
    expect(readWebhook(lower, SECRET, NOW)).toHaveProperty('event');
    const encoded = request(signature(), Buffer.from(body).toString('base64'), true);
    expect(readWebhook(encoded, SECRET, NOW)).toHaveProperty('event');
  });
  test.each<[string, ReturnType<typeof request>]>([
    ['no signature', request(undefined)],
    ['another secret', request(signature(body, 'whsec_other'))],
    ['another body', request(signature(`${body} `))],
    ['no body', request(signature(), null)],
    ['an old delivery', request(signature(body, SECRET, NOW / 1_000 - 301))],
    ['nonsense', request('t=1,v1=zz')],
  ])('%s is refused', (_, given) => {
    expect(readWebhook(given, SECRET, NOW)).toEqual({ refused: 'bad-signature' });
  });
});
