import type { InvoicingPorts } from '../../../lib/app/invoice-customer/ports.ts';
import type { InvoiceState } from '../../../lib/domain/invoicing/state.ts';

export class Crash extends Error {
  override readonly name = 'Crash';
}

const PORTS = ['invoices', 'billing', 'customers', 'usage', 'decisions', 'credits', 'corrections'] as const;

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

/** A process that dies as soon as it has stored that an invoice is in this state. */
export function killedOnceIn<Ports extends InvoicingPorts>(ports: Ports, state: InvoiceState): Ports {
  const stop = (stored: InvoiceState) => {
    if (stored === state) throw new Crash(`once it was ${state}`);
  };
  const { invoices } = ports;
  const replace: InvoicingPorts['invoices']['replace'] = async (record) => {
    const answer = await invoices.replace(record);
    stop(record.state);
    return answer;
  };
  const put: InvoicingPorts['invoices']['put'] = async (record) => {
    const answer = await invoices.put(record);
    stop(record.state);
    return answer;
  };
  return { ...ports, invoices: { ...invoices, put, replace } };
}
