import { createHash } from 'node:crypto';
import { grouped } from '../design/words.ts';
import { asMember, type PortalRoute } from '../visit.tsx';

/** What the script asks for every few seconds: the numbers as the page shows them, or 304 where it has them already. */
export const liveRoutes: readonly PortalRoute[] = [
  {
    method: 'GET',
    path: '/live/usage.json',
    access: 'reader',
    async handle(visit) {
      const { member, ports, c } = asMember(visit);
      const { closedCalls, openCalls } = await ports.usage.current(member.customer);
      const body = JSON.stringify({
        calls: grouped(closedCalls + openCalls),
        openCalls: grouped(openCalls),
      });
      const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 16)}"`;
      c.header('etag', etag);
      if (c.req.header('if-none-match') === etag) return c.body(null, 304);
      return c.body(body, 200, { 'content-type': 'application/json' });
    },
  },
];
