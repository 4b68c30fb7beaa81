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
        text: `${amounts(data)} of what was committed until ${day(data.until)} is used. What is missing at the end is invoiced then.`,
      };
    case 'balance':
      return balanceWords(data);
    case 'spike':
      return {
        title: `${grouped(data.calls)} calls in one hour`,
        text:
          `In the hour of ${hour(data.hour)} there have been ${grouped(data.calls)} calls so far; usual are ` +
          `${grouped(data.usual)}. If that is not you, revoke the key on the page “API keys”.`,
      };
    case 'usage-report':
      return {
        title: `Usage report of ${monthWords(data.month)}`,
        text: `What was used in ${monthWords(data.month)}, what it costs and why.`,
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
    text: `${grouped(data.used)} of ${grouped(data.of)} calls until ${day(data.until)} are used.${
      full ? ' Further calls are answered 429 until then.' : ''
    }`,
  };
}

function capWords(data: NoticeData): NoticeWords {
  const [full, hard] = [data.threshold === 100, data.mode === 'hard'];
  const after = full
    ? hard
      ? ` Calls are answered 403 (spend-cap-reached) until ${day(data.until)}, or until the cap is raised.`
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
const amounts = ({ used, of, unit }: NoticeData): string => `${unit ?? ''} ${grouped(used)} of ${grouped(of)}`;
const day = (timestamp = ''): string => `${timestamp.slice(0, 10)} 00:00 UTC`;
const hour = (timestamp = ''): string => `${timestamp.slice(0, 10)} ${timestamp.slice(11, 16)} UTC`;

const MONTHS = [
  ...['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November'],
  'December',
];

/** `2026-10` becomes `October 2026`. */
const monthWords = (month = ''): string => `${MONTHS[Number(month.slice(5, 7)) - 1] ?? ''} ${month.slice(0, 4)}`;

function grouped(decimal = '0'): string {
  const [whole = '', fraction] = decimal.split('.');
  const separated = whole.replace(/\B(?=(\d{3})+(?!\d))/g, ',');
  return fraction === undefined ? separated : `${separated}.${fraction}`;
}
