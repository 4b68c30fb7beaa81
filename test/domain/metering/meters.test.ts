import { InputError } from '../../../lib/domain/input-error.ts';
import { compileMeters } from '../../../lib/domain/metering/compile-meters.ts';
import { parseMeters } from '../../../lib/domain/metering/parse-meters.ts';
import { compileRoute } from '../../../lib/domain/metering/routes.ts';
import { compileStatuses, DEFAULT_STATUSES } from '../../../lib/domain/metering/statuses.ts';

describe('a route pattern', () => {
  test.each([
    { pattern: '/payments/{id}', matches: ['/payments/{id}'], not: ['/payments/7', '/payments', '/payments/{id}/x'] },
    {
      pattern: '/payments/*',
      matches: ['/payments/{id}', '/payments/7'],
      not: ['/payments', '/payments/', '/payments/7/x'],
    },
    {
      pattern: '/files/**',
      matches: ['/files', '/files/', '/files/a', '/files/a/b.c'],
      not: ['/filesystem', '/x/files'],
    },
    { pattern: '/v*/items', matches: ['/v1/items', '/v/items'], not: ['/v1/2/items', '/v1/items/3'] },
    { pattern: '/*.css', matches: ['/a.css', '/.css'], not: ['/a/b.css', '/acss'] },
    { pattern: '/**/*.png', matches: ['/a/b/c.png', '/a/.png'], not: ['/c.png', '/a/b.gif'] },
    { pattern: '**', matches: ['/', '/a/b', '-'], not: [] },
    { pattern: '/*', matches: ['/a'], not: ['/', '/a/b'] },
    { pattern: '/a.b+c', matches: ['/a.b+c'], not: ['/aXb+c', '/a.bbc'] },
    { pattern: '/{proxy+}/*', matches: ['/{proxy+}/x'], not: ['/proxy/x'] },
  ])('$pattern', ({ pattern, matches, not }) => {
    const test = compileRoute(pattern);
    expect(matches.filter((path) => !test(path))).toEqual([]);
    expect(not.filter(test)).toEqual([]);
  });

  test('must begin with a slash', () => {
    expect(() => compileRoute('payments')).toThrow(InputError);
  });
});

describe('statuses', () => {
  const statuses = (given: readonly string[]) => {
    const set = compileStatuses(given);
    return [...set.keys()].filter((status) => set[status] === 1);
  };
  test.each([
    { given: ['404'], first: 404, last: 404, count: 1 },
    { given: ['2xx'], first: 200, last: 299, count: 100 },
    { given: ['200-399'], first: 200, last: 399, count: 200 },
    { given: ['5xx', '201-202', '201'], first: 201, last: 599, count: 102 },
  ])('$given', ({ given, first, last, count }) => {
    expect(statuses(given)).toHaveLength(count);
    expect([statuses(given)[0], statuses(given).at(-1)]).toEqual([first, last]);
  });
  test('by default 200-399 and 400-499 except 401, 403 and 429', () => {
    const expected = Array.from({ length: 300 }, (_, i) => 200 + i).filter((s) => s !== 401 && s !== 403 && s !== 429);
    expect(statuses(DEFAULT_STATUSES)).toEqual(expected);
  });
  test.each(['6xx', '20', '399-200', '2xx-3xx', '', '99'])('%s is refused with its place', (text) => {
    expect(() => compileStatuses(['200', text], '/at')).toThrow(expect.objectContaining({ path: '/at/1' }));
  });
});

const calls = { id: 'api-calls', unit: 'call', source: 'accessLog', aggregation: 'count' };

