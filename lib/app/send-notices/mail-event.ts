import type { EpochMs } from '../../domain/time/time.ts';
import type { Bounce } from '../ports/notices.ts';

interface MailEvent {
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
 * @returns [] for every other event
 */
export function parseMailEvent(message: string, at: EpochMs): Bounce[] {
  const { eventType, bounce, complaint } = JSON.parse(message) as MailEvent;
  if (eventType === 'Bounce' && bounce?.bounceType === 'Permanent') {
    return (bounce.bouncedRecipients ?? []).flatMap(({ emailAddress, diagnosticCode }) =>
      marked(emailAddress, `bounce: ${diagnosticCode ?? 'no such mailbox'}`, at),
    );
  }
  if (eventType === 'Complaint') {
    return (complaint?.complainedRecipients ?? []).flatMap(({ emailAddress }) =>
      marked(emailAddress, `complaint: ${complaint?.complaintFeedbackType ?? 'marked as spam'}`, at),
    );
  }
  return [];
}

/** `Ann <ann@example.com>` and `ann@example.com` are one address. */
function marked(recipient: string | undefined, reason: string, at: EpochMs): Bounce[] {
  if (recipient === undefined) return [];
  const address = (/<([^>]+)>/.exec(recipient)?.[1] ?? recipient).trim().toLowerCase();
  return [{ address, at, reason: reason.slice(0, REASON_LENGTH_MAX) }];
}
