import { createHmac } from 'node:crypto';
import { bindingCap, watchedCaps, withBindingCap } from '../../../lib/domain/alerts/caps.ts';
import { ALERT_KINDS } from '../../../lib/domain/alerts/notice.ts';
import { isWanted, parseAddresses, parseTarget, plainSettings } from '../../../lib/domain/alerts/settings.ts';
import { readReportToken, reportToken, signature, webhookSecret } from '../../../lib/domain/alerts/signature.ts';
import { newProfile } from '../../../lib/domain/entitlement/profile.ts';
import { capOver } from '../../../lib/domain/invoicing/spend-cap.ts';

const KEY = Buffer.alloc(32, 1);

describe('parseTarget', () => {
  test.each(['https://example.com/hook', 'https://example.com:8443/hook?team=a', 'https://xn--bcher-kva.example/'])(
    '%s is one',
    (url) => {
      expect(parseTarget(url)).toBe(url);
    },
  );

  test.each([
    ['http://example.com/', /does not begin with https/],
    ['ftp://example.com/', /does not begin with https/],
    ['javascript:alert(1)', /does not begin with https/],
    ['https://user:secret@example.com/', /user name or password/],
    ['https://example.com/#part', /after #/],
    ['example.com', /not an address/],
    ['', /not an address/],
    [`https://example.com/${'x'.repeat(500)}`, /too long/],
    ['http://127.0.0.1:8080/', /does not begin with https/],
  ])('%s is refused', (url, why) => {
    expect(() => parseTarget(url)).toThrow(why);
  });

  test('only the embedded cloud may name this machine', () => {
    expect(parseTarget('http://127.0.0.1:8080/hook', true)).toBe('http://127.0.0.1:8080/hook');
    expect(() => parseTarget('http://10.0.0.1/hook', true)).toThrow(/https/);
  });
});

test('addresses are put in order, once each, and at most five', () => {
  expect(parseAddresses([' B@Example.com', 'a@example.com', 'b@example.com'])).toEqual([
    'a@example.com',
    'b@example.com',
  ]);
  expect(() => parseAddresses(['nobody'])).toThrow(/nobody is not an e-mail address/);
  expect(() => parseAddresses('abcdef'.split('').map((name) => `${name}@example.com`))).toThrow(/at most 5/);
});

test('what is not chosen is not sent; what is no alert always is', () => {
  const settings = { ...plainSettings('acme'), kinds: ['quota' as const], report: 'none' as const };
  expect(ALERT_KINDS.filter((kind) => isWanted(settings, kind))).toEqual(['quota']);
  expect(isWanted(settings, 'webhook-paused')).toBe(true);
  expect(isWanted(settings, 'usage-report')).toBe(false);
  expect(isWanted(plainSettings('acme'), 'usage-report')).toBe(true);
});

describe('caps', () => {
  const [hard, soft] = ['hard', 'soft'].map((mode) => (amount: string) => ({
    amount,
    mode: mode as 'hard' | 'soft',
  })) as [
    (amount: string) => { amount: string; mode: 'hard' | 'soft' },
    (amount: string) => { amount: string; mode: 'hard' | 'soft' },
  ];
  test.each([
    { team: null, own: null, binding: null, why: 'none' },
    { team: hard('100'), own: null, binding: hard('100'), why: 'the team’s' },
    { team: hard('100'), own: hard('40'), binding: hard('40'), why: 'the lower' },
    { team: hard('100'), own: soft('40'), binding: hard('100'), why: 'a soft one stops nothing' },
    { team: soft('100'), own: hard('40'), binding: hard('40'), why: 'the hard one' },
    { team: soft('100'), own: soft('9.5'), binding: soft('9.5'), why: 'the lower as a number, not as a text' },
  ])('$why binds', ({ team, own, binding }) => {
    expect(bindingCap([team, own])).toEqual(binding);
    const { spendCaps, ...profile } = capped(team, own);
    expect(spendCaps?.at(-1)?.cap ?? null).toEqual(binding);
    expect(withBindingCap({ ...profile, ...(spendCaps ? { spendCaps } : {}) }, 99)).toEqual(capped(team, own));
  });

  const capped = (team: object | null, own: ReturnType<typeof hard> | null) => {
    const overrides = { billing: { spendCap: team } };
    const customer = { id: 'acme', name: 'Acme', createdAt: '2026-01-01', keys: [], facts: {}, overrides };
    const profile = { ...newProfile(customer, 0), ...(own === null ? {} : { ownSpendCap: own }) };
    return withBindingCap(profile, 5);
  };

  test('a soft cap below a hard one is watched beside it', () => {
    expect(watchedCaps(capped(hard('100'), soft('40')))).toEqual([hard('100'), soft('40')]);
    expect(watchedCaps(capped(hard('100'), hard('40')))).toEqual([hard('40'), hard('100')]);
  });

  test('raised within a period, the invoice is bounded by the higher one: the lower never took what was used under the other', () => {
    const first = capped(null, hard('40'));
    const raised = withBindingCap({ ...first, ownSpendCap: hard('60') }, 2 * 3_600_000);
    expect(capOver(raised.spendCaps ?? [], { start: 0, end: 4 * 3_600_000 })).toBe('60');
  });
});

describe('signatures', () => {
  test('are what the documentation says: HMAC-SHA-256 of the time, a dot and the body', () => {
    const secret = webhookSecret(KEY, 'acme', 1);
    expect(secret).toMatch(/^whsec_[A-Za-z0-9_-]{43}$/);
    const header = signature([secret], '{"a":1}', 1_700_000_000_999);
    const hex = createHmac('sha256', secret).update('1700000000.{"a":1}').digest('hex');
    expect(header).toBe(`t=1700000000,v1=${hex}`);
  });

  test('a secret is another for every customer and generation', () => {
    const secrets = [webhookSecret(KEY, 'acme', 1), webhookSecret(KEY, 'acme', 2), webhookSecret(KEY, 'acm', 1)];
    expect(new Set(secrets).size).toBe(3);
  });

  test('with two secrets both are signed with, the newer first', () => {
    const [a, b] = [webhookSecret(KEY, 'acme', 2), webhookSecret(KEY, 'acme', 1)];
    const [, first, second] = signature([a, b], 'x', 1_000).split(',');
    expect([`t=1,${first}`, `t=1,${second}`]).toEqual([signature([a], 'x', 1_000), signature([b], 'x', 1_000)]);
  });

  const link = { customer: 'acme', month: '2026-01', expiresAt: 1_000, generation: 3 };
  const token = reportToken(KEY, link);
  test.each([
    { title: 'a link is read until it runs out', sent: token, now: 999, read: link },
    { title: 'then it is none', sent: token, now: 1_000, read: undefined },
    { title: 'one that was changed is none', sent: `x${token}`, now: 0, read: undefined },
    { title: 'without a signature it is none', sent: token.split('.')[0] ?? '', now: 0, read: undefined },
    { title: 'with more behind it is none', sent: `${token}.more`, now: 0, read: undefined },
    { title: 'one of another key is none', sent: reportToken(Buffer.alloc(32, 2), link), now: 0, read: undefined },
    { title: 'nothing is none', sent: '', now: 0, read: undefined },
  ])('$title', ({ sent, now, read }) => {
    expect(readReportToken(KEY, sent, now)).toEqual(read);
  });
});
