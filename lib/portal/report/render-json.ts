import type { UsageReport } from '../../domain/reporting/report.ts';

/** The report itself; docs/schema/usage-report.schema.json says what is in it. */
export const renderJson = (report: UsageReport): string => `${JSON.stringify(report, null, 2)}\n`;
