/** `PAYMENT_OVERDUE` and `payment-overdue` become `payment overdue`, `api-calls` becomes `API calls`. */
export const spelled = (token: string): string =>
  token
    .toLowerCase()
    .replace(/[_-]+/g, ' ')
    .replace(/\bapi\b/g, 'API');
