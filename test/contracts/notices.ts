import type {
  AlertSettingsStore,
  BouncedAddresses,
  Deliveries,
  Notices,
  Watches,
  WatchState,
} from '../../lib/app/ports/notices.ts';
import type { Notice } from '../../lib/domain/alerts/notice.ts';
import { plainSettings } from '../../lib/domain/alerts/settings.ts';
import { hourOf } from '../../lib/domain/time/time.ts';

export interface AlertStores {
  readonly watches: Watches;
  readonly notices: Notices;
  readonly settings: AlertSettingsStore;
  readonly deliveries: Deliveries;
  readonly bounces: BouncedAddresses;
}

const NOW = Date.UTC(2026, 0, 15, 10);
const LEASE_MS = 120_000;

const state = (version: number, told: string[] = []): WatchState => ({
  ...{ customer: 'acme', lookedAt: NOW, lookAgainAt: NOW, levels: [], bill: null, told },
  ...{ spend: 'open', reported: null, version },
});
const notice = (id: string, customer = 'acme'): Notice => ({
  id,
  customer,
  kind: 'quota',
  at: NOW,
  data: { threshold: 50 },
});

/** What the stores of alerts do, whatever they stand on. */
export function alertStoresContract(make: () => Promise<AlertStores>): void {
  test('a look’s state follows the one before it, and a slower look loses', async () => {
    const { watches } = await make();
    expect(await watches.state('acme')).toBeUndefined();
    expect(await watches.saveState(state(1))).toBe('saved');
    expect(await watches.saveState(state(1, ['late']))).toBe('stale');
    expect(await watches.saveState(state(2, ['a']))).toBe('saved');
    expect(await watches.saveState(state(2, ['b']))).toBe('stale');
    expect(await watches.state('acme')).toEqual(state(2, ['a']));
    expect(await watches.state('other')).toBeUndefined();
  });

  test('an archive comes back as it was', async () => {
    const { watches } = await make();
    const usage = [{ meter: 'api-calls', group: null, quantity: '12' }];
    const archive = {
      ...{ customer: 'acme', period: Date.UTC(2026, 0, 1), until: hourOf(NOW) },
      rows: [{ hour: hourOf(NOW), usage, ruleset: 'r' }],
      before: [[hourOf(NOW), '7'] as const],
    };
    expect(await watches.archive('acme')).toBeUndefined();
    expect(await watches.saveArchive(archive)).toBe('saved');
    expect(await watches.archive('acme')).toEqual(archive);
  });

  test('a notice is put once, and stays what it was', async () => {
    const { notices } = await make();
    expect(await notices.put(notice('2026-01 b'))).toBe('put');
    expect(await notices.put({ ...notice('2026-01 b'), at: NOW + 1 })).toBe('exists');
    expect(await notices.put(notice('2026-02 a'))).toBe('put');
    expect(await notices.put(notice('2026-02 a', 'other'))).toBe('put');
    expect(await notices.get('acme', '2026-01 b')).toEqual(notice('2026-01 b'));
    expect(await notices.get('acme', 'none')).toBeUndefined();
    expect((await notices.newest('acme', 10)).map(({ id }) => id)).toEqual(['2026-02 a', '2026-01 b']);
    expect(await notices.newest('acme', 1)).toHaveLength(1);
  });

  test('settings follow the version before', async () => {
    const { settings } = await make();
    const first = { ...plainSettings('acme'), version: 1 };
    expect(await settings.settings('acme')).toBeUndefined();
    expect(await settings.saveSettings(first)).toBe('saved');
    expect(await settings.saveSettings(first)).toBe('conflict');
    expect(await settings.saveSettings({ ...first, report: 'link', version: 2 })).toBe('saved');
    expect(await settings.settings('acme')).toEqual({ ...first, report: 'link', version: 2 });
    await settings.removeSettings('acme');
    await settings.removeSettings('acme');
    expect(await settings.settings('acme')).toBeUndefined();
  });

  describe('an attempt to deliver', () => {
    const attempt = (n: number) => ({ customer: 'acme', notice: 'n', channel: 'webhook', attempt: n });

    test('is taken by one of two runs', async () => {
      const { deliveries } = await make();
      const claims = await Promise.all([1, 1].map((n) => deliveries.claim(attempt(n), NOW, LEASE_MS)));
      expect(claims.sort()).toEqual(['busy', 'claimed']);
    });

    test('that was made is done, whoever asks again', async () => {
      const { deliveries } = await make();
      await deliveries.claim(attempt(1), NOW, LEASE_MS);
      await deliveries.finish(attempt(1), 'sent', '200', NOW);
      for (const at of [NOW, NOW + 10 * LEASE_MS])
        expect(await deliveries.claim(attempt(1), at, LEASE_MS)).toBe('done');
      expect(await deliveries.claim(attempt(2), NOW, LEASE_MS)).toBe('done');
      expect(await deliveries.ofCustomer('acme')).toEqual([{ ...attempt(1), state: 'sent', answer: '200', at: NOW }]);
    });

    test('that broke off is taken again once its run cannot live any more', async () => {
      const { deliveries } = await make();
      await deliveries.claim(attempt(1), NOW, LEASE_MS);
      expect(await deliveries.claim(attempt(1), NOW + LEASE_MS - 1, LEASE_MS)).toBe('busy');
      expect(await deliveries.claim(attempt(1), NOW + LEASE_MS, LEASE_MS)).toBe('claimed');
    });

    test('that failed asks for the next one again, which is taken once', async () => {
      const { deliveries } = await make();
      await deliveries.claim(attempt(1), NOW, LEASE_MS);
      await deliveries.finish(attempt(1), 'retrying', '500', NOW);
      expect(await deliveries.claim(attempt(1), NOW, LEASE_MS)).toBe('again');
      expect(await deliveries.claim(attempt(2), NOW, LEASE_MS)).toBe('claimed');
      expect(await deliveries.claim(attempt(1), NOW, LEASE_MS)).toBe('done');
      expect(await deliveries.claim(attempt(2), NOW, LEASE_MS)).toBe('busy');
    });

    test('is forgotten with its customer, and with no other', async () => {
      const { deliveries } = await make();
      for (const customer of ['acme', 'other']) await deliveries.claim({ ...attempt(1), customer }, NOW, LEASE_MS);
      await deliveries.removeDeliveries('acme');
      expect(await deliveries.ofCustomer('acme')).toEqual([]);
      expect(await deliveries.ofCustomer('other')).toHaveLength(1);
    });

    test('that another run has taken over keeps nothing of the first', async () => {
      const { deliveries } = await make();
      await deliveries.claim(attempt(1), NOW, LEASE_MS);
      await deliveries.finish(attempt(1), 'retrying', '500', NOW);
      await deliveries.claim(attempt(2), NOW, LEASE_MS);
      await deliveries.finish(attempt(1), 'sent', '200', NOW);
      expect((await deliveries.ofCustomer('acme'))[0]).toMatchObject({ state: 'sending', attempt: 2 });
    });
  });

  test('an address that mail came back from is known until it is forgotten', async () => {
    const { bounces } = await make();
    const bounce = { address: 'a@example.com', at: NOW, reason: 'bounce: 550' };
    expect(await bounces.bounced('a@example.com')).toBeUndefined();
    await bounces.markBounced(bounce);
    await bounces.markBounced(bounce);
    expect(await bounces.bounced('a@example.com')).toEqual(bounce);
    await bounces.forget('a@example.com');
    expect(await bounces.bounced('a@example.com')).toBeUndefined();
  });
}
