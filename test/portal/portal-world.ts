import { memoryCustomerRequests, memoryRequestQueue } from '../../lib/adapters/memory/customer-requests.ts';
import { memoryDecisions } from '../../lib/adapters/memory/decisions.ts';
import { memoryDirectory } from '../../lib/adapters/memory/directory.ts';
import { memoryCorrections, memoryInvoices } from '../../lib/adapters/memory/invoices.ts';
import {
  memoryAlertSettings,
  memoryBounces,
  memoryDeliveries,
  memoryNoticeQueue,
  memoryNotices,
  memoryWatches,
  memoryWatchQueue,
} from '../../lib/adapters/memory/notices.ts';
import { memoryObjects } from '../../lib/adapters/memory/object-store.ts';
import { memoryPortalStore } from '../../lib/adapters/memory/portal.ts';
import { memoryAccessQueue, memoryEvaluationQueue } from '../../lib/adapters/memory/queues.ts';
import { memoryRulesets } from '../../lib/adapters/memory/rulesets.ts';
import { memoryClosedUsage, memoryProvisionalUsage } from '../../lib/adapters/memory/usage.ts';
import { interFonts } from '../../lib/adapters/report-fonts/inter.ts';
import { portalPorts } from '../../lib/app/portal/portal-ports.ts';
import type { BilledCustomer } from '../../lib/app/ports/billing.ts';
import { FIRST_ATTEMPTS, type InvoiceRecord } from '../../lib/app/ports/invoices.ts';
import { createKey } from '../../lib/app/provision-access/keys.ts';
import { newProfile } from '../../lib/domain/entitlement/profile.ts';
import { NO_PAYMENT } from '../../lib/domain/invoicing/payment.ts';
import type { InvoiceState } from '../../lib/domain/invoicing/state.ts';
import type { Role } from '../../lib/domain/portal/member.ts';
import { hourOf, parseMonth, parseTimestamp } from '../../lib/domain/time/time.ts';
import { createPortal } from '../../lib/portal/app.tsx';
import type { PortalPorts, PortalSettings } from '../../lib/portal/ports.ts';

export const NOW = parseTimestamp('2026-11-02T09:30:00Z');
export const ORIGIN = 'https://portal.example.com';
const ISSUER = 'https://issuer.example.com';

/** Bytes that never repeat, and are the same in every run. */
export function counting(): { hex(bytes: number): string } {
  let n = 0;
  return {
    hex(bytes) {
      n += 1;
      return n
        .toString(16)
        .padStart(bytes * 2, '0')
        .slice(-bytes * 2);
    },
  };
}

function memoryAlerts() {
  return {
    ...{ watches: memoryWatches(), notices: memoryNotices(), settings: memoryAlertSettings() },
    ...{ deliveries: memoryDeliveries(), bounces: memoryBounces() },
    ...{ noticeQueue: memoryNoticeQueue(), watchQueue: memoryWatchQueue(), mailFrom: 'billing@example.com' },
    ...{ key: async () => Buffer.alloc(32, 9), webhooksToLoopback: false, bufferedMs: 300_000 },
  };
}

export type PortalWorld = ReturnType<typeof portalWorld>;

/** A portal over memory with two customers, and a browser for each person. */
export function portalWorld(overrides: Partial<PortalPorts> = {}, origin = ORIGIN) {
  const time = { now: NOW };
  const clock = { now: () => time.now };
  const random = counting();
  const directory = memoryDirectory();
  const decisions = memoryDecisions();
  const invoices = memoryInvoices();
  const store = memoryPortalStore();
  const provisional = memoryProvisionalUsage();
  const [queue, evaluations] = [memoryAccessQueue(), memoryEvaluationQueue()];
  const usage = memoryClosedUsage();
  const rulesets = memoryRulesets();
  const toldStripe: BilledCustomer[] = [];
  const billing = {
    getInvoice: async (id: string) => ({
      ok: true as const,
      value: { hostedUrl: `https://stripe.example/${id}` } as never,
    }),
    ensureCustomer: async () => ({ ok: true as const, value: 'cus_1' }),
    updateCustomer: async (_id: string, customer: BilledCustomer) => {
      toldStripe.push(customer);
      return { ok: true as const, value: undefined };
    },
    paymentMethodPage: async () => ({ ok: true as const, value: 'https://stripe.example/setup' }),
  };
  const needs = {
    ...{
      directory,
      decisions,
      invoices,
      store,
      provisional,
      queue,
      evaluations,
      billing,
      clock,
      random,
      sessionClock: clock,
    },
    ...{ requests: memoryCustomerRequests(), requestQueue: memoryRequestQueue(), files: memoryObjects() },
    ...{
      inlineBytesMax: 4_000_000,
      downloadLink: async ({ key }: { key: string }) => `https://s3.example/${key}?signed`,
    },
    alerts: memoryAlerts(),
    ...{ usage, rulesets, corrections: memoryCorrections(), fonts: () => interFonts() },
  };
  const reports: string[] = [];
  const ports: PortalPorts = { ...portalPorts(needs), signIn: signInAs(), ...overrides };
  const settings: PortalSettings = {
    origin,
    sessionKey: Buffer.alloc(32, 7),
    now: clock.now,
    signUp: 'open',
    kept: { ledger: 500, logs: 90, downloads: 7, downloadVersions: 1, backups: 35, queues: 14 },
    random: (bytes) => random.hex(bytes),
    addressOf: (server) => String((server as { address?: string } | undefined)?.address ?? '192.0.2.1'),
    report: (fault, fields) => reports.push(`${fault} ${JSON.stringify(fields)}`),
  };
  const portal = createPortal(ports, settings);
  const register = async (id: string, name: string) => {
    const customer = { id, name, createdAt: '2026-09-15', keys: [], facts: {}, overrides: {} };
    await directory.register(newProfile(customer, parseTimestamp('2026-09-15T08:00:00Z')));
  };
  const join = (subject: string, customer: string, role: Role = 'admin') =>
    store.addMember({
      issuer: ISSUER,
      subject,
      customer,
      role,
      email: `${subject}@example.com`,
      name: null,
      joinedAt: NOW,
    });
  return {
    ...{ ...needs, ports, settings, portal, time, reports, toldStripe, register, join },
    browser: () => browserOf(portal, origin),
    key: (customer: string, name: string) => createKey(needs, { customer, name, mode: 'live' }),
  };
}

