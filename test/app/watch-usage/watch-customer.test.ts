import { memoryCredits } from '../../../lib/adapters/memory/credits.ts';
import { memoryNoticeQueue, memoryNotices, memoryWatches } from '../../../lib/adapters/memory/notices.ts';
import { memoryAccessQueue } from '../../../lib/adapters/memory/queues.ts';
import { entitlement } from '../../../lib/app/provision-access/entitlement.ts';
import { updateProfile } from '../../../lib/app/provision-access/profiles.ts';
import { customerWatcher, type WatchingPorts } from '../../../lib/app/watch-usage/watch-customer.ts';
import { watchEverybody, watchMessages } from '../../../lib/app/watch-usage/watch-messages.ts';
import { withBindingCap } from '../../../lib/domain/alerts/caps.ts';
import type { CustomerProfile } from '../../../lib/domain/entitlement/profile.ts';
import type { SpendCap } from '../../../lib/domain/invoicing/billing-terms.ts';
import { totalOf } from '../../../lib/domain/reporting/bill.ts';
import { rateLikeInvoice } from '../../../lib/domain/reporting/rated.ts';
import { DAY_MS, HOUR_MS, hourOf, parseTimestamp } from '../../../lib/domain/time/time.ts';
import { recordingMetrics, silent } from '../../support/metering-world.ts';
import { reportStores } from '../make-report/report-stores.ts';

const NOON = '2026-10-20T12:30:00Z';

async function world(asOf = NOON, change: (profile: CustomerProfile) => CustomerProfile = (profile) => profile) {
  const stores = await reportStores({ asOf });
  const time = { now: parseTimestamp(asOf) };
  const clock = { now: () => time.now };
  const { directory } = stores.ports;
  const queue = memoryAccessQueue();
  const noticeQueue = memoryNoticeQueue();
  const own = { watches: memoryWatches(), notices: memoryNotices(), noticeQueue, credits: memoryCredits() };
  const ports: WatchingPorts = {
    ...{ ...stores.ports, ...own, clock, log: silent, metrics: recordingMetrics() },
    entitlement: entitlement({ directory, queue, clock }),
  };
  const edit = (to: (profile: CustomerProfile) => CustomerProfile) => updateProfile(directory, 'acme', to);
  await edit(change);
  const use = (calls: number, source: string, at = time.now) =>
    stores.ports.provisional.add({
      ...{ customer: 'acme', hour: hourOf(at), source },
      counters: { 'c:api-calls|payments': String(calls) },
    });
  return {
    ...{ stores, ports, own, time, queue, noticeQueue, edit, use },
    watch: customerWatcher(ports),
    cap: (cap: SpendCap | null) =>
      edit(({ ownSpendCap: _, ...profile }) =>
        withBindingCap(cap === null ? profile : { ...profile, ownSpendCap: cap }, time.now),
      ),
    told: async () => (await own.notices.newest('acme', 50)).map(({ id }) => id),
    queued: () => noticeQueue.sent.map(({ message }) => message.notice),
    spend: async () => (await directory.profile('acme'))?.spend,
  };
}

test('what closed hours say to all customers is read once for those who are looked at side by side', async () => {
  const { ports } = await world();
  const markers = jest.spyOn(ports.usage, 'markers');
  const watch = customerWatcher(ports);
  await Promise.all(['acme', 'acme', 'acme'].map((customer) => watch(customer, 'now')));
  expect(markers).toHaveBeenCalledTimes(1);
});

test('the bill so far is what the invoice would say of the same usage, to the cent', async () => {
  const { watch, own, stores } = await world();
  expect(await watch('acme')).toBe('looked');
  const { rating, rows, open } = stores.input;
  const all = [
    ...rows,
    ...open.map(({ hour, counters }) => ({
      ...{ customer: 'acme', hour, adjustment: 0, ruleset: 'r1', digest: 'd' },
      usage: Object.entries(counters).map(([name, quantity]) => ({
        ...{ meter: 'api-calls', group: name.slice('c:api-calls|'.length), quantity },
      })),
    })),
  ].filter(({ hour }) => hour >= hourOf(rating.period.start));
  const rated = rateLikeInvoice(rating, all);
  if (!rated.ok) throw new Error(rated.reason);
  expect((await own.watches.state('acme'))?.bill).toEqual({
    total: totalOf(rated.bill),
    fixed: '24.50',
    currency: 'USD',
  });
});

