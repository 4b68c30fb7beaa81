import { callsOfDay } from '../../domain/portal/usage.ts';
import { grouped } from '../design/words.ts';
import { asMember, type PortalRoute } from '../visit.tsx';

/** What the script asks for every few seconds: the numbers as the page shows them. */
export const liveRoutes: readonly PortalRoute[] = [
  {
    method: 'GET',
    path: '/live/usage.json',
    access: 'reader',
    async handle(visit) {
      const { member, ports, c } = asMember(visit);
      const { closedCalls, openCalls, days } = await ports.usage.current(member.customer);
      const busy = days.findLast((day) => callsOfDay(day) > 0n);
      return c.json({
        calls: grouped(closedCalls + openCalls),
        openCalls: grouped(openCalls),
        lastDay: busy === undefined ? '0' : grouped(callsOfDay(busy)),
      });
    },
  },
];
