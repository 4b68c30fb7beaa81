import type { CustomerRequests } from '../../lib/app/ports/customer-requests.ts';
import type { CustomerRequest } from '../../lib/domain/portal/request.ts';

const asked: CustomerRequest = {
  ...{ id: 'correct-1', customer: 'acme', kind: 'correct', state: 'open', askedAt: 1_000, askedBy: 'Ann' },
  ...{ subject: 'industry', statement: 'We are a bank.', answer: null, settledAt: null, settledBy: null, file: null },
  version: 1,
};

/** What every {@link CustomerRequests} does. */
export function customerRequestsContract(make: () => Promise<CustomerRequests>): void {
  test('what was put is found by its customer and id, and by nobody else', async () => {
    const requests = await make();
    expect(await requests.put(asked)).toBe('put');
    expect(await requests.one('acme', asked.id)).toEqual(asked);
    expect(await requests.one('rival', asked.id)).toBeUndefined();
    expect(await requests.ofCustomer('rival')).toEqual([]);
  });

  test('of two writers of one version one wins, and the other is told', async () => {
    const requests = await make();
    await requests.put(asked);
    expect(await requests.put({ ...asked, statement: 'again' })).toBe('conflict');
    const settled = { ...asked, state: 'done' as const, answer: 'put right', version: 2 };
    const outcomes = await Promise.all([requests.put(settled), requests.put({ ...settled, answer: 'other' })]);
    expect(outcomes.sort()).toEqual(['conflict', 'put']);
    expect(await requests.put({ ...settled, version: 5 })).toBe('conflict');
  });

  test('a customer has its own, newest first', async () => {
    const requests = await make();
    for (const [id, askedAt] of [
      ['b', 2_000],
      ['a', 3_000],
      ['c', 1_000],
    ] as const)
      await requests.put({ ...asked, id, askedAt });
    expect((await requests.ofCustomer('acme')).map(({ id }) => id)).toEqual(['a', 'b', 'c']);
  });

  test('those that wait for a person are found across customers until they are settled, oldest first', async () => {
    const requests = await make();
    await requests.put({ ...asked, askedAt: 2_000 });
    await requests.put({ ...asked, customer: 'rival', kind: 'object', askedAt: 1_000 });
    await requests.put({ ...asked, id: 'export', kind: 'export' });
    expect((await requests.waiting()).map(({ customer }) => customer)).toEqual(['rival', 'acme']);
    await requests.put({ ...asked, customer: 'rival', kind: 'object', state: 'refused', answer: 'no', version: 2 });
    expect((await requests.waiting()).map(({ customer }) => customer)).toEqual(['acme']);
  });
}