test('folded hours and running counters are the same bill as the counters alone', async () => {
  const { watch, own, time, ports } = await world('2026-10-02T12:30:00Z');
  await watch('acme', 'now');
  const before = await own.watches.state('acme');
  const archive = await own.watches.archive('acme');
  expect(archive?.rows).toEqual([]);
  // As if a day more had been closed: what was counted is now read from closed rows.
  const { usage, provisional } = ports;
  const until = hourOf(parseTimestamp('2026-10-02T11:00:00Z'));
  const open = await provisional.provisional('acme', { start: parseTimestamp('2026-10-01T00:00:00Z'), end: time.now });
  const rows = open
    .filter(({ hour }) => hour < until)
    .map(({ hour, counters }) => ({
      ...{ customer: 'acme', hour, adjustment: 0, ruleset: 'r1', digest: 'd' },
      usage: Object.entries(counters).map(([name, quantity]) => ({
        ...{ meter: 'api-calls', group: name.slice('c:api-calls|'.length), quantity },
      })),
    }));
  const closed = { ...usage, firstOpenHour: async () => until, closedHours: async () => rows };
  await customerWatcher({ ...ports, usage: closed })('acme', 'now');
  expect((await own.watches.archive('acme'))?.until).toBe(until);
  expect((await own.watches.state('acme'))?.bill).toEqual(before?.bill);
});

test('a look that is not due reads one item and writes none', async () => {
  const { watch, own, time } = await world();
  await watch('acme');
  const { version } = (await own.watches.state('acme')) ?? {};
  time.now += 60_000;
  expect(await watch('acme')).toBe('early');
  expect(await watch('acme', 'now')).toBe('looked');
  expect((await own.watches.state('acme'))?.version).toBe((version ?? 0) + 1);
  expect(await watch('nobody')).toBe('unknown-customer');
});

describe('a hard cap', () => {
  test('stops calls when it is reached and not before; raised, lowered and taken away it does what it says', async () => {
    const { watch, own, cap, spend, queue, told } = await world();
    await watch('acme');
    const total = (await own.watches.state('acme'))?.bill?.total ?? '';
    await cap({ amount: `${Number(total.split('.')[0]) + 1}.00`, mode: 'hard' });
    await watch('acme', 'now');
    expect([await spend(), queue.sent]).toEqual(['open', []]);
    await cap({ amount: total, mode: 'hard' });
    await watch('acme', 'now');
    expect(await spend()).toBe('capReached');
    expect(queue.sent).toEqual([{ do: 'flush', since: expect.any(Number) }]);
    expect((await told()).filter((id) => id.endsWith(`${total} 100`))).toHaveLength(1);
    await cap({ amount: '10000.00', mode: 'hard' });
    await watch('acme', 'now');
    expect(await spend()).toBe('open');
    await cap({ amount: '30.00', mode: 'hard' });
    await watch('acme', 'now');
    expect(await spend()).toBe('capReached');
    await cap(null);
    await watch('acme', 'now');
    expect(await spend()).toBe('open');
  });

  test('soft, it stops nothing', async () => {
    const { watch, cap, spend, told } = await world();
    await cap({ amount: '30.00', mode: 'soft' });
    await watch('acme');
    expect(await spend()).toBe('open');
    expect((await told()).some((id) => id.includes('spend-cap soft 30.00 100'))).toBe(true);
  });

  test('of the team binds too, and a lower soft one of one’s own is told beside it', async () => {
    const { watch, cap, edit, spend, own } = await world();
    await edit((profile) => {
      const overrides = { billing: { spendCap: { amount: '36.00', mode: 'hard' } } };
      return withBindingCap({ ...profile, customer: { ...profile.customer, overrides } }, 1);
    });
    await cap({ amount: '33.00', mode: 'soft' });
    await watch('acme');
    const caps = (await own.watches.state('acme'))?.levels.filter(({ kind }) => kind === 'spend-cap');
    expect(caps?.map(({ of, mode }) => [of, mode])).toEqual([
      ['36.00', 'hard'],
      ['33.00', 'soft'],
    ]);
    expect(await spend()).toBe('capReached');
  });

  test('opens with the next period', async () => {
    const { watch, cap, spend, time } = await world();
    await cap({ amount: '36.00', mode: 'hard' });
    await watch('acme');
    expect(await spend()).toBe('capReached');
    time.now = parseTimestamp('2026-11-01T00:01:00Z');
    await watch('acme');
    expect(await spend()).toBe('open');
  });

  test('that was raised while a look was on its way is not stopped by it', async () => {
    const { ports, cap, spend } = await world();
    await cap({ amount: '36.00', mode: 'hard' });
    const slow: WatchingPorts = {
      ...ports,
      credits: {
        ofCustomer: async () => {
          await cap({ amount: '10000.00', mode: 'hard' });
          return [];
        },
      },
    };
    await customerWatcher(slow)('acme');
    expect(await spend()).toBe('open');
  });

  test('with a bill that cannot be rated leaves things as they are', async () => {
    const { ports, cap, watch, spend } = await world();
    await cap({ amount: '36.00', mode: 'hard' });
    await watch('acme');
    const broken = { ...ports, decisions: { during: async () => [] } };
    await customerWatcher(broken)('acme', 'now');
    expect(await spend()).toBe('capReached');
  });
});

