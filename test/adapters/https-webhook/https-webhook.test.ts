import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { httpsWebhook } from '../../../lib/adapters/https-webhook/https-webhook.ts';
import { addressOf, isPublic, type Resolve } from '../../../lib/adapters/https-webhook/target-address.ts';

const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  }
});

async function receiver(answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  servers.push(server);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
}

const here = httpsWebhook({ allowLoopback: true, timeoutMs: 300 });
const post = (url: string, webhook = here) => webhook.post({ url, body: '{"a":1}', headers: { 'tollgate-id': 'n 1' } });

describe('what a customer’s server may do', () => {
  test('it gets the body and the headers, once, and nothing that could be used to trace or to log in', async () => {
    const seen: { headers: Record<string, unknown>; body: string; method: string }[] = [];
    const url = await receiver(async (request, response) => {
      let body = '';
      for await (const chunk of request) body += String(chunk);
      seen.push({ headers: request.headers, body, method: request.method ?? '' });
      response.writeHead(204).end();
    });
    expect(await post(url)).toEqual({ outcome: 'accepted', answer: '204' });
    expect(seen).toHaveLength(1);
    expect(seen[0]).toMatchObject({ method: 'POST', body: '{"a":1}' });
    expect(Object.keys(seen[0]?.headers ?? {}).sort()).toEqual([
      ...['connection', 'content-length', 'content-type', 'host', 'tollgate-id', 'user-agent'],
    ]);
  });

  test.each([
    { status: 200, outcome: 'accepted', answer: '200' },
    { status: 299, outcome: 'accepted', answer: '299' },
    { status: 301, outcome: 'failed', answer: 'redirect (301)' },
    { status: 307, outcome: 'failed', answer: 'redirect (307)' },
    { status: 410, outcome: 'failed', answer: '410' },
    { status: 500, outcome: 'failed', answer: '500' },
  ])('$status is $outcome', async ({ status, outcome, answer }) => {
    let hits = 0;
    const url: string = await receiver((_request, response) => {
      hits += 1;
      response.writeHead(status, { location: `${url}/elsewhere` }).end('x');
    });
    expect(await post(url)).toEqual({ outcome, answer });
    // A redirect is not followed.
    expect(hits).toBe(1);
  });

  test('one that hangs is left after the timeout', async () => {
    const url = await receiver(() => {});
    expect(await post(url)).toEqual({ outcome: 'failed', answer: 'timeout' });
  });

  test('a body without an end is not read', async () => {
    let written = 0;
    const url = await receiver((_request, response) => {
      response.writeHead(200);
      const timer = setInterval(() => {
        written += 1;
        response.write('x'.repeat(1_000));
      }, 5);
      response.on('close', () => clearInterval(timer));
    });
    expect(await post(url)).toEqual({ outcome: 'accepted', answer: '200' });
    expect(written).toBeLessThan(20);
  });

  test('one that cuts the connection, and one that is not there', async () => {
    const cut = await receiver((request) => void request.socket.destroy());
    expect(await post(cut)).toEqual({ outcome: 'failed', answer: 'cut-off' });
    expect(await post('http://127.0.0.1:9/')).toEqual({ outcome: 'failed', answer: 'refused' });
  });
});

describe('where it may stand', () => {
  test.each([
    ...['127.0.0.1', '10.1.2.3', '172.16.0.1', '192.168.1.1', '169.254.169.254', '100.64.0.1', '0.0.0.0', '224.0.0.1'],
    ...['255.255.255.255', '192.0.2.1', '198.18.0.1', '::1', '::', 'fe80::1', 'fc00::1', 'fd00:ec2::254', 'ff02::1'],
    ...['::ffff:127.0.0.1', '::ffff:8.8.8.8', '64:ff9b::7f00:1', '64:ff9b::808:808', '2002:7f00:1::', '2001::1'],
    ...['2001:db8::1', '100::1', 'not an address', ''],
  ])('%j is not public', (address) => {
    expect(isPublic(address)).toBe(false);
  });

  test.each(['8.8.8.8', '1.1.1.1', '2606:4700::1111', '2a00:1450:4001:81b::200e'])('%s is public', (address) => {
    expect(isPublic(address)).toBe(true);
  });

  const names: Readonly<Record<string, readonly string[]>> = {
    'good.example': ['93.184.215.14'],
    'private.example': ['10.0.0.7'],
    'metadata.example': ['169.254.169.254'],
    'both.example': ['93.184.215.14', '127.0.0.1'],
    'six.example': ['fd00::1'],
    'mapped.example': ['::ffff:10.0.0.1'],
  };
  const resolve: Resolve = async (name) => {
    const found = names[name];
    if (found === undefined) throw new Error('ENOTFOUND');
    return found.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
  };

  test.each([
    ['https://good.example/', { address: '93.184.215.14', family: 4 }],
    ['https://private.example/', 'private-address'],
    ['https://metadata.example/', 'private-address'],
    ['https://both.example/', 'private-address'],
    ['https://six.example/', 'private-address'],
    ['https://mapped.example/', 'private-address'],
    ['https://nobody.example/', 'not-found'],
    // Other ways to write 127.0.0.1.
    ['https://2130706433/', 'private-address'],
    ['https://0x7f000001/', 'private-address'],
    ['https://017700000001/', 'private-address'],
    ['https://127.1/', 'private-address'],
    ['https://%31%32%37.0.0.1/', 'private-address'],
    ['https://[::ffff:127.0.0.1]/', 'private-address'],
    ['https://[::ffff:7f00:1]/', 'private-address'],
    ['https://[64:ff9b::a9fe:a9fe]/', 'private-address'],
    ['https://8.8.8.8/', { address: '8.8.8.8', family: 4 }],
    ['https://[2606:4700::1111]/', { address: '2606:4700::1111', family: 6 }],
  ])('%s', async (url, answer) => {
    expect(await addressOf(new URL(url), resolve, false)).toEqual(answer);
  });

  test('a name is resolved once and nothing is sent where it leads to a private address', async () => {
    let asked = 0;
    const counting: Resolve = (name) => {
      asked += 1;
      return resolve(name);
    };
    const webhook = httpsWebhook({ resolve: counting, timeoutMs: 300 });
    expect(await post('https://private.example/', webhook)).toEqual({ outcome: 'failed', answer: 'private-address' });
    expect(asked).toBe(1);
  });

  test('plain HTTP and this machine are refused unless the embedded cloud allows them', async () => {
    let hits = 0;
    const url = await receiver((_request, response) => {
      hits += 1;
      response.end();
    });
    expect(await post(url, httpsWebhook())).toEqual({ outcome: 'failed', answer: 'not-https' });
    expect(await post(url.replace('http:', 'https:'), httpsWebhook())).toEqual({
      outcome: 'failed',
      answer: 'private-address',
    });
    expect(await post(url.replace('127.0.0.1', 'localhost'))).toEqual({ outcome: 'failed', answer: 'not-https' });
    expect(hits).toBe(0);
  });
});
