/** An error as Stripe answers it. */
export class StripeFault extends Error {
  readonly status: number;
  readonly type: string;
  readonly code: string | undefined;
  readonly declineCode: string | undefined;
  readonly param: string | undefined;
  /** Whether the endpoint had begun its work: only then is the answer kept for its idempotency key. */
  readonly saved: boolean;

  constructor(fault: {
    status: number;
    message: string;
    type?: string;
    code?: string;
    declineCode?: string;
    param?: string;
    saved?: boolean;
  }) {
    super(fault.message);
    this.status = fault.status;
    this.type = fault.type ?? (fault.status >= 500 ? 'api_error' : 'invalid_request_error');
    this.code = fault.code;
    this.declineCode = fault.declineCode;
    this.param = fault.param;
    this.saved = fault.saved ?? false;
  }

  body(): object {
    const { type, message, code, declineCode, param } = this;
    return {
      error: {
        ...{ type, message },
        ...(code ? { code } : {}),
        ...(declineCode ? { decline_code: declineCode } : {}),
        ...(param ? { param } : {}),
      },
    };
  }
}

export const missingParam = (param: string): StripeFault =>
  new StripeFault({ status: 400, code: 'parameter_missing', param, message: `Missing required param: ${param}.` });

export const noSuch = (kind: string, id: string, param = 'id'): StripeFault =>
  new StripeFault({ status: 404, code: 'resource_missing', param, message: `No such ${kind}: '${id}'` });

export const badRequest = (message: string, code?: string): StripeFault =>
  new StripeFault({ status: 400, message, ...(code ? { code } : {}) });

/** Stripe's type for it is that of any refused request; the status and the code tell. */
export const rateLimited = (): StripeFault =>
  new StripeFault({ status: 429, code: 'rate_limit', message: 'Request rate limit exceeded.' });

export const unauthorized = (): StripeFault =>
  new StripeFault({ status: 401, message: 'You did not provide an API key that this account knows.' });
