import { InputError } from '../../domain/input-error.ts';

/** A request body as received, header names in lower case. */
export interface EventsRequest {
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Uint8Array;
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * CloudEvents 1.0 HTTP protocol binding: the events of a request in structured, batched or binary content mode, not
 * yet validated.
 * @throws InputError when the content mode or the JSON cannot be read
 */
export function eventsOf({ headers, body }: EventsRequest): unknown[] {
  const type = (headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  if (type === 'application/cloudevents+json') return [parseJson(body)];
  if (type === 'application/cloudevents-batch+json') {
    const batch = parseJson(body);
    if (Array.isArray(batch)) return batch;
    throw new InputError({ code: 'not-a-batch', message: 'a batch is a JSON array of events' });
  }
  if (headers['ce-specversion'] !== undefined) return [binaryEvent(headers, body)];
  throw new InputError({
    code: 'no-content-mode',
    message: `content type ${JSON.stringify(type)} without ce- headers is not a CloudEvents request`,
    hint: 'send application/cloudevents+json, application/cloudevents-batch+json, or ce- headers with a JSON body',
  });
}

function binaryEvent(headers: EventsRequest['headers'], body: Uint8Array): Record<string, unknown> {
  const attributes = Object.entries(headers)
    .filter(([name, value]) => name.startsWith('ce-') && value !== undefined)
    .map(([name, value]) => [name.slice(3), percentDecoded(name, value as string)]);
  const type = headers['content-type'];
  const event = { ...Object.fromEntries(attributes), ...(type === undefined ? {} : { datacontenttype: type }) };
  return { ...event, data: parseJson(body) };
}

/** Section 3.1.3.2 of the binding: what a header cannot carry is percent-encoded UTF-8. */
function percentDecoded(name: string, value: string): string {
  try {
    return decodeURIComponent(value.trim());
  } catch {
    throw new InputError({
      code: 'bad-header',
      message: `header ${name} is not percent-encoded UTF-8`,
      path: `/${name.slice(3)}`,
    });
  }
}

function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(utf8.decode(body));
  } catch {
    throw new InputError({ code: 'not-json', message: 'the body is not JSON in UTF-8' });
  }
}
