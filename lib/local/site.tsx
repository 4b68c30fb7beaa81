import { Hono } from 'hono';
import { secureHeaders } from 'hono/secure-headers';
import { CustomerPage } from '../portal/customer-page.tsx';
import { FrontPage } from '../portal/front-page.tsx';
import { NotFoundPage } from '../portal/not-found-page.tsx';
import { STYLESHEET } from '../portal/stylesheet.ts';
import type { CustomerRow, CustomerView } from '../portal/view.ts';

/** What the pages read: made from the same stores that bill. */
export interface ReadModel {
  readonly period: string;
  customers(): Promise<readonly CustomerRow[]>;
  customer(id: string): Promise<CustomerView | undefined>;
}

const CONTENT_SECURITY_POLICY = {
  defaultSrc: ["'none'"],
  styleSrc: ["'self'"],
  imgSrc: ["'self'", 'data:'],
  formAction: ["'self'"],
  frameAncestors: ["'none'"],
  baseUri: ["'none'"],
};

/** The local pages: a front page with every customer, and a page for each. Nothing here writes. */
export function site(model: ReadModel, curl: string): Hono {
  const app = new Hono();
  app.use(secureHeaders({ contentSecurityPolicy: CONTENT_SECURITY_POLICY, strictTransportSecurity: false }));
  app.get('/', async (c) =>
    c.html(document(<FrontPage period={model.period} curl={curl} customers={await model.customers()} />)),
  );
  app.get('/customers/:id', async (c) => {
    const customer = await model.customer(c.req.param('id'));
    if (!customer) return c.notFound();
    return c.html(document(<CustomerPage customer={customer} />));
  });
  app.get('/assets/tollgate.css', (c) => c.body(STYLESHEET, 200, { 'content-type': 'text/css; charset=utf-8' }));
  app.notFound((c) => c.html(document(<NotFoundPage path={c.req.path} />), 404));
  return app;
}

const document = (page: { toString(): string }): string => `<!doctype html>${page.toString()}`;
