import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { STYLE } from '../report/style.ts';
import { SCRIPT } from './script.ts';
import { STYLESHEET } from './stylesheet.ts';

export interface Asset {
  /** Holds a hash of the body, so that it can be cached for ever. */
  readonly path: string;
  readonly type: string;
  readonly body: string;
  /** Compressed: a stylesheet is a quarter of itself, and a phone paints when it has it. */
  readonly gzip: Uint8Array<ArrayBuffer>;
}

const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><rect width="24" height="24" rx="5" fill="#0b5d45"/><path d="M6 20v-9h3v9z" fill="#fff"/><path d="M7.5 12 19 5" stroke="#fff" stroke-width="2.4" stroke-linecap="round"/></svg>`;

function asset(name: string, extension: string, type: string, body: string): Asset {
  const hash = createHash('sha256').update(body).digest('hex').slice(0, 12);
  return {
    path: `/assets/${name}-${hash}.${extension}`,
    type,
    body,
    gzip: new Uint8Array(gzipSync(body, { level: 9 })),
  };
}

/**
 * Served as files, so that the content security policy can forbid inline styles and scripts. They hold no secret, so they go
 * out compressed; pages do not, since what somebody else puts into an address stands in them beside a form's token (BREACH).
 */
export const ASSETS = {
  stylesheet: asset('portal', 'css', 'text/css; charset=utf-8', STYLESHEET),
  report: asset('report', 'css', 'text/css; charset=utf-8', STYLE),
  script: asset('portal', 'js', 'text/javascript; charset=utf-8', SCRIPT),
  icon: asset('icon', 'svg', 'image/svg+xml', ICON),
} as const;
