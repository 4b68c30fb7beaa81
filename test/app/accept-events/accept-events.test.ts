import { memoryIdentities } from '../../../lib/adapters/memory/identities.ts';
import { memoryLedger } from '../../../lib/adapters/memory/ledger.ts';
import { memoryObjects } from '../../../lib/adapters/memory/object-store.ts';
import { type AcceptEventsPorts, acceptEvents, BODY_BYTES_MAX } from '../../../lib/app/accept-events/accept-events.ts';
import { parseEventSources } from '../../../lib/app/accept-events/event-sources.ts';
import type { EventsRequest } from '../../../lib/app/accept-events/http-binding.ts';
import { DAY_MS, formatTimestamp, MINUTE_MS, parseTimestamp } from '../../../lib/domain/time/time.ts';
import { crashAt } from '../../support/crashes.ts';
import { recordingMetrics } from '../../support/metering-world.ts';

const NOW = parseTimestamp('2026-01-15T10:30:00Z');
const CALLER = 'arn:aws:sts::123456789012:assumed-role/Billing/session-7';
const SOURCES = JSON.stringify({
  'arn:aws:iam::123456789012:role/teams/Billing': { sources: ['/billing'], meters: ['tokens'] },
});

function world() {
  let now = NOW;
  const ports = {
    identities: memoryIdentities(),
    ledger: memoryLedger(),
    records: memoryObjects(),
    sources: parseEventSources(SOURCES),
    metrics: recordingMetrics(),
    clock: { now: () => now },
  } satisfies AcceptEventsPorts;
  return {
    ...ports,
    ports,
    accept: acceptEvents(ports),
    passTime: (ms: number) => {
      now += ms;
    },
  };
}

const event = (id: string, quantity = '1', more: object = {}) => ({
  specversion: '1.0',
  type: 'tollgate.usage',
  source: '/billing',
  id,
  subject: 'acme',
  time: '2026-01-15T10:00:00Z',
  data: { meter: 'tokens', quantity },
  ...more,
});

const batch = (...events: unknown[]): EventsRequest => ({
  headers: { 'content-type': 'application/cloudevents-batch+json; charset=utf-8' },
  body: Buffer.from(JSON.stringify(events)),
});

describe('202', () => {
  test('a batch stands in the ledger, one canonical line for each event', async () => {
    const { accept, ledger } = world();
    expect(await accept(CALLER, batch(event('1'), event('2')))).toEqual({ status: 202, accepted: 2, quarantined: [] });
    expect(ledger.lines.map((line) => JSON.parse(line).id)).toEqual(['1', '2']);
    expect(ledger.lines.every((line) => line.endsWith('}\n'))).toBe(true);
  });

  test('the three content modes carry the same event', async () => {
    const { accept, ledger } = world();
    const { data, ...attributes } = event('1');
    const structured = {
      headers: { 'content-type': 'application/cloudevents+json' },
      body: Buffer.from(JSON.stringify(event('1'))),
    };
    const binary = {
      headers: {
        'content-type': 'application/json',
        ...Object.fromEntries(Object.entries(attributes).map(([name, value]) => [`ce-${name}`, value])),
        'ce-source': '%2Fbilling',
      },
      body: Buffer.from(JSON.stringify(data)),
    };
    for (const request of [structured, binary, batch(event('1'))])
      expect(await accept(CALLER, request)).toMatchObject({ status: 202 });
    expect(new Set(ledger.lines).size).toBe(1);
  });

  test('a repeat is taken and its line written again, to be counted once', async () => {
    const { accept, ledger } = world();
    await accept(CALLER, batch(event('1')));
    expect(await accept(CALLER, batch(event('1')))).toMatchObject({ status: 202, accepted: 1 });
    expect(ledger.lines).toHaveLength(2);
    expect(ledger.lines[0]).toBe(ledger.lines[1]);
  });

  test('an empty batch is nothing, and fine', async () => {
    expect(await world().accept(CALLER, batch())).toEqual({ status: 202, accepted: 0, quarantined: [] });
  });

  test.each([
    { title: 'older than 35 days', time: formatTimestamp(NOW - 35 * DAY_MS - 1), taken: false },
    { title: '35 days old', time: formatTimestamp(NOW - 35 * DAY_MS), taken: true },
    { title: '5 minutes ahead', time: formatTimestamp(NOW + 5 * MINUTE_MS), taken: true },
    { title: 'more than 5 minutes ahead', time: formatTimestamp(NOW + 5 * MINUTE_MS + 1), taken: false },
  ])('an event $title: taken $taken', async ({ title, time, taken }) => {
    const { accept, ledger, records } = world();
    const answer = await accept(CALLER, batch(event('1'), event('2', '1', { time })));
    const aside = { index: 1, source: '/billing', id: '2', reason: title };
    expect(answer).toEqual({ status: 202, accepted: taken ? 2 : 1, quarantined: taken ? [] : [aside] });
    expect(ledger.lines).toHaveLength(taken ? 2 : 1);
    const [found] = await records.list('quarantine/2026-01-15/events-');
    if (taken) return expect(found).toBeUndefined();
    const record = JSON.parse(Buffer.from((await records.get(found?.key ?? '')) ?? []).toString());
    expect(record).toMatchObject({ from: 'POST /events', entries: [{ line: 2, reason: title }] });
    expect(JSON.parse(record.entries[0].text)).toMatchObject({ id: '2', time });
  });

  test('an event that was set aside may come again with its time put right', async () => {
    const { accept } = world();
    await accept(CALLER, batch(event('1', '1', { time: '2025-01-15T10:00:00Z' })));
    expect(await accept(CALLER, batch(event('1')))).toMatchObject({ status: 202, accepted: 1 });
  });
});

