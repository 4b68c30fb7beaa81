import type { InvoicingPorts } from '../../../lib/app/invoice-customer/ports.ts';

export class Crash extends Error {
  override readonly name = 'Crash';
}

const PORTS = ['invoices', 'billing', 'customers', 'usage', 'decisions', 'credits'] as const;

/** A process that dies at its k-th call of any port, `before` it took effect or `after`. Answers how many calls it made. */
export function crashing<Ports extends InvoicingPorts>(ports: Ports, at: number, when: 'before' | 'after') {
  let calls = 0;
  const wrap = <Port extends object>(port: Port): Port =>
    new Proxy(port, {
      get(target, name, receiver) {
        const member: unknown = Reflect.get(target, name, receiver);
        if (typeof member !== 'function') return member;
        return async (...given: unknown[]) => {
          const mine = ++calls;
          if (mine > at || (mine === at && when === 'before')) throw new Crash(`before call ${mine}, ${String(name)}`);
          const answer: unknown = await Reflect.apply(member, target, given);
          if (mine === at) throw new Crash(`after call ${mine}, ${String(name)}`);
          return answer;
        };
      },
    });
  const wrapped = { ...ports };
  for (const name of PORTS) Object.assign(wrapped, { [name]: wrap(ports[name]) });
  return { ports: wrapped, calls: () => calls };
}
