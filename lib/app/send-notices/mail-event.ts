import type { EpochMs } from '../../domain/time/time.ts';
import { CUSTOMER_TAG } from '../ports/mailer.ts';
import type { Bounce } from '../ports/notices.ts';

/** What an event of SES rules out. */
export interface ReturnedMail {
  /** Whose notice it was, from the tag that each of our mails has; null of a mail without one. */
  readonly customer: string | null;
  readonly kind: 'bounce' | 'complaint';
  readonly addresses: readonly Bounce[];
}

interface MailEvent {
  readonly mail?: { readonly tags?: Readonly<Record<string, readonly string[]>> };
  readonly eventType?: string;
  readonly bounce?: {
    readonly bounceType?: string;
    readonly bouncedRecipients?: readonly { readonly emailAddress?: string; readonly diagnosticCode?: string }[];
  };
  readonly complaint?: {
    readonly complaintFeedbackType?: string;
    readonly complainedRecipients?: readonly { readonly emailAddress?: string }[];
  };
}

const REASON_LENGTH_MAX = 200;

/**
 * The addresses that an event of SES rules out: of a bounce for good (a full mailbox is none), or of a complaint.
 * Source: SES developer guide, "Contents of event data that Amazon SES publishes to Amazon SNS".
 *
 * @returns undefined for every other event
 */
export function parseMailEvent(message: string, at: EpochMs): ReturnedMail | undefined {
  const { eventType, bounce, complaint, mail } = JSON.parse(message) as MailEvent;
  const customer = mail?.tags?.[CUSTOMER_TAG]?.[0] ?? null;
  if (eventType === 'Bounce' && bounce?.bounceType === 'Permanent') {
    const addresses = (bounce.bouncedRecipients ?? []).flatMap(({ emailAddress, diagnosticCode }) =>
      marked(emailAddress, `bounce: ${diagnosticCode ?? 'no such mailbox'}`, at),
    );
    return { customer, kind: 'bounce', addresses };
  }
  if (eventType === 'Complaint') {
    const addresses = (complaint?.complainedRecipients ?? []).flatMap(({ emailAddress }) =>
      marked(emailAddress, `complaint: ${complaint?.complaintFeedbackType ?? 'marked as spam'}`, at),
    );
    return { customer, kind: 'complaint', addresses };
  }
  return undefined;
}

/** `Ann <ann@example.com>` and `ann@example.com` are one address. */
function marked(recipient: string | undefined, reason: string, at: EpochMs): Bounce[] {
  if (recipient === undefined) return [];
  const address = (/<([^>]+)>/.exec(recipient)?.[1] ?? recipient).trim().toLowerCase();
  // What a mail server says often repeats the address, and the mark must not hold it.
  const told = reason.replace(/<?[^\s<>]+@[^\s<>]+>?/g, '…');
  return [{ address, at, reason: told.slice(0, REASON_LENGTH_MAX) }];
}