describe('400', () => {
  test('names the first event at fault, and takes nothing', async () => {
    const { accept, ledger, ports } = world();
    const answer = await accept(CALLER, batch(event('1'), event('2', '-1'), event('3', 'x')));
    expect(answer).toMatchObject({ status: 400, index: 1, path: '/data/quantity', code: 'negative' });
    expect(ledger.lines).toEqual([]);
    const claim = { identity: { source: '/billing', id: '1' }, digest: 'another', now: NOW, expiresAt: NOW };
    expect(await ports.identities.claim(claim)).toBe('claimed');
  });

  test.each([
    { title: 'not JSON', request: { ...batch(), body: Buffer.from('{') }, code: 'not-json' },
    { title: 'not UTF-8', request: { ...batch(), body: Buffer.from([0x22, 0xff, 0x22]) }, code: 'not-json' },
    { title: 'a batch that is no array', request: { ...batch(), body: Buffer.from('{}') }, code: 'not-a-batch' },
    {
      title: 'plain JSON',
      request: { headers: { 'content-type': 'application/json' }, body: Buffer.from('{}') },
      code: 'no-content-mode',
    },
    { title: 'no content type', request: { headers: {}, body: Buffer.alloc(0) }, code: 'no-content-mode' },
    {
      title: 'a header that cannot be decoded',
      request: { headers: { 'ce-specversion': '1.0', 'ce-id': '%ZZ' }, body: Buffer.from('{}') },
      code: 'bad-header',
    },
  ])('$title', async ({ request, code }) => {
    expect(await world().accept(CALLER, request)).toMatchObject({ status: 400, code });
  });
});

describe('403', () => {
  test.each([
    { title: 'an unsigned request', caller: undefined, request: batch(event('1')), code: 'unknown-caller' },
    {
      title: 'another role',
      caller: 'arn:aws:sts::123456789012:assumed-role/Other/s',
      request: batch(event('1')),
      code: 'unknown-caller',
    },
    {
      title: 'the role of another account',
      caller: 'arn:aws:sts::999999999999:assumed-role/Billing/s',
      request: batch(event('1')),
      code: 'unknown-caller',
    },
    {
      title: 'another source',
      caller: CALLER,
      request: batch(event('1', '1', { source: '/other' })),
      code: 'source-not-permitted',
    },
    {
      title: 'another meter',
      caller: CALLER,
      request: batch(event('0'), event('1', '1', { data: { meter: 'payments', quantity: '1' } })),
      code: 'meter-not-permitted',
    },
  ])('$title', async ({ caller, request, code }) => {
    const { accept, ledger } = world();
    expect(await accept(caller, request)).toMatchObject({ status: 403, code });
    expect(ledger.lines).toEqual([]);
  });
});

