import fc from 'fast-check';
import { clientFamily } from '../../../lib/domain/entitlement/client.ts';

/** Default User-Agents, as the named clients send them. */
describe('clientFamily', () => {
  test.each([
    ['python-requests/2.32.3', 'python'],
    ['Python/3.12 aiohttp/3.10.5', 'python'],
    ['python-httpx/0.27.0', 'python'],
    ['Python-urllib/3.11', 'python'],
    ['Boto3/1.35.0 md/Botocore#1.35.0 ua/2.0 os/linux lang/python#3.12', 'python'],
    ['axios/1.7.7', 'node'],
    ['node', 'node'],
    ['node-fetch/1.0 (+https://github.com/bitinn/node-fetch)', 'node'],
    ['undici', 'node'],
    ['got (https://github.com/sindresorhus/got)', 'node'],
    ['Bun/1.1.29', 'node'],
    ['Deno/2.0.0', 'node'],
    ['Go-http-client/2.0', 'go'],
    ['go-resty/2.16.0 (https://github.com/go-resty/resty)', 'go'],
    ['Java/17.0.12', 'java'],
    ['okhttp/4.12.0', 'java'],
    ['Apache-HttpClient/5.3.1 (Java/21.0.4)', 'java'],
    ['ktor-client', 'java'],
    ['Java-http-client/21.0.4', 'java'],
    ['RestSharp/112.0.0.0', 'dotnet'],
    ['MyApp/1.0 (.NET 8.0)', 'dotnet'],
    ['GuzzleHttp/7', 'php'],
    ['PHP/8.3', 'php'],
    ['Ruby', 'ruby'],
    ['Faraday v2.12.0', 'ruby'],
    ['reqwest/0.12.7', 'rust'],
    ['hyper/1.4', 'rust'],
    ['MyApp/1 CFNetwork/1498.700.2 Darwin/23.6.0', 'swift'],
    ['libwww-perl/6.77', 'perl'],
    ['curl/8.9.1', 'shell'],
    ['Wget/1.24.5', 'shell'],
    ['HTTPie/3.2.3', 'shell'],
    ['PostmanRuntime/7.42.0', 'tool'],
    ['k6/0.54.0 (https://k6.io/)', 'tool'],
    ['Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)', 'bot'],
    ['Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/129.0 Safari/537.36', 'browser'],
    ['acme-internal/3', 'other'],
    ['', 'unknown'],
    [undefined, 'unknown'],
  ])('%s -> %s', (userAgent, family) => {
    expect(clientFamily(userAgent)).toBe(family);
  });

  test('whatever a client writes, the token is one of ours and safe in a log line', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 600 }), (userAgent) => {
        expect(clientFamily(userAgent)).toMatch(/^[a-z]+$/);
      }),
      { seed: 7 },
    );
  });
});
