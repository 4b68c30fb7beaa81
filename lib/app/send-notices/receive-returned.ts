import { bounceNotice } from '../../domain/alerts/notice.ts';
import { withTrouble } from '../../domain/entitlement/mail-trouble.ts';
import type { Directory } from '../ports/directory.ts';
import type { BouncedAddresses, NoticeQueue, Notices } from '../ports/notices.ts';
import { updateProfile } from '../provision-access/profiles.ts';
import type { Runtime } from '../runtime.ts';
import type { ReturnedMail } from './mail-event.ts';

export interface ReturnedMailPorts extends Pick<Runtime, 'log' | 'metrics'> {
  readonly bounces: Pick<BouncedAddresses, 'markBounced'>;
  readonly directory: Directory;
  readonly notices: Pick<Notices, 'put'>;
  readonly queue: NoticeQueue;
}

/**
 * Mail came back for good, or was called unwanted: nothing more is mailed there, since whoever goes on is soon believed by no
 * mailbox. The customer's record says so, and the customer is told on the page and on every other channel. Told twice by SES,
 * it is the same mark and the same notice.
 */
export async function receiveReturned(returned: ReturnedMail, ports: ReturnedMailPorts): Promise<void> {
  const { customer, kind, addresses } = returned;
  for (const bounce of addresses) {
    await ports.bounces.markBounced(bounce);
    ports.metrics.count('AddressesBounced', 1);
    ports.log.warn('an address takes no mail', { customer, kind });
    if (customer === null) continue;
    const profile = await updateProfile(ports.directory, customer, (known) =>
      known.erasedAt === undefined ? withTrouble(known, bounce) : undefined,
    );
    if (profile === undefined || profile.erasedAt !== undefined) continue;
    const notice = bounceNotice(customer, bounce.address, kind, bounce.at);
    await ports.notices.put(notice);
    await ports.queue.send({ customer, notice: notice.id });
  }
}