describe('409', () => {
  test.each([
    { title: 'another quantity', other: event('2', '9') },
    { title: 'another time', other: event('2', '1', { time: '2026-01-15T10:00:01Z' }) },
  ])('$title under a known identity is named and nothing of the batch is in the ledger', async ({ other }) => {
    const { accept, ledger } = world();
    await accept(CALLER, batch(event('2')));
    const answer = await accept(CALLER, batch(event('1'), other, event('3')));
    expect(answer).toMatchObject({ status: 409, index: 1, code: 'identity-conflict' });
    expect((answer as { message: string }).message).toContain('source "/billing" and id "2"');
    expect(ledger.lines).toHaveLength(1);
  });

  test('two bodies under one identity within a batch', async () => {
    const { accept, ledger } = world();
    expect(await accept(CALLER, batch(event('1'), event('1', '2')))).toMatchObject({ status: 409, index: 1 });
    expect(ledger.lines).toEqual([]);
    expect(await accept(CALLER, batch(event('1', '2')))).toMatchObject({ status: 202 });
  });

  test('claims that a conflict leaves behind bill nothing and stop no honest retry', async () => {
    const { accept, ledger } = world();
    await accept(CALLER, batch(event('2')));
    await accept(CALLER, batch(event('1'), event('2', '9'), event('3')));
    expect(ledger.lines).toHaveLength(1);
    expect(await accept(CALLER, batch(event('1'), event('2'), event('3')))).toMatchObject({ status: 202, accepted: 3 });
    expect(ledger.lines.slice(1).map((line) => JSON.parse(line).id)).toEqual(['1', '2', '3']);
    expect(await accept(CALLER, batch(event('1', '5')))).toMatchObject({ status: 409 });
  });

  test('an identity holds as long as a changed body under it could still be in time', async () => {
    const { accept, passTime } = world();
    const ahead = formatTimestamp(NOW + 5 * MINUTE_MS);
    await accept(CALLER, batch(event('1', '1', { time: ahead })));
    passTime(35 * DAY_MS + 5 * MINUTE_MS);
    expect(await accept(CALLER, batch(event('1', '2', { time: ahead })))).toMatchObject({ status: 409 });
    passTime(1);
    expect(await accept(CALLER, batch(event('1', '2', { time: ahead })))).toMatchObject({ status: 202, accepted: 0 });
  });
});

describe('413', () => {
  test('over 1 MiB', async () => {
    const answer = await world().accept(CALLER, { ...batch(), body: Buffer.alloc(BODY_BYTES_MAX + 1, 32) });
    expect(answer).toMatchObject({ status: 413, code: 'body-too-large' });
  });

  test('over 500 events; 500 are taken', async () => {
    const { accept, ledger } = world();
    const events = Array.from({ length: 501 }, (_, i) => event(`${i}`));
    expect(await accept(CALLER, batch(...events))).toMatchObject({ status: 413, code: 'too-many-events' });
    expect(await accept(CALLER, batch(...events.slice(1)))).toMatchObject({ status: 202, accepted: 500 });
    expect(ledger.lines).toHaveLength(500);
  });

  test('an event over what the ledger stream takes', async () => {
    const large = event('1', '1', { subject: 'acme', note: 'x'.repeat(1_024_000) });
    expect(await world().accept(CALLER, batch(event('0'), large))).toMatchObject({
      status: 413,
      index: 1,
      code: 'event-too-large',
    });
  });
});

describe.each(['before', 'after'] as const)('a crash %s any write', (when) => {
  test('is no 202, and the same request again is taken: every event stands in the ledger', async () => {
    const request = batch(event('1'), event('2'), event('3', '1', { time: '2025-01-01T00:00:00Z' }));
    let crashes = 0;
    for (let k = 1; ; k++) {
      const { ports, accept, ledger, records } = world();
      const wrap = crashAt(k, when);
      const dying = acceptEvents({
        ...ports,
        identities: wrap(ports.identities),
        ledger: wrap(ports.ledger),
        records: wrap(ports.records),
      });
      const died = await dying(CALLER, request).then(
        () => false,
        () => true,
      );
      expect(await accept(CALLER, request)).toMatchObject({ status: 202, accepted: 2 });
      expect([...new Set(ledger.lines.map((line) => JSON.parse(line).id))]).toEqual(['1', '2']);
      expect(await records.list('quarantine/')).toHaveLength(1);
      if (!died) break;
      crashes++;
    }
    expect(crashes).toBe(4);
  });
});
