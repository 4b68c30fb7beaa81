import type { Member } from '../../domain/portal/member.ts';
import type { UsageReport } from '../../domain/reporting/report.ts';
import type { MakeReport } from '../make-report/make-report.ts';
import type { Directory } from '../ports/directory.ts';
import type { Mail, Mailer } from '../ports/mailer.ts';
import type { AlertSettingsStore, BouncedAddresses, Deliveries, NoticeQueue, Notices } from '../ports/notices.ts';
import type { WebhookSender } from '../ports/webhook-sender.ts';
import type { Runtime } from '../runtime.ts';

export interface SendingPorts extends Pick<Runtime, 'clock' | 'log' | 'metrics'> {
  readonly directory: Pick<Directory, 'profile'>;
  readonly notices: Notices;
  readonly settings: AlertSettingsStore;
  readonly deliveries: Deliveries;
  readonly bounces: Pick<BouncedAddresses, 'bounced'>;
  readonly queue: NoticeQueue;
  /** People who act for a customer: the admins are told where nobody has chosen; none without a portal. */
  readonly members: (customer: string) => Promise<readonly Pick<Member, 'email' | 'role'>[]>;
  /** Null where the team has set up no mail: then there are pages and webhooks. */
  readonly mailer: Mailer | null;
  readonly webhook: WebhookSender;
  /** 32 bytes that webhook secrets and report links are made of. */
  readonly key: () => Promise<Uint8Array>;
  readonly makeReport: MakeReport;
  /** The report as a file. */
  readonly reportFile: (report: UsageReport) => Promise<NonNullable<Mail['attachment']>>;
  /** `https://portal.example.com`; null where there is no portal. */
  readonly portal: string | null;
}
