import type { Duration } from 'aws-cdk-lib';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';

/**
 * How long things are kept whose time no prop sets: the one place that lifecycles, queues and backups take it from, and that
 * the portal's page about erasing is told.
 */
export const FIXED_DAYS = {
  /** Files that were made for a customer. */
  downloads: 7,
  /** Versions of them that were written over. */
  downloadVersions: 1,
  /** Point-in-time recovery: a table can be brought back as it was so many days ago. 35 is the most that DynamoDB keeps. */
  backups: 35,
  /** Work that waits, or was given up. 14 is the most that SQS keeps. */
  queues: 14,
} as const;

/** The environment variable `KEPT_DAYS`: JSON, in days; null is for ever. */
export const keptDays = (props: { readonly retention: Duration; readonly logRetention: RetentionDays }): string =>
  JSON.stringify({
    ledger: props.retention.toDays(),
    logs: props.logRetention === RetentionDays.INFINITE ? null : props.logRetention,
    ...FIXED_DAYS,
  });
