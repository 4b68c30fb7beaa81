import { longTime, monthName } from '../words/dates.ts';
import { grouped } from '../words/numbers.ts';
import type { Notice, NoticeData } from './notice.ts';

/** A notice in words, for mail and page. Plain text: whoever shows it escapes it. */
export interface NoticeWords {
  /** One line, which stands alone: the subject of the mail. */
  readonly title: string;
  /** Sentences: what it means, what to do. */
  readonly text: string;
}

export function noticeWords({ kind, data }: Pick<Notice, 'kind' | 'data'>): NoticeWords {
  switch (kind) {
    case 'quota':
      return quotaWords(data);
    case 'spend-cap':
      return capWords(data);
    case 'commitment':
      return {
        title: `${percent(data)} of the commitment is used`,
        text: `${amounts(data)} of what was committed until ${time(data.until)} is used. What is missing at the end is invoiced then.`,
      };
    case 'balance':
      return balanceWords(data);
    case 'spike':
      return {
        title: `${number(data.calls)} calls in one hour`,
        text:
          `In the hour of ${time(data.hour)} there have been ${number(data.calls)} calls so far; usual are ` +
          `${number(data.usual)}. If that is not you, revoke the key on the page “API keys”.`,
      };
    case 'usage-report':
      return {
        title: `Usage report of ${monthName(data.month ?? '')}`,
        text: `What was used in ${monthName(data.month ?? '')}, what it costs and why.`,
      };
    case 'webhook-paused':
      return {
        title: 'The webhook is paused',
        text:
          `${data.target ?? ''} took nothing for about a day (${data.reason ?? ''}), so nothing more is sent there. ` +
          'Mend it, then resume it on the page “Alerts”.',
      };
    case 'webhook-test':
      return { title: 'A test of the webhook', text: 'Somebody asked for it on the page “Alerts”.' };
    case 'mail-bounced':
      return {
        title: 'An e-mail address takes no mail',
        text:
          `Mail to one of your addresses ${data.reason === 'complaint' ? 'was reported as unwanted' : 'came back for good'}, ` +
          'so nothing more is mailed there. The portal says which: choose another one there.',
      };
    case 'billing-address':
      return {
        title: 'A link to confirm the billing address',
        text: 'It went to the address that was given on the page “Account”, and nowhere else.',
      };
  }
}

function quotaWords(data: NoticeData): NoticeWords {
  const full = data.threshold === 100;
  return {
    title: `${percent(data)} of the quota is used`,
    text: `${number(data.used)} of ${number(data.of)} calls until ${time(data.until)} are used.${
      full ? ' Further calls are answered 429 until then.' : ''
    }`,
  };
}

function capWords(data: NoticeData): NoticeWords {
  const [full, hard] = [data.threshold === 100, data.mode === 'hard'];
  const after = full
    ? hard
      ? ` Calls are answered 403 (spend-cap-reached) until ${time(data.until)}, or until the cap is raised.`
      : ' Calls still pass: the cap is a soft one.'
    : hard
      ? ' At the cap calls are refused.'
      : '';
  return {
    title: full ? 'The spend cap is reached' : `${percent(data)} of the spend cap is reached`,
    text: `The bill so far is ${amounts(data)}, before credit and tax.${after}`,
  };
}

function balanceWords(data: NoticeData): NoticeWords {
  return {
    title:
      data.threshold === 100 ? 'The prepaid balance is used up' : `${percent(data)} of the prepaid balance is used`,
    text: `${amounts(data)} of prepaid credit is used. What comes after it is invoiced.`,
  };
}

const percent = ({ threshold }: NoticeData): string => `${threshold ?? 0} %`;
const amounts = ({ used, of, unit }: NoticeData): string => `${unit ?? ''} ${number(used)} of ${number(of)}`;
const number = (decimal = '0'): string => grouped(decimal);
const time = (timestamp = ''): string => longTime(timestamp);
