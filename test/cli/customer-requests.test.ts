import { PassThrough } from 'node:stream';
import { memoryCustomerRequests } from '../../lib/adapters/memory/customer-requests.ts';
import { memoryDirectory } from '../../lib/adapters/memory/directory.ts';
import { memoryAlertSettings, memoryBounces, memoryDeliveries } from '../../lib/adapters/memory/notices.ts';
import { memoryObjects } from '../../lib/adapters/memory/object-store.ts';
import { memoryPortalStore } from '../../lib/adapters/memory/portal.ts';
import { memoryAccessQueue, memoryEvaluationQueue } from '../../lib/adapters/memory/queues.ts';
import { memoryRulesets } from '../../lib/adapters/memory/rulesets.ts';
import { importCustomers } from '../../lib/app/import-customers/import-customers.ts';
import { updateProfile } from '../../lib/app/provision-access/profiles.ts';
import {
  type RequestStores,
  runErase,
  runMailAgain,
  runRequests,
  runSettle,
} from '../../lib/cli/customer-requests-run.ts';
import type { Io } from '../../lib/cli/io.ts';
import { withTrouble } from '../../lib/domain/entitlement/mail-trouble.ts';
import type { CustomerRequest, RequestKind } from '../../lib/domain/portal/request.ts';
import { type Hour, parseTimestamp } from '../../lib/domain/time/time.ts';
import { shippedRules } from '../domain/rules/shipped-rules.ts';

const NOW = parseTimestamp('2026-11-02T09:30:00Z');
const acme = {
  ...{ id: 'acme', name: 'Acme', createdAt: '2026-01-01', keys: [], overrides: {} },
  facts: { companySize: 4_000 },
};

async function world() {
  const evaluations = memoryEvaluationQueue();
  const clock = { now: () => NOW };
  const stores: RequestStores & { evaluations: typeof evaluations } = {
    ...{ directory: memoryDirectory(), store: memoryPortalStore(), requests: memoryCustomerRequests(), clock },
    ...{ queue: memoryAccessQueue(), evaluations, files: memoryObjects() },
    billing: { forgetCustomer: async () => ({ ok: true, value: undefined }) },
    alerts: { settings: memoryAlertSettings(), deliveries: memoryDeliveries(), bounces: memoryBounces() },
    rulesets: memoryRulesets([{ hash: 'r1', commit: 'abc', effectiveFrom: 0 as Hour, files: shippedRules() }]),
  };
  await importCustomers(stores, [acme]);
  evaluations.sent.length = 0;
  return stores;
}

const ask = async (stores: RequestStores, kind: RequestKind, subject: string): Promise<CustomerRequest> => {
  const request: CustomerRequest = {
    ...{ id: `${kind}-1`, customer: 'acme', kind, state: 'open', askedAt: NOW, askedBy: 'Ann', subject },
    ...{ statement: 'There are 40 of us.\nAsk anyone.', answer: null, settledAt: null, settledBy: null, file: null },
    version: 1,
  };
  await stores.requests.put(request);
  return request;
};

async function told(run: (io: Io, find: () => Promise<RequestStores>) => Promise<void>, stores: RequestStores) {
  const stdout = new PassThrough();
  const io: Io = {
    ...{ stdout, stderr: new PassThrough(), stdin: new PassThrough(), env: { TOLLGATE_OPERATOR: 'olga' }, cwd: '.' },
    ...{ isTerminal: { stdout: false, stderr: false }, clock: { now: () => NOW }, exitCode: 0 },
    signal: new AbortController().signal,
  };
  await run(io, async () => stores);
  return String(stdout.read() ?? '');
}

test('an address that mail came back from is mailed again once somebody says so', async () => {
  const stores = await world();
  const came = { address: 'bills@acme.example', at: NOW, reason: 'bounce: 550' };
  await stores.alerts.bounces.markBounced(came);
  await updateProfile(stores.directory, 'acme', (profile) => withTrouble(profile, came));
  const again = (address: string) => told((io, find) => runMailAgain({ customer: 'acme', address }, io, find), stores);
  await expect(again('other@acme.example')).rejects.toMatchObject({ code: 'takes-mail' });
  expect(await again(' Bills@acme.example')).toBe('bills@acme.example of acme is mailed again\n');
  expect(await stores.alerts.bounces.bounced('bills@acme.example')).toBeUndefined();
  expect((await stores.directory.profile('acme'))?.mailTrouble).toBeUndefined();
});