describe('each once', () => {
  test('looks in a row, two at once, and new usage in between tell every threshold once', async () => {
    const { watch, cap, use, own, told } = await world();
    await watch('acme');
    await cap({ amount: '100.00', mode: 'soft' });
    for (const [index, calls] of [2_000, 3_000, 4_000, 5_000, 6_000].entries()) {
      await use(calls, `s${index}`);
      await use(calls, `s${index}`);
      await Promise.all([watch('acme', 'now'), watch('acme', 'now')]);
      await watch('acme', 'now');
    }
    const caps = (await told()).filter((id) => id.includes('spend-cap'));
    expect(new Set(caps).size).toBe(caps.length);
    expect(caps.map((id) => id.slice(-3).trim()).sort()).toContain('100');
    expect((await own.watches.state('acme'))?.told).toEqual(expect.arrayContaining(caps));
  });

  test('a run that dies at any of its calls leaves nothing that the next one does not mend', async () => {
    for (let at = 1; at < 40; at++) {
      const { ports, cap, watch, spend, told, queued } = await world();
      await cap({ amount: '36.00', mode: 'hard' });
      const { dying, calls } = dyingAt(ports, at);
      const died = await customerWatcher(dying)('acme').then(
        () => false,
        () => true,
      );
      await watch('acme', 'now');
      await watch('acme', 'now');
      expect([at, await spend()]).toEqual([at, 'capReached']);
      const ids = await told();
      expect(ids.filter((id) => id.includes('spend-cap'))).toHaveLength(1);
      // Nothing that was put stays unsent; a message more than needed is found done by whoever sends.
      expect(ids.filter((id) => !queued().includes(id))).toEqual([]);
      if (!died) return expect(calls()).toBeGreaterThan(9);
    }
    throw new Error('the run makes more calls than were tried');
  });
});

