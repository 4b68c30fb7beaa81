/** What a platform team imports into its own CDK app. */
export { ACCESS_LOG_FORMAT } from './constructs/access-log.ts';
export type { EventSource } from './constructs/ingress.ts';
export type { LedgerLock } from './constructs/ledger.ts';
export { Monetization, type MonetizationProps } from './constructs/monetization.ts';
