/** The tag of every mail: SES says it again when the mail comes back. */
export const CUSTOMER_TAG = 'customer';

export interface Mail {
  /** Whose notice it is. */
  readonly customer: string;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly attachment?: { readonly name: string; readonly type: string; readonly content: Uint8Array };
  /** Names the notice, so that a receiver can tell a repeat. */
  readonly reference: string;
}

export interface Mailer {
  /**
   * `sent`: it was taken for delivery. `refused`: it never will be, for a reason in `answer`. Throws when the service is away
   * or slows us down: then it is tried again.
   */
  send(mail: Mail): Promise<{ readonly outcome: 'sent' | 'refused'; readonly answer: string }>;
}
