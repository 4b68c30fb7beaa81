import { memoryCustomerRequests, memoryRequestQueue } from '../../../lib/adapters/memory/customer-requests.ts';
import { memoryObjects } from '../../../lib/adapters/memory/object-store.ts';
import { fulfilRequest, parseRequestMessage } from '../../../lib/app/fulfil-requests/fulfil-request.ts';
import { portalRequests } from '../../../lib/app/portal/portal-requests.ts';
import { DAY_MS, MINUTE_MS, parseTimestamp } from '../../../lib/domain/time/time.ts';
import { counting } from '../../portal/portal-world.ts';

const NOW = parseTimestamp('2026-11-02T09:30:00Z');

/** A portal that asks, and a worker whose invoices are not there, or whose store is away. */
function world(invoices: () => Promise<never[]> = async () => []) {
  const time = { now: NOW };
  const clock = { now: () => time.now };
  const [requests, requestQueue, files] = [memoryCustomerRequests(), memoryRequestQueue(), memoryObjects()];
  const asked = portalRequests({
    ...{ requests, requestQueue, files, clock, random: counting(), inlineBytesMax: 100 },
    downloadLink: async ({ key }) => key,
  });
  const ports = { requests, files, clock, bundles: { invoices: { headsOf: invoices } } } as never;
  const work = (message: { customer: string; id: string }) => fulfilRequest(message, ports);
  return { time, requests, requestQueue, asked, work };
}
const BUNDLE = { kind: 'bundle' as const, subject: '2026-10', askedBy: 'Ann' };

test('asked twice, it is asked once; after five minutes without an answer the message is sent again', async () => {
  const { time, requestQueue, asked } = world();
  await asked.ask('acme', BUNDLE);
  await asked.ask('acme', BUNDLE);
  expect(requestQueue.sent).toHaveLength(1);
  time.now += 5 * MINUTE_MS;
  await asked.ask('acme', BUNDLE);
  expect(requestQueue.sent).toEqual(Array(2).fill({ customer: 'acme', id: 'bundle-2026-10' }));
});

test('what cannot be made is settled with why, and can be asked for again', async () => {
  const { asked, work, requests, time, requestQueue } = world();
  const { id } = await asked.ask('acme', BUNDLE);
  expect(await work({ customer: 'acme', id })).toBe('failed');
  expect(await requests.one('acme', id)).toMatchObject({ state: 'failed', answer: 'there is no invoice 2026-10' });
  expect(await work({ customer: 'acme', id })).toBe('failed');
  time.now += MINUTE_MS;
  expect(await asked.ask('acme', BUNDLE)).toMatchObject({ state: 'open', version: 3 });
  expect(requestQueue.sent).toHaveLength(2);
});

test('what merely did not work now is thrown, so that the queue tries again, and stays open', async () => {
  const { asked, work, requests } = world(() => Promise.reject(new Error('the store is away')));
  const { id } = await asked.ask('acme', BUNDLE);
  await expect(work({ customer: 'acme', id })).rejects.toThrow('the store is away');
  expect(await requests.one('acme', id)).toMatchObject({ state: 'open' });
});

test('a message of nobody is no work, one that is none is refused', async () => {
  const { work } = world();
  expect(await work({ customer: 'acme', id: 'bundle-1999-01' })).toBe('unknown');
  expect(() => parseRequestMessage('{"customer":"acme"}')).toThrow('names a customer and a request');
});

test('a file serves for six days, then it is made anew; statements never wait in the queue', async () => {
  const { asked, requests, time, requestQueue } = world();
  const request = await asked.ask('acme', { kind: 'export', askedBy: 'Ann' });
  const file = { key: 'k', bytes: 1, name: 'n' };
  await requests.put({ ...request, state: 'done', settledAt: NOW, file, version: 2 });
  time.now += 6 * DAY_MS - 1;
  expect(await asked.ask('acme', { kind: 'export', askedBy: 'Ann' })).toMatchObject({ state: 'done' });
  time.now += 1;
  expect(await asked.ask('acme', { kind: 'export', askedBy: 'Ann' })).toMatchObject({ state: 'open', version: 3 });
  await asked.ask('acme', { kind: 'object', subject: 'industry', statement: 'No.', askedBy: 'Ann' });
  expect(requestQueue.sent).toHaveLength(2);
  expect(await requests.waiting()).toMatchObject([{ kind: 'object', statement: 'No.' }]);
});
