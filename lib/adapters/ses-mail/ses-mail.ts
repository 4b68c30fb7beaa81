import { type SESv2Client, SendEmailCommand } from '@aws-sdk/client-sesv2';
import { CUSTOMER_TAG, type Mailer } from '../../app/ports/mailer.ts';

/** Answers of SES that another attempt does not change. The rest (throttled, paused, away) is tried again. */
const FOR_GOOD: readonly string[] = ['MessageRejected', 'BadRequestException', 'MailFromDomainNotVerifiedException'];

/** Mail through SES. Needs ses:SendEmail on the identity and the configuration set. */
export function sesMail(
  client: SESv2Client,
  { from, configurationSet }: { readonly from: string; readonly configurationSet: string },
): Mailer {
  const utf8 = (Data: string) => ({ Data, Charset: 'UTF-8' });
  return {
    async send({ customer, to, subject, text, html, attachment, reference }) {
      const Attachments = attachment && [
        {
          FileName: attachment.name,
          ContentType: attachment.type,
          RawContent: attachment.content,
          ContentDisposition: 'ATTACHMENT' as const,
        },
      ];
      const command = new SendEmailCommand({
        FromEmailAddress: from,
        Destination: { ToAddresses: [to] },
        ConfigurationSetName: configurationSet,
        EmailTags: [{ Name: CUSTOMER_TAG, Value: customer }],
        Content: {
          Simple: {
            Subject: utf8(subject),
            Body: { Text: utf8(text), Html: utf8(html) },
            Headers: [{ Name: 'X-Tollgate-Notice', Value: reference }],
            ...(Attachments === undefined ? {} : { Attachments }),
          },
        },
      });
      try {
        const { MessageId = '' } = await client.send(command);
        return { outcome: 'sent', answer: MessageId };
      } catch (error) {
        const { name, message } = error as Error;
        if (FOR_GOOD.includes(name)) return { outcome: 'refused', answer: `${name}: ${message}` };
        throw error;
      }
    },
  };
}
