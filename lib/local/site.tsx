import { randomBytes } from 'node:crypto';
import { Hono } from 'hono';
import { interFonts } from '../adapters/report-fonts/inter.ts';
import { unlimited } from '../adapters/stripe/limiter.ts';
import { stripeBilling } from '../adapters/stripe/stripe-billing.ts';
import { stripeClient } from '../adapters/stripe/stripe-client.ts';
import { stripeCorrections } from '../adapters/stripe/stripe-corrections.ts';
import { portalPorts } from '../app/portal/portal-ports.ts';
import { requireEnv } from '../app/runtime.ts';
import { parseKeptDays } from '../domain/portal/kept-days.ts';
import type { Identity } from '../domain/portal/member.ts';
import type { Period } from '../domain/time/time.ts';
import { createPortal } from '../portal/app.tsx';
import { portalStoresOf } from './portal-stores.ts';
import { developmentMember, developmentSignIn } from './read-model.ts';
import { LOCAL_SECRET, type LocalTollgate } from './tollgate.ts';

export interface SiteOptions {
  /** The month that was closed last. */
  readonly period: Period;
  /** A call to try. */
  readonly curl: string;
  /** `http://127.0.0.1:4000` */
  readonly origin: string;
}

/** The portal over the embedded cloud, with signing in as anyone. Sessions go by the wall, whatever the cloud's clock does. */
export function site(tollgate: LocalTollgate, { period, curl, origin }: SiteOptions): Hono {
  const { stores, cloud, stripe } = tollgate;
  const { clock, random, log } = cloud.runtime;
  const wall = { now: () => Date.now() };
  const client = stripeClient(async () => LOCAL_SECRET, { host: stripe.host, port: stripe.port, protocol: 'http' });
  const ports = portalPorts({
    ...stores,
    ...portalStoresOf(cloud.runtime),
    billing: { ...stripeBilling(client, unlimited), ...stripeCorrections(client, unlimited) },
    files: stores.records,
    // Nothing stands between this process and the browser that would bound an answer.
    ...{ inlineBytesMax: Number.POSITIVE_INFINITY, downloadLink: async () => `${origin}/` },
    ...{ clock, random, sessionClock: wall, fonts: () => interFonts() },
  });
  const members = {
    ...ports.members,
    find: async (identity: Pick<Identity, 'issuer' | 'subject'>) =>
      developmentMember(identity) ?? (await ports.members.find(identity)),
  };
  const development = developmentSignIn(tollgate, period, curl);
  const portal = createPortal(
    { ...ports, members, development, signIn: null },
    {
      origin,
      sessionKey: randomBytes(32),
      now: wall.now,
      signUp: 'open',
      kept: parseKeptDays(requireEnv(cloud.runtime, 'KEPT_DAYS')),
      random: (bytes) => randomBytes(bytes).toString('hex'),
      addressOf: () => '127.0.0.1',
      report: (fault, fields) => log.error(fault, fields),
    },
  );
  return atOneOrigin(origin, portal);
}

/** Whoever comes by `localhost` is sent to the one origin that forms are taken from; so is a name rebound to 127.0.0.1. */
function atOneOrigin(origin: string, portal: Hono): Hono {
  const { host } = new URL(origin);
  return new Hono().all('*', (c) =>
    c.req.header('host') === host
      ? portal.fetch(c.req.raw, c.env)
      : c.redirect(`${origin}${new URL(c.req.url).pathname}`, 302),
  );
}