/** Ports whose k-th call, of any of them, throws: every second time after it took effect. */
function dyingAt(ports: WatchingPorts, at: number) {
  let calls = 0;
  const wrap = <P extends object>(port: P): P =>
    new Proxy(port, {
      get(target, name, receiver) {
        const member: unknown = Reflect.get(target, name, receiver);
        if (typeof member !== 'function') return member;
        return async (...given: unknown[]) => {
          const mine = ++calls;
          if (mine === at && at % 2 === 0) throw new Error('died before');
          const answer: unknown = await Reflect.apply(member, target, given);
          if (mine === at) throw new Error('died after');
          return answer;
        };
      },
    });
  const dying = {
    ...ports,
    ...{ directory: wrap(ports.directory), watches: wrap(ports.watches), notices: wrap(ports.notices) },
    ...{ noticeQueue: wrap(ports.noticeQueue), entitlement: wrap(ports.entitlement), invoices: wrap(ports.invoices) },
    credits: wrap(ports.credits),
  };
  return { dying, calls: () => calls };
}

describe('what else is watched', () => {
  test('the quota of the card, in its own period', async () => {
    const { watch, use, own, told } = await world();
    await watch('acme');
    const quota = (await own.watches.state('acme'))?.levels.find(({ kind }) => kind === 'quota');
    expect(quota).toMatchObject({ of: '1000000', unit: 'calls', from: parseTimestamp('2026-10-01T00:00:00Z') });
    await use(600_000, 'many');
    await watch('acme', 'now');
    expect(await told()).toContain('2026-10-01T00:00:00Z quota 1000000 50');
  });

  test('a spike: once a day, however long it lasts', async () => {
    const { watch, use, told, time } = await world();
    await use(50_000, 'a');
    await watch('acme', 'now');
    time.now += HOUR_MS;
    await use(50_000, 'b');
    await watch('acme', 'now');
    expect((await told()).filter((id) => id.endsWith('spike'))).toEqual(['2026-10-20T00:00:00Z spike']);
    time.now += DAY_MS;
    await use(500_000, 'c');
    await watch('acme', 'now');
    expect((await told()).filter((id) => id.endsWith('spike'))).toHaveLength(2);
  });

  test('prepaid credit, by what the open period has used of it; more credit begins anew', async () => {
    const { watch, own, told } = await world();
    const grant = (id: string, amount: string) =>
      own.credits.grant({
        ...{ id, customer: 'acme', kind: 'paid', amount, currency: 'USD', grantedAt: 0, expiresAt: null },
        source: { by: 'test', reason: 'test' },
      });
    await grant('first', '60.00');
    await watch('acme', 'now');
    const balance = async () => (await own.watches.state('acme'))?.levels.find(({ kind }) => kind === 'balance');
    const total = (await own.watches.state('acme'))?.bill?.total ?? '';
    expect(await balance()).toMatchObject({ used: total, of: '60.00', unit: 'USD' });
    expect((await told()).filter((id) => id.includes('balance 60.00'))).toHaveLength(1);
    await grant('second', '1000.00');
    await watch('acme', 'now');
    expect(await balance()).toMatchObject({ used: total, of: '1060.00' });
  });

  test('a commitment, by what its term’s invoices were rated at and the open period', async () => {
    const commitment = { id: 'c1', amount: '500.00', from: '2026-09-01', periods: 3, terms: null };
    const { watch, own, ports } = await world(NOON, (profile) => ({
      ...profile,
      customer: { ...profile.customer, overrides: { billing: { commitment } } },
    }));
    await watch('acme');
    const { levels, bill } = (await own.watches.state('acme')) ?? {};
    const september = (await ports.invoices.ofCustomer('acme'))[0]?.invoice?.rated[0]?.total ?? '';
    const level = levels?.find(({ kind }) => kind === 'commitment');
    expect(Number(level?.used)).toBeCloseTo(Number(september) + Number(bill?.total), 6);
    expect(level).toMatchObject({
      of: '500.00',
      from: parseTimestamp('2026-09-01T00:00:00Z'),
      until: parseTimestamp('2026-12-01T00:00:00Z'),
    });
  });

  test('the report of a period follows its invoice, once; one of long ago is not sent after it', async () => {
    const { watch, told, ports, own } = await world('2026-11-03T09:00:00Z');
    await watch('acme');
    expect((await told()).filter((id) => id.endsWith('usage-report'))).toEqual([]);
    const period = { start: parseTimestamp('2026-10-01T00:00:00Z'), end: parseTimestamp('2026-11-01T00:00:00Z') };
    const record = await ports.invoices.get({ customer: 'acme', period, kind: 'usage' });
    if (!record) throw new Error('there is an invoice');
    const fresh = {
      ...ports.invoices,
      get: async () => ({ ...record, updatedAt: parseTimestamp('2026-11-02T04:00:00Z') }),
    };
    const again = { ...ports, invoices: fresh, watches: memoryWatches() };
    await customerWatcher(again)('acme');
    await customerWatcher(again)('acme', 'now');
    expect((await told()).filter((id) => id.endsWith('usage-report'))).toEqual(['2026-10-01T00:00:00Z usage-report']);
    expect((await own.notices.get('acme', '2026-10-01T00:00:00Z usage-report'))?.data).toEqual({ month: '2026-10' });
  });

  test('who has left is told of its last period, once, and of nothing else; who was erased, of nothing', async () => {
    for (const erased of [false, true]) {
      const { watch, told, ports, edit, time } = await world('2026-11-03T09:00:00Z');
      await watch('acme');
      await edit((profile) => ({
        ...profile,
        ...{ status: 'closed', statusSince: parseTimestamp('2026-11-01T00:00:00Z') },
        ...(erased ? { erasedAt: time.now } : {}),
      }));
      const state = await ports.watches.state('acme');
      if (!state) throw new Error('it was looked at');
      await ports.watches.saveState({ ...state, reported: null, version: state.version + 1 });
      const period = { start: parseTimestamp('2026-10-01T00:00:00Z'), end: parseTimestamp('2026-11-01T00:00:00Z') };
      const record = await ports.invoices.get({ customer: 'acme', period, kind: 'usage' });
      if (!record) throw new Error('there is an invoice');
      const get = async () => ({ ...record, updatedAt: time.now });
      const again = customerWatcher({ ...ports, invoices: { ...ports.invoices, get } });
      const outcomes = [await again('acme', 'now'), await again('acme', 'now')];
      expect(outcomes).toEqual(erased ? ['early', 'early'] : ['looked', 'early']);
      const reports = (await told()).filter((id) => id.endsWith('usage-report'));
      expect(reports).toEqual(erased ? [] : ['2026-10-01T00:00:00Z usage-report']);
    }
  });

  test('terms that cannot be read stop their customer alone', async () => {
    const { watch, spend } = await world(NOON, (profile) => ({
      ...profile,
      customer: { ...profile.customer, overrides: { billing: { spendCap: 'much' } } },
    }));
    expect(await watch('acme')).toBe('looked');
    expect(await spend()).toBe('open');
  });
});