/** An issuer that believes whatever stands in the code: `code=ann` is Ann. The real flow is tested against a real provider. */
function signInAs(): PortalPorts['signIn'] {
  return {
    begin: async () => ({ url: `${ISSUER}/authorize`, kept: { state: 's', nonce: 'n', codeVerifier: 'v' } }),
    async complete(url) {
      const subject = new URL(url).searchParams.get('code') ?? '';
      if (subject === '') return 'refused';
      return { issuer: ISSUER, subject, email: `${subject}@example.com`, name: null };
    },
    signOutPage: async () => null,
  };
}

let people = 0;

/** Keeps cookies and sends what a browser would; each has an address of its own. */
export function browserOf(
  portal: { request(url: string, init?: RequestInit, server?: object): Response | Promise<Response> },
  origin: string,
) {
  people += 1;
  const address = `address ${people}`;
  const jar = new Map<string, string>();
  const request = async (path: string, init: RequestInit = {}) => {
    const headers = new Headers(init.headers);
    if (jar.size > 0) headers.set('cookie', [...jar].map(([name, value]) => `${name}=${value}`).join('; '));
    const response = await portal.request(`${origin}${path}`, { ...init, headers }, { address });
    for (const cookie of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
      if (/max-age=0/i.test(cookie)) jar.delete(name);
      else jar.set(name, value);
    }
    return { status: response.status, text: await response.text(), headers: response.headers };
  };
  const post = (
    path: string,
    fields: Readonly<Record<string, string>>,
    headers: Readonly<Record<string, string>> = { origin },
  ) =>
    request(path, {
      method: 'POST',
      body: new URLSearchParams(fields).toString(),
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    });
  return {
    jar,
    request,
    get: (path: string) => request(path),
    post,
    /** Reads the proof from a page and sends the form with it. */
    async send(page: string, action: string, fields: Readonly<Record<string, string>> = {}) {
      return post(action, { ...proofOf((await request(page)).text, action), ...fields });
    },
    async signIn(subject: string, to = '/') {
      await request(`/sign-in/start?to=${encodeURIComponent(to)}`);
      return request(`/sign-in/callback?code=${subject}&state=s`);
    },
  };
}

/** The hidden fields of the form with that action. */
export function proofOf(html: string, action: string): { csrf: string; form: string } {
  const form = html.split('<form ').find((part) => part.includes(`action="${action}"`)) ?? '';
  const value = (name: string) => new RegExp(`name="${name}" value="([^"]*)"`).exec(form)?.[1] ?? '';
  return { csrf: value('csrf'), form: value('form') };
}

/** An invoice of October with one line, whose words carry a mark of their customer. */
export function invoiceOf(customer: string, mark: string, state: InvoiceState = 'FINALIZED'): InvoiceRecord {
  const period = parseMonth('2026-10');
  const [start, end] = ['2026-10-01T00:00:00Z', '2026-11-01T00:00:00Z'];
  const line = {
    ...{ id: '0001', kind: 'usage' as const, charge: 'calls', meter: 'api-calls', group: null, tier: 1, window: null },
    ...{
      quantity: '240000',
      unitPrice: '0.0004',
      amount: '96.00',
      rateCard: 'growth@2026-01-01',
      rule: 'growth-for-all',
    },
    ...{ rulesCommit: 'abcdef', usageDigest: `digest-${mark}`, from: start, to: end, creditReason: null },
    explanation: `240,000 × 0.0004 = 96.00 (${mark})`,
  };
  const invoice = {
    ...{ customer, start, end, kind: 'usage' as const, currency: 'USD', lines: [line], total: '96.00', credits: [] },
    ...{ grants: [], rated: [], usageDigest: `digest-${mark}`, digest: `invoice-${mark}` },
  };
  return {
    ...{
      key: { customer, period, kind: 'usage' },
      state,
      invoice,
      stripe: { customer: `cus_${mark}`, invoice: `in_${mark}` },
    },
    ...{
      attempts: FIRST_ATTEMPTS,
      held: null,
      payment: NO_PAYMENT,
      creditNotes: [],
      acts: [],
      updatedAt: NOW,
      version: 1,
    },
  };
}

/** Ten thousand calls of search in an hour of October and one of November. */
export async function useSome(world: PortalWorld, customer: string, calls: string): Promise<void> {
  for (const at of ['2026-10-05T10:00:00Z', '2026-11-01T10:00:00Z']) {
    const counters = { 'c:api-calls|search': calls, 't:api-calls|search': '5' };
    await world.provisional.add({ customer, hour: hourOf(parseTimestamp(at)), counters, source: `${customer}${at}` });
  }
}
