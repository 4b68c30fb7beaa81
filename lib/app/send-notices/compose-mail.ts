import type { Notice } from '../../domain/alerts/notice.ts';
import type { AlertSettings } from '../../domain/alerts/settings.ts';
import { addressToken, reportToken } from '../../domain/alerts/signature.ts';
import { noticeWords } from '../../domain/alerts/words.ts';
import { CONFIRM_MS } from '../../domain/entitlement/billing-address.ts';
import { DAY_MS, formatTimestamp, SECOND_MS } from '../../domain/time/time.ts';
import type { Mail } from '../ports/mailer.ts';
import type { SendingPorts } from './ports.ts';

/** SES takes 40 MB with everything encoded; a mailbox far less. */
const ATTACHMENT_BYTES_MAX = 5 * 1024 * 1024;
/** A link lives as long as somebody may take to open the mail. */
export const LINK_MS = 30 * DAY_MS;

/** One notice as a mail. A report comes as a file, or as a signed link where it is too large or the customer asked for one. */
export async function composeMail(
  notice: Notice,
  to: string,
  settings: AlertSettings,
  ports: SendingPorts,
): Promise<Mail> {
  if (notice.kind === 'billing-address') return confirmationMail(notice, to, ports);
  const { title, text } = noticeWords(notice);
  const name = (await ports.directory.profile(notice.customer))?.customer.name ?? notice.customer;
  const report = notice.kind === 'usage-report' ? await reportOf(notice, settings, ports) : {};
  const page = ports.portal === null ? [] : [`Which alerts you get, and where: ${ports.portal}/alerts`];
  const lines = [text, ...('link' in report ? [report.link] : []), ...page];
  return {
    ...{
      customer: notice.customer,
      to,
      subject: `${name}: ${title}`,
      text: `${lines.join('\n\n')}\n`,
      html: htmlOf(title, lines),
    },
    ...('attachment' in report ? { attachment: report.attachment } : {}),
    reference: notice.id,
  };
}

/**
 * It goes to somebody who may never have heard of us: so it names the account by its id alone, and holds nothing that whoever
 * asked for it could have written.
 */
async function confirmationMail(notice: Notice, to: string, ports: SendingPorts): Promise<Mail> {
  const expiresAt = notice.at + CONFIRM_MS;
  const says = { customer: notice.customer, change: notice.data.change ?? '', expiresAt };
  const title = 'Confirm this address for invoices';
  const lines = [
    `Somebody who acts for the customer ${notice.customer} of ${ports.portal} gave this address for its invoices, reports and alerts.`,
    `To have them sent here, open this page and press the button there: ${ports.portal}/billing-address/${addressToken(await ports.key(), says)}`,
    `The link works once, until ${formatTimestamp(Math.floor(expiresAt / SECOND_MS) * SECOND_MS)}. If this is not yours, do nothing: nothing more is sent here.`,
  ];
  return {
    ...{ customer: notice.customer, to, subject: title, reference: notice.id },
    ...{ text: `${lines.join('\n\n')}\n`, html: htmlOf(title, lines) },
  };
}

async function reportOf(
  notice: Notice,
  settings: AlertSettings,
  ports: SendingPorts,
): Promise<Pick<Mail, 'attachment'> | { readonly link: string }> {
  const month = notice.data.month ?? '';
  const link = async () => {
    const { linkGeneration: generation } = settings;
    const says = { customer: notice.customer, month, expiresAt: ports.clock.now() + LINK_MS, generation };
    return { link: `The report, for 30 days: ${ports.portal}/reports/${reportToken(await ports.key(), says)}` };
  };
  if (settings.report === 'link' && ports.portal !== null) return link();
  const report = await ports.makeReport(notice.customer, month);
  if (report === 'unknown-customer') throw new Error(`there is no customer ${notice.customer} to report to`);
  const attachment = await ports.reportFile(report);
  return attachment.content.length > ATTACHMENT_BYTES_MAX && ports.portal !== null ? link() : { attachment };
}

/** Nothing but paragraphs: a mail needs no more, and no reader breaks it. */
function htmlOf(title: string, lines: readonly string[]): string {
  const paragraph = (line: string) =>
    `<p>${escaped(line).replace(/https?:\/\/\S+/g, (url) => `<a href="${url}">${url}</a>`)}</p>`;
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${escaped(title)}</title></head><body style="font-family:sans-serif;line-height:1.5"><h1 style="font-size:1.25em">${escaped(title)}</h1>${lines.map(paragraph).join('')}</body></html>`;
}

const escaped = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => `&#${character.codePointAt(0) ?? 0};`);
