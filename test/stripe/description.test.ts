import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Description, type Exchange, readDescription } from './description.ts';

/** A description small enough to see what is wrong with each exchange. */
const DOCUMENT = {
  info: { version: 'test' },
  paths: {
    '/v1/things': {
      post: {
        requestBody: {
          content: {
            'application/x-www-form-urlencoded': {
              schema: {
                type: 'object',
                required: ['name'],
                properties: {
                  name: { type: 'string', maxLength: 5 },
                  count: { type: 'integer' },
                  on: { type: 'boolean' },
                  tags: { type: 'array', items: { type: 'object', properties: { id: { type: 'string' } } } },
                },
              },
            },
          },
        },
        responses: {
          200: { content: { 'application/json': { schema: { $ref: '#/components/schemas/thing' } } } },
          default: { content: { 'application/json': { schema: { $ref: '#/components/schemas/error' } } } },
        },
      },
      get: {
        parameters: [{ name: 'limit', in: 'query', schema: { type: 'integer' } }],
        responses: { 200: { content: { 'application/json': { schema: {} } } } },
      },
    },
  },
  components: {
    schemas: {
      thing: {
        type: 'object',
        required: ['id', 'object'],
        properties: {
          id: { type: 'string' },
          object: { type: 'string', enum: ['thing'] },
          owner: { nullable: true, anyOf: [{ type: 'string' }, { $ref: '#/components/schemas/thing' }] },
          notes: { type: 'object', additionalProperties: { type: 'string' } },
        },
      },
      error: { type: 'object', required: ['error'], properties: { error: { type: 'object' } } },
      event: {
        type: 'object',
        required: ['type', 'data'],
        properties: { type: { type: 'string' }, data: { type: 'object' } },
      },
    },
  },
};

let folder: string;
let description: Description;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'description-'));
  writeFileSync(join(folder, 'spec.json'), JSON.stringify(DOCUMENT));
  description = readDescription(join(folder, 'spec.json'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const THING = { id: 't', object: 'thing', owner: null, notes: { a: 'b' } };
const exchange = (change: Partial<Exchange>): Exchange => ({
  ...{ method: 'POST', path: '/v1/things', query: '', body: 'name=x', status: 200, answer: THING },
  ...change,
});

test.each<[string, Partial<Exchange>, string[]]>([
  ['all is well', { body: 'name=x&count=3&on=true&tags[0][id]=y' }, []],
  ['an owner that is a thing', { answer: { ...THING, owner: THING } }, []],
  ['a missing parameter', { body: 'count=3' }, ['POST /v1/things request /name: is missing']],
  ['an unknown one', { body: 'name=x&nope=1' }, ['POST /v1/things request /nope: is not described']],
  ['one within a list', { body: 'name=x&tags[0][no]=1' }, ['POST /v1/things request /tags/*/no: is not described']],
  ['text for a number', { body: 'name=x&count=three' }, ['POST /v1/things request /count: is a string, not integer']],
  ['too long a text', { body: 'name=abcdef' }, ['POST /v1/things request /name: is longer than 5']],
  ['an answer without its id', { answer: { object: 'thing' } }, ['POST /v1/things answer /id: is missing']],
  ['an answer that says more', { answer: { ...THING, more: 1 } }, ['POST /v1/things answer /more: is not described']],
  ['null where none is allowed', { answer: { ...THING, id: null } }, ['POST /v1/things answer /id: is null']],
  [
    'a note that is no text',
    { answer: { ...THING, notes: { a: 1 } } },
    ['POST /v1/things answer /notes/*: is a number, not string'],
  ],
  ['a refusal', { status: 400, body: 'nope=1', answer: { error: {} } }, []],
  ['a refusal without an error', { status: 400, answer: {} }, ['POST /v1/things answer /error: is missing']],
  ['an unknown query', { method: 'GET', query: 'limit=1&x=2' }, ['GET /v1/things request /x: is not described']],
  ['an unknown endpoint', { path: '/v1/nothing' }, ['POST /v1/nothing: not described']],
])('%s', (_, change, differences) => {
  expect(description.differences(exchange(change))).toEqual(differences);
});

test('an event is looked at with the object in it', () => {
  expect(description.eventDifferences({ type: 'thing.made', data: { object: THING } })).toEqual([]);
  expect(description.eventDifferences({ type: 'thing.made', data: { object: { ...THING, id: 1 } } })).toEqual([
    'event thing.made /id: is a number, not string',
  ]);
});
