import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SESv2Client } from '@aws-sdk/client-sesv2';
import { SQSClient } from '@aws-sdk/client-sqs';
import { dynamodbDecisions } from '../../lib/adapters/dynamodb-decisions/dynamodb-decisions.ts';
import { dynamodbDirectory } from '../../lib/adapters/dynamodb-directory/directory.ts';
import { invoiceStores } from '../../lib/adapters/dynamodb-invoices/invoice-stores.ts';
import { dynamodbBounces } from '../../lib/adapters/dynamodb-notices/bounces.ts';
import {
  dynamodbAlertSettings,
  dynamodbDeliveries,
  dynamodbNotices,
} from '../../lib/adapters/dynamodb-notices/notices.ts';
import { dynamodbPortalStore } from '../../lib/adapters/dynamodb-portal/dynamodb-portal.ts';
import { dynamodbRulesets } from '../../lib/adapters/dynamodb-rulesets/dynamodb-rulesets.ts';
import { dynamodbClosedUsage } from '../../lib/adapters/dynamodb-usage/closed.ts';
import { dynamodbProvisionalUsage } from '../../lib/adapters/dynamodb-usage/provisional.ts';
import { httpsWebhook } from '../../lib/adapters/https-webhook/https-webhook.ts';
import { noticesKey } from '../../lib/adapters/notices-secret/notices-secret.ts';
import { interFonts } from '../../lib/adapters/report-fonts/inter.ts';
import { s3Objects } from '../../lib/adapters/s3-objects/s3-objects.ts';
import { sesMail } from '../../lib/adapters/ses-mail/ses-mail.ts';
import { sqsNoticeQueue } from '../../lib/adapters/sqs-queues/sqs-queues.ts';
import { parsedOnce } from '../../lib/app/invoice-customer/parsed-once.ts';
import { reportMaker } from '../../lib/app/make-report/make-report.ts';
import { type Runtime, requireEnv } from '../../lib/app/runtime.ts';
import type { SendingPorts } from '../../lib/app/send-notices/ports.ts';
import { cardRater } from '../../lib/domain/invoicing/rater.ts';
import type { UsageReport } from '../../lib/domain/reporting/report.ts';

/** Everything that sending reads and writes, on AWS. */
export function sendingPorts(runtime: Runtime): SendingPorts {
  const env = (name: string) => requireEnv(runtime, name);
  const dynamodb = new DynamoDBClient(runtime.clientConfig('dynamodb'));
  const secrets = new SecretsManagerClient(runtime.clientConfig('secretsmanager'));
  const records = s3Objects(new S3Client(runtime.clientConfig('s3')), env('RECORDS_BUCKET'));
  const table = env('NOTICES_TABLE');
  const people = runtime.env.PORTAL_TABLE;
  const from = runtime.env.MAIL_FROM;
  const configurationSet = runtime.env.MAIL_CONFIGURATION_SET ?? '';
  const reading = {
    ...{ clock: runtime.clock, rater: cardRater(), parseRuleset: parsedOnce() },
    directory: dynamodbDirectory(dynamodb, env('DIRECTORY_TABLE')),
    usage: dynamodbClosedUsage(dynamodb, env('USAGE_TABLE')),
    provisional: dynamodbProvisionalUsage(dynamodb, env('USAGE_TABLE')),
    decisions: dynamodbDecisions(dynamodb, env('DECISIONS_TABLE')),
    rulesets: dynamodbRulesets(dynamodb, env('RULESETS_TABLE'), records, runtime.clock),
    ...invoiceStores(dynamodb, env('INVOICES_TABLE'), records),
  };
  return {
    ...{ ...runtime, directory: reading.directory, makeReport: reportMaker(reading) },
    members: people ? dynamodbPortalStore(dynamodb, people).members : async () => [],
    notices: dynamodbNotices(dynamodb, table),
    settings: dynamodbAlertSettings(dynamodb, table),
    deliveries: dynamodbDeliveries(dynamodb, table),
    bounces: dynamodbBounces(dynamodb, table),
    queue: sqsNoticeQueue(new SQSClient(runtime.clientConfig('sqs')), env('NOTICE_QUEUE_URL')),
    mailer: from ? sesMail(new SESv2Client(runtime.clientConfig('ses')), { from, configurationSet }) : null,
    webhook: httpsWebhook({ allowLoopback: runtime.webhooksToLoopback === true }),
    key: noticesKey(secrets, env('NOTICES_SECRET_ARN')),
    portal: runtime.env.PORTAL_ORIGIN ?? null,
    reportFile: async (report) => {
      // Only who sends a report waits for what draws it.
      const { renderPdf } = await import('../../lib/portal/report/pdf/render-pdf.ts');
      const content = await renderPdf(report, { fonts: interFonts(runtime.env.LAMBDA_TASK_ROOT) });
      return { name: fileName(report), type: 'application/pdf', content };
    },
  };
}

const fileName = ({ customer, period }: UsageReport): string => `${customer.id}-${period.name}.pdf`;
