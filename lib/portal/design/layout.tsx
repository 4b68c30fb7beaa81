import type { Child } from 'hono/jsx';
import type { PortalAccount } from '../../domain/portal/account.ts';
import { ASSETS } from '../assets/assets.ts';
import { Button, Form, type FormProof } from './form.tsx';

/** The navigation, in order. A page names the section it belongs to. */
export const SECTIONS = [
  { id: 'overview', path: '/', name: 'Overview' },
  { id: 'usage', path: '/usage', name: 'Usage' },
  { id: 'plan', path: '/plan', name: 'Plan' },
  { id: 'invoices', path: '/invoices', name: 'Invoices' },
  { id: 'keys', path: '/keys', name: 'API keys' },
  { id: 'alerts', path: '/alerts', name: 'Alerts' },
  { id: 'account', path: '/account', name: 'Account' },
] as const;
export type Section = (typeof SECTIONS)[number]['id'];

export interface LayoutProps {
  readonly title: string;
  readonly section?: Section | undefined;
  readonly account?: PortalAccount | undefined;
  readonly person?: string | undefined;
  readonly form?: FormProof | undefined;
  readonly development: boolean;
  readonly children?: Child;
}

/** The frame of every page. */
export function Layout({ title, section, account, person, form, development, children }: LayoutProps) {
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>{`${title} · Tollgate`}</title>
        <link rel="stylesheet" href={ASSETS.stylesheet.path} />
        <link rel="icon" href={ASSETS.icon.path} type="image/svg+xml" />
        <script src={ASSETS.script.path} defer></script>
      </head>
      <body class={account === undefined ? 'outside' : undefined}>
        <a class="skip" href="#content">
          Skip to content
        </a>
        <header class="top">
          <a class="brand" href="/">
            <Mark />
            <span class="name">Tollgate</span>
          </a>
          {account === undefined ? null : <span class="customer">{account.name}</span>}
          {form === undefined ? null : (
            <div class="who">
              {person === undefined ? null : <span class="person">{person}</span>}
              <Form action="/sign-out" proof={form} inline>
                <Button kind="quiet">Sign out</Button>
              </Form>
            </div>
          )}
        </header>
        {account === undefined ? null : <Navigation section={section} />}
        <main id="content">{children}</main>
        <footer>
          <p>
            Hours and days are UTC. Numbers come from the same records that bill.
            {development ? ' This is the embedded cloud: nothing here moves money.' : ''}
          </p>
        </footer>
      </body>
    </html>
  );
}

function Navigation({ section }: { section: Section | undefined }) {
  return (
    <nav aria-label="Portal">
      <ul>
        {SECTIONS.map(({ id, path, name }) => (
          <li>
            <a href={path} aria-current={id === section ? 'page' : undefined}>
              {name}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}

/** A raised barrier. */
function Mark() {
  return (
    <svg class="mark" viewBox="0 0 24 24" width="22" height="22" aria-hidden="true">
      <path d="M5 21V9h4v12z" />
      <path class="arm" d="M7 11 21 3" />
    </svg>
  );
}
