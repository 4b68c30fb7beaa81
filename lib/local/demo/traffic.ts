import { DAY_MS, type EpochMs, HOUR_MS, MINUTE_MS, type Period } from '../../domain/time/time.ts';
import { SeededRandom } from '../cloud/time/seeded-random.ts';
import { below, poisson, weighted } from './chance.ts';
import type { Company, Rhythm, Route } from './companies.ts';

/** One call as a client sends it, with what the backend will answer. */
export interface Call {
  readonly atMs: EpochMs;
  readonly company: Company;
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly userAgent: string;
  /** The backend's answer; the gateway may refuse the call before. */
  readonly status: number;
  readonly responseBytes: number;
  readonly latencyMs: number;
}

const USER_AGENTS: Readonly<Record<string, string>> = {
  node: 'node-fetch/3.3.2 (+https://github.com/node-fetch/node-fetch)',
  python: 'python-requests/2.32.3',
  java: 'Java-http-client/21.0.4',
  go: 'Go-http-client/2.0',
  ruby: 'Faraday v2.12.0',
  php: 'GuzzleHttp/7',
  dotnet: 'RestSharp/112.1.0.0',
  curl: 'curl/8.10.1',
};

const ROUTES: Readonly<
  Record<Route, { method: Call['method']; path: (id: string) => string; bytes: number; latencyMs: number }>
> = {
  search: { method: 'GET', path: () => '/search', bytes: 2400, latencyMs: 35 },
  payments: { method: 'POST', path: () => '/payments', bytes: 320, latencyMs: 110 },
  payment: { method: 'GET', path: (id) => `/payments/${id}`, bytes: 410, latencyMs: 28 },
  bulk: { method: 'POST', path: () => '/bulk', bytes: 18_000, latencyMs: 420 },
  status: { method: 'GET', path: () => '/status', bytes: 60, latencyMs: 4 },
};

/** Share of a day's sessions that start in each local hour. */
const HOURS: Readonly<Record<Rhythm, readonly number[]>> = {
  office: [0, 0, 0, 0, 0, 0, 0, 1, 4, 9, 10, 9, 6, 8, 10, 9, 7, 4, 1, 0, 0, 0, 0, 0],
  nightly: [2, 9, 10, 6, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2],
  always: [4, 3, 3, 3, 4, 5, 6, 7, 8, 9, 9, 9, 8, 8, 9, 9, 8, 8, 7, 6, 6, 5, 5, 4],
  weekend: [1, 0, 0, 0, 0, 1, 2, 4, 6, 7, 8, 8, 8, 7, 6, 6, 7, 8, 9, 8, 6, 4, 3, 2],
};
const WEEKEND_SHARE: Readonly<Record<Rhythm, number>> = { office: 0.08, nightly: 1, always: 0.8, weekend: 1.6 };

/**
 * Every call of a period in time order: the same seed, companies and period give the same calls.
 * Calls come in sessions of a few minutes, as real clients' do.
 */
export function callsOf(companies: readonly Company[], period: Period, seed: string): Call[] {
  const calls = companies.flatMap((company) =>
    companyCalls(company, period, new SeededRandom(`${seed}/${company.id}`)),
  );
  return calls.sort(
    (a, b) => a.atMs - b.atMs || (a.company.id < b.company.id ? -1 : a.company.id > b.company.id ? 1 : 0),
  );
}

function companyCalls(company: Company, period: Period, random: SeededRandom): Call[] {
  const calls: Call[] = [];
  const days = (period.end - period.start) / DAY_MS;
  for (let day = 0; day < days; day++) {
    const mean =
      company.sessionsPerDay * activity(company, day + 1, days) * weekendShare(company, period.start + day * DAY_MS);
    for (let session = poisson(random, mean); session > 0; session--) {
      const hour = weighted(
        random,
        HOURS[company.rhythm].map((weight, h) => [h, weight] as const),
      );
      const offsetMs = utcOffsetMs(company.timeZone, period.start + day * DAY_MS);
      const startMs = period.start + day * DAY_MS + hour * HOUR_MS - offsetMs + below(random, 55) * MINUTE_MS;
      appendSession(calls, company, startMs, period, random);
    }
  }
  return calls;
}

function appendSession(calls: Call[], company: Company, startMs: EpochMs, period: Period, random: SeededRandom): void {
  const abusive = company.story.kind === 'abuses';
  const spreadMs = (abusive ? 4 : 240) * 1_000;
  for (let n = poisson(random, company.callsPerSession); n > 0; n--) {
    const atMs = startMs + below(random, spreadMs);
    if (atMs < period.start || atMs >= period.end) continue;
    const route = ROUTES[weighted(random, company.routes)];
    const status = answer(route.method, random);
    calls.push({
      atMs,
      company,
      method: route.method,
      path: route.path(random.hex(4)),
      userAgent: USER_AGENTS[company.client] ?? 'unknown/1.0',
      status,
      responseBytes: status < 400 ? Math.max(40, Math.round(route.bytes * (0.5 + random.fraction()))) : 64,
      latencyMs: Math.max(1, Math.round(route.latencyMs * (0.6 + random.fraction()))),
    });
  }
}

const answer = (method: Call['method'], random: SeededRandom): number =>
  weighted(random, [
    [method === 'POST' ? 201 : 200, 960],
    [400, 12],
    [404, 20],
    [500, 5],
    [503, 3],
  ]);

/** How much of its ordinary self a company is on a day of the month (from 1). */
function activity({ story }: Company, day: number, days: number): number {
  switch (story.kind) {
    case 'growing':
      return 1 + (story.by * day) / days;
    case 'stops':
      return day <= story.day ? 1 : 0;
    case 'starts':
      return day >= story.day ? 1 : 0;
    case 'outage':
      return day >= story.from && day < story.to ? 0 : 1;
    default:
      return 1;
  }
}

/** 1970-01-01 was a Thursday. */
function weekendShare(company: Company, dayMs: EpochMs): number {
  const weekday = (Math.floor(dayMs / DAY_MS) + 4) % 7;
  return weekday === 0 || weekday === 6 ? WEEKEND_SHARE[company.rhythm] : 1;
}

const FORMATS = new Map<string, Intl.DateTimeFormat>();

/** What the zone's wall clock is ahead of UTC at an instant, in milliseconds, to the whole hour. */
function utcOffsetMs(timeZone: string, atMs: EpochMs): number {
  let format = FORMATS.get(timeZone);
  if (!format) {
    format = new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', hourCycle: 'h23' });
    FORMATS.set(timeZone, format);
  }
  const local = Number(format.format(atMs));
  const utc = Math.floor((atMs % DAY_MS) / HOUR_MS);
  return (((((local - utc) % 24) + 36) % 24) - 12) * HOUR_MS;
}
