export interface WebhookRequest {
  readonly url: string;
  /** JSON. */
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

export interface WebhookSender {
  /**
   * Posts once. `accepted` only for 200 to 299; everything else is a failure in a word or two (`404`, `timeout`,
   * `redirect`, `private-address`, `not-found`, `tls`), never an exception: whatever a customer's server does is expected.
   */
  post(request: WebhookRequest): Promise<{ readonly outcome: 'accepted' | 'failed'; readonly answer: string }>;
}
