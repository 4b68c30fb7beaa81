import fc from 'fast-check';
import { canonicalJson, sha256 } from '../../lib/app/canonical-json.ts';

test('keys are sorted at every depth, lists keep their order, undefined is absent', () => {
  expect(canonicalJson({ b: [{ d: 1, c: 'x' }, null, true], a: undefined, Z: {} })).toBe(
    '{"Z":{},"b":[{"c":"x","d":1},null,true]}',
  );
});

test('says the same as JSON, in one way only', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const plain: unknown = JSON.parse(JSON.stringify(value));
      expect(JSON.parse(canonicalJson(plain))).toEqual(plain);
      expect(canonicalJson(JSON.parse(canonicalJson(plain)))).toBe(canonicalJson(plain));
    }),
    { seed: 11 },
  );
});

test('sha256 is lower-case hex', () => {
  expect(sha256('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
});
