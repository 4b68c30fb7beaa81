import type { Child } from 'hono/jsx';

/** The frame of every page. */
export function Layout({ title, children }: { title: string; children?: Child }) {
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>{`${title} · Tollgate`}</title>
        <link rel="stylesheet" href="/assets/tollgate.css" />
        <link rel="icon" href="data:," />
      </head>
      <body>
        <a class="skip" href="#content">
          Skip to content
        </a>
        <header class="top">
          <div>
            <strong>
              <a href="/">Tollgate</a>
            </strong>
            <span>what was used, what it costs, and why</span>
          </div>
        </header>
        <main id="content">{children}</main>
      </body>
    </html>
  );
}