describe('parseMeters', () => {
  test('answers what the file says', () => {
    const json = {
      $schema: './schema/meters.schema.json',
      meters: [
        { ...calls, description: 'all', filter: { methods: ['get'], routes: ['/a/**'], statuses: ['2xx'] } },
        { id: 'tokens', unit: 'token', source: 'event', aggregation: 'sum', value: 'quantity' },
        { id: 'endpoints', unit: 'endpoint', source: 'accessLog', aggregation: 'unique', value: 'resourcePath' },
      ],
      routeGroups: [{ id: 'g', methods: ['POST'], routes: ['/b'] }],
    };
    expect(parseMeters(json)).toEqual(json);
  });

  test.each([
    { why: 'not an object', json: [], path: '', code: 'not-an-object' },
    { why: 'no meters', json: {}, path: '/meters', code: 'missing-key' },
    {
      why: 'an unknown key',
      json: { meters: [{ ...calls, routes: [] }] },
      path: '/meters/0/routes',
      code: 'unknown-key',
    },
    { why: 'no unit', json: { meters: [{ ...calls, unit: undefined }] }, path: '/meters/0/unit', code: 'missing-key' },
    { why: 'a bad id', json: { meters: [{ ...calls, id: 'a b' }] }, path: '/meters/0/id', code: 'not-a-name' },
    { why: 'an id twice', json: { meters: [calls, calls] }, path: '/meters/1/id', code: 'duplicate-id' },
    {
      why: 'a bad source',
      json: { meters: [{ ...calls, source: 'log' }] },
      path: '/meters/0/source',
      code: 'not-allowed',
    },
    {
      why: 'a bad aggregation',
      json: { meters: [{ ...calls, aggregation: 'avg' }] },
      path: '/meters/0/aggregation',
      code: 'not-allowed',
    },
    {
      why: 'count with a value',
      json: { meters: [{ ...calls, value: 'id' }] },
      path: '/meters/0/value',
      code: 'unexpected-key',
    },
    {
      why: 'a sum of text',
      json: { meters: [{ ...calls, aggregation: 'sum', value: 'client' }] },
      path: '/meters/0/value',
      code: 'not-allowed',
    },
    {
      why: 'a sum of nothing',
      json: { meters: [{ ...calls, aggregation: 'sum' }] },
      path: '/meters/0/value',
      code: 'missing-key',
    },
    {
      why: 'events with a filter',
      json: { meters: [{ ...calls, source: 'event', filter: {} }] },
      path: '/meters/0/filter',
      code: 'unexpected-key',
    },
    {
      why: 'an empty filter list',
      json: { meters: [{ ...calls, filter: { methods: [] } }] },
      path: '/meters/0/filter/methods',
      code: 'empty-list',
    },
    {
      why: 'a bad status',
      json: { meters: [{ ...calls, filter: { statuses: ['2x'] } }] },
      path: '/meters/0/filter/statuses/0',
      code: 'not-a-status',
    },
    {
      why: 'a bad route',
      json: { meters: [calls], routeGroups: [{ id: 'g', routes: ['x'] }] },
      path: '/routeGroups/0/routes/0',
      code: 'not-a-route',
    },
    {
      why: 'a group without routes',
      json: { meters: [calls], routeGroups: [{ id: 'g' }] },
      path: '/routeGroups/0/routes',
      code: 'missing-key',
    },
  ])('$why is refused with its place', ({ json, path, code }) => {
    expect(() => parseMeters(json)).toThrow(expect.objectContaining({ name: 'InputError', path, code }));
  });
});

describe('classify', () => {
  const meters = compileMeters({
    meters: [
      { id: 'calls', unit: 'call', source: 'accessLog', aggregation: 'count' },
      {
        id: 'writes',
        unit: 'call',
        source: 'accessLog',
        aggregation: 'count',
        filter: { methods: ['post'], routes: ['/b/*'] },
      },
      { id: 'tokens', unit: 'token', source: 'event', aggregation: 'sum' },
    ],
    routeGroups: [
      { id: 'reads', methods: ['GET'], routes: ['/b/**'] },
      { id: 'all-b', routes: ['/b/**'] },
    ],
  });
  const found = (method: string, path: string, status: number) =>
    meters.classify(method, path, status).contributions.map(({ meter, group }) => `${meter.definition.id}:${group}`);
  test.each([
    { method: 'GET', path: '/b/1', status: 200, to: ['calls:reads'] },
    { method: 'POST', path: '/b/1', status: 200, to: ['calls:all-b', 'writes:all-b'] },
    { method: 'POST', path: '/c', status: 200, to: ['calls:null'] },
    { method: 'POST', path: '/b/1', status: 500, to: [] },
    { method: 'POST', path: '/b/1', status: 0, to: [] },
  ])('$method $path $status counts for $to: the first group that matches', ({ method, path, status, to }) => {
    expect(found(method, path, status)).toEqual(to);
  });
  test('calls that count alike are one class', () => {
    expect(meters.classify('GET', '/b/1', 200)).toBe(meters.classify('GET', '/b/2', 404));
    expect(meters.classify('GET', '/b/1', 500).index).toBe(0);
  });
});
