import { NOTICE_KEPT_DAYS } from '../../domain/alerts/notice.ts';
import type { KeptDays } from '../../domain/portal/kept-days.ts';
import { daysWords } from '../design/words.ts';

/** Something that erasing leaves, why, and until when. */
export interface KeptThing {
  readonly what: string;
  readonly why: string;
  readonly until: string;
}

/** What stays, said before anything is erased. Times are those that the stack itself was made with. */
export function whatIsKept(kept: KeptDays): readonly KeptThing[] {
  return [
    {
      what: 'Invoices, credit notes, credits, and what our people did with them',
      why: 'Tax law asks for them, from you and from us.',
      until: 'As long as tax law says; no clock deletes them',
    },
    {
      what: 'Invoices and payments at Stripe, with the name and address on them',
      why: 'They are bookkeeping too, and Stripe has duties of its own.',
      until: 'As Stripe says',
    },
    {
      what: 'Agreements without names, decisions and closed hours of usage',
      why: 'Without them an invoice could not be explained or contested any more.',
      until: 'As long as the invoices',
    },
    {
      what: 'Lines of the usage log, and those of them that could not be read',
      why: 'They prove what was counted. They hold your customer id, paths and times, no person.',
      until: `For ${daysWords(kept.ledger)}`,
    },
    {
      what: 'What you were told: thresholds and reports',
      why: 'It holds your customer id and amounts, no address.',
      until: `For ${daysWords(NOTICE_KEPT_DAYS)}`,
    },
    {
      what: 'Hashes of your keys, and of addresses that take no mail',
      why: 'So that a revoked key never opens anything again, and nobody is written to who did not want it.',
      until: 'As long as the service runs',
    },
    {
      what: 'What was done and when',
      why: 'The trail stays, with nobody’s name in it.',
      until: 'As long as the invoices',
    },
    {
      what: 'The sign-ins of your people: address and password',
      why: 'They are each person’s own, with the sign-in service, and may be used for another account.',
      until: 'Until that person asks for it',
    },
    {
      what: 'Backups of our tables, as they were before',
      why: 'Against loss. Nobody reads them, and what is brought back is erased again.',
      until: `For ${daysWords(kept.backups)}`,
    },
    {
      what: 'The service’s own logs, and work that waits in its queues',
      why: 'To find faults. They hold your customer id, in queues also an address that is being written to.',
      until: `For ${daysWords(kept.logs)}, and in queues for ${daysWords(kept.queues)}`,
    },
    {
      what: 'Overwritten versions of files that were made for you',
      why: 'The store keeps them for a moment; nobody can open them from here.',
      until: `For ${daysWords(kept.downloadVersions)}`,
    },
  ];
}
