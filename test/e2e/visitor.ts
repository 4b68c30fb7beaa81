import { setTimeout as sleep } from 'node:timers/promises';
import { proofOf } from '../portal/portal-world.ts';

export interface Answer {
  readonly status: number;
  readonly text: string;
  readonly bytes: Buffer;
  readonly headers: Headers;
}
export type Visitor = ReturnType<typeof visitorOf>;

const PATIENCE_MS = 30_000;

/** A browser without a window, over HTTP: cookies, forms and their proofs. */
export function visitorOf(origin: string) {
  const jar = new Map<string, string>();
  const request = async (path: string, init: RequestInit = {}): Promise<Answer> => {
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
    const headers = { ...(init.headers as Record<string, string>), cookie };
    const response = await fetch(`${origin}${path}`, { redirect: 'manual', ...init, headers });
    for (const set of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(set) ?? [];
      if (/max-age=0/i.test(set)) jar.delete(name);
      else jar.set(name, value);
    }
    const bytes = Buffer.from(await response.arrayBuffer());
    return { status: response.status, text: bytes.toString('utf8'), bytes, headers: response.headers };
  };
  const get = (path: string) => request(path);
  const sendFrom = (html: string, action: string, fields: Readonly<Record<string, string>> = {}) =>
    request(action, {
      method: 'POST',
      body: new URLSearchParams({ ...proofOf(html, action), ...fields }),
      headers: { origin },
    });
  const untilTrue = async (holds: () => Promise<boolean>, what = 'it') => {
    const deadline = performance.now() + PATIENCE_MS;
    while (!(await holds())) {
      if (performance.now() > deadline) throw new Error(`${what} did not come about`);
      await sleep(100);
    }
  };
  return {
    get,
    sendFrom,
    untilTrue,
    /** The form with that action on a page, with the page's own proof. */
    send: async (page: string, action: string, fields: Readonly<Record<string, string>> = {}) =>
      sendFrom((await get(page)).text, action, fields),
    until: (path: string, text: string) =>
      untilTrue(async () => (await get(path)).text.includes(text), `${JSON.stringify(text)} on ${path}`),
    /** As `npm start` lets one. */
    signIn: (customer: string) => request(`/customers/${customer}`),
  };
}