describe('messages', () => {
  test('each customer is looked at once for a batch; a message with one that failed goes back, as does one that says nothing', async () => {
    const asked: string[] = [];
    const watch = async (customer: string, urgency = 'whenDue') => {
      asked.push(`${customer} ${urgency}`);
      if (customer === 'bad') throw new Error('no');
      return 'looked' as const;
    };
    const message = (messageId: string, body: unknown) => ({ messageId, body: JSON.stringify(body) });
    const answer = await watchMessages(
      [
        message('1', { customers: ['a', 'b'] }),
        message('2', { customers: ['b', 'bad'] }),
        message('3', { customers: ['a'], urgency: 'now' }),
        message('4', { nothing: true }),
        { messageId: '5', body: 'not json' },
      ],
      watch,
      silent,
    );
    expect(asked.sort()).toEqual(['a now', 'b whenDue', 'bad whenDue']);
    expect(answer.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier)).toEqual(['4', '5', '2']);
  });

  test('everybody is asked for, in messages of hundreds', async () => {
    const ids = Array.from({ length: 1_203 }, (_, index) => `c${index}`);
    const sent: number[] = [];
    const directory = {
      async *customers() {
        yield* ids;
      },
    };
    const queue = { send: async (customers: readonly string[]) => void sent.push(customers.length) };
    expect(await watchEverybody(directory, queue)).toBe(1_203);
    expect(sent).toEqual([500, 500, 203]);
  });
});