test('what waits is listed with the customer’s own words, until it is settled', async () => {
  const stores = await world();
  await ask(stores, 'correct', 'companySize');
  const list = () => told((io, find) => runRequests({}, io, find), stores);
  expect(await list()).toBe(
    'acme correct-1\n  correct companySize, 2026-11-02T09:30:00Z, Ann\n  | There are 40 of us.\n  | Ask anyone.\n',
  );
  const flags = { customer: 'acme', request: 'correct-1', answer: 'Put right, thank you.', value: '40' };
  await told((io, find) => runSettle(flags, io, find), stores);
  expect(await list()).toBe('nothing waits\n');
});

test('a correction that is followed puts the fact right, asks for a decision, and is in the audit trail', async () => {
  const stores = await world();
  await ask(stores, 'correct', 'companySize');
  const flags = { customer: 'acme', request: 'correct-1', answer: 'Put right.', value: '40' };
  expect(await told((io, find) => runSettle(flags, io, find), stores)).toContain('companySize is put right');
  expect(await stores.directory.profile('acme')).toMatchObject({ customer: { facts: { companySize: 40 } } });
  expect(stores.evaluations.sent).toMatchObject([{ command: { task: 'evaluate', customers: ['acme'] } }]);
  expect(await stores.requests.one('acme', 'correct-1')).toMatchObject({
    ...{ state: 'done', answer: 'Put right.', settledBy: 'olga', settledAt: NOW },
  });
  expect(await stores.store.audit('acme', 10)).toMatchObject([{ action: 'request-settled', actor: 'olga' }]);
});

test('an objection is refused in words, and nothing else changes', async () => {
  const stores = await world();
  await ask(stores, 'object', 'companySize');
  const flags = { customer: 'acme', request: 'object-1', answer: 'Start-ups pay less.', refuse: true } as const;
  await told((io, find) => runSettle(flags, io, find), stores);
  expect(await stores.requests.one('acme', 'object-1')).toMatchObject({ state: 'refused' });
  expect(stores.evaluations.sent).toEqual([]);
});

test.each([
  ['of nobody', 'companySize', { customer: 'rival' }, 'rival has no request correct-1'],
  ['that is a number and is not', 'companySize', { value: 'many' }, '"many" is not a number'],
  ['of a fact that is counted', 'callsLast30Days', { value: '4' }, 'is put right there'],
  ['that is refused, with a value', 'companySize', { value: '4', refuse: true as const }, 'only a correction'],
])('a settlement %s is an error that says what to do, and settles nothing', async (_, subject, flags, message) => {
  const stores = await world();
  await ask(stores, 'correct', subject);
  const whole = { customer: 'acme', request: 'correct-1', answer: 'x', ...flags };
  await expect(told((io, find) => runSettle(whole, io, find), stores)).rejects.toThrow(message);
  expect(await stores.requests.one('acme', 'correct-1')).toMatchObject({ state: 'open', version: 1 });
});

test('settled twice: the second is told', async () => {
  const stores = await world();
  await ask(stores, 'object', 'companySize');
  const flags = { customer: 'acme', request: 'object-1', answer: 'Yes.' };
  await told((io, find) => runSettle(flags, io, find), stores);
  await expect(told((io, find) => runSettle(flags, io, find), stores)).rejects.toThrow('is done already');
});

test('erase says what it would do, does it with --yes, and import does not bring the customer back', async () => {
  const stores = await world();
  expect(await told((io, find) => runErase({ customer: 'acme' }, io, find), stores)).toBe(
    'would erase the name, 1 facts, 0 keys and 0 people of acme and close the account: nothing written, say --yes to do it\n',
  );
  expect(await stores.directory.profile('acme')).toMatchObject({ customer: { name: 'Acme' }, status: 'active' });
  await told((io, find) => runErase({ customer: 'acme', yes: true }, io, find), stores);
  expect(await stores.directory.profile('acme')).toMatchObject({ customer: { name: 'acme', facts: {} } });
  expect(await importCustomers(stores, [acme])).toMatchObject({ updated: 0, erased: ['acme'] });
  expect(await stores.directory.profile('acme')).toMatchObject({ customer: { facts: {} }, status: 'closed' });
  await expect(told((io, find) => runErase({ customer: 'no' }, io, find), stores)).rejects.toThrow('no customer no');
});
