import { InputError } from '../../domain/input-error.ts';
import type { AccessCommand } from '../ports/access-queue.ts';
import type { Log, Metrics } from '../runtime.ts';
import { entitlement } from './entitlement.ts';
import { type FlushNeeds, flushCaches } from './flush-caches.ts';
import { type PlaceNeeds, placeCustomer, removeCustomer, retireKeys } from './place-customer.ts';

export interface ProvisionNeeds extends PlaceNeeds, FlushNeeds {
  readonly log: Log;
  readonly metrics: Metrics;
}

/** Does one command. Throws to have it delivered again: API Gateway throttled us, or a store did not answer. */
export function provisionAccess(needs: ProvisionNeeds): (command: AccessCommand) => Promise<void> {
  const { log, metrics } = needs;
  return async (command) => {
    switch (command.do) {
      case 'place': {
        const outcome = await placeCustomer(needs, command);
        await retireKeys(needs, command.customer);
        if (outcome === 'placed' || outcome === 'moved') metrics.count('CustomersPlaced', 1);
        log.info('placed', { customer: command.customer, rateCard: command.rateCard, outcome });
        return;
      }
      case 'remove':
        await removeCustomer(needs, command.customer);
        return;
      case 'close':
        log.info('closed', { customer: command.customer, outcome: await leaving(needs).leave(command.customer) });
        return;
      case 'open':
        log.info('opened', { customer: command.customer, outcome: await leaving(needs).reopen(command.customer) });
        return;
      case 'retire':
        await retireKeys(needs, command.customer);
        return;
      case 'flush':
        log.info('caches', { outcome: await flushCaches(needs, command.since) });
    }
  };
}

/** What closing or opening an account asks for is done here and now: this function works on its own queue, and sends to none. */
const leaving = (needs: ProvisionNeeds) => entitlement({ ...needs, queue: { send: provisionAccess(needs) } });

/** @throws InputError `not-a-command` when a message is not one of ours: it goes to the dead letters */
export function parseAccessCommand(body: string): AccessCommand {
  const command: unknown = JSON.parse(body);
  if (isCommand(command)) return command;
  throw new InputError({ code: 'not-a-command', message: 'the message is no command to provision access' });
}

function isCommand(value: unknown): value is AccessCommand {
  if (typeof value !== 'object' || value === null) return false;
  const { do: what, customer, rateCard, denied, since } = value as Record<string, unknown>;
  if (what === 'flush') return typeof since === 'number';
  if (typeof customer !== 'string' || customer === '') return false;
  if (what === 'place') return typeof rateCard === 'string' && Array.isArray(denied);
  return what === 'remove' || what === 'retire' || what === 'close' || what === 'open';
}
