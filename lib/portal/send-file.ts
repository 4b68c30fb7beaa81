import type { CustomerRequest } from '../domain/portal/request.ts';
import { notFound } from './errors.tsx';
import type { MemberVisit } from './visit.tsx';

/** What was made for a request, as a download: from here, or where it is large from where it lies. */
export async function sendFile(
  visit: MemberVisit,
  request: CustomerRequest | undefined,
  type: string,
): Promise<Response> {
  const { c, ports, member } = visit;
  const file = request && (await ports.requests.file(member.customer, request.id));
  if (file === undefined) return notFound(visit);
  if ('url' in file) return c.redirect(file.url, 302);
  return c.body(new Uint8Array(file.body), 200, {
    'content-type': type,
    'content-disposition': `attachment; filename="${file.name.replace(/[^\w.-]/g, '_')}"`,
  });
}
