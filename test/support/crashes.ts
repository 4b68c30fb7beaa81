import type { CloseHoursPorts } from '../../lib/app/close-hours/close-hours.ts';

export class Crash extends Error {
  override readonly name = 'Crash';
}

const WRITES = new Set(['put', 'putOnce', 'putClosedHours', 'putMarker', 'add', 'claim', 'append']);

/**
 * A process that dies at its k-th write: `before` it took effect, or `after` it did but before the answer came back.
 * What the process wrote up to then stays.
 */
export function crashing(ports: CloseHoursPorts, at: number, when: 'before' | 'after'): CloseHoursPorts {
  const wrap = crashAt(at, when);
  return { ...ports, records: wrap(ports.records), usage: wrap(ports.usage) };
}

/** Wraps ports that share one count of writes. */
export function crashAt(at: number, when: 'before' | 'after'): <Port extends object>(port: Port) => Port {
  let writes = 0;
  return (port) =>
    new Proxy(port, {
      get(target, name, receiver) {
        const member: unknown = Reflect.get(target, name, receiver);
        if (typeof member !== 'function' || !WRITES.has(String(name))) return member;
        return async (...given: unknown[]) => {
          const mine = ++writes;
          if (mine > at || (mine === at && when === 'before')) throw new Crash(`at write ${mine}`);
          const answer: unknown = await Reflect.apply(member, target, given);
          if (mine === at) throw new Crash(`after write ${mine}`);
          return answer;
        };
      },
    });
}
