import { InputError } from '../../domain/input-error.ts';

/** An object that S3 says was written. */
export interface ObjectCreated {
  readonly bucket: string;
  readonly key: string;
  readonly version: string;
  readonly etag: string;
  readonly size: number;
}

/**
 * Reads an S3 event notification, as SQS carries it: any number of records; `s3:TestEvent`, which S3 sends when the
 * notification is set up, and other events of the bucket name no new object.
 * @throws InputError `not-a-notification`
 */
export function parseObjectCreated(body: string): ObjectCreated[] {
  const message = jsonOf(body);
  if (message.Event === 's3:TestEvent') return [];
  if (!Array.isArray(message.Records)) throw notANotification('it has no Records');
  return message.Records.flatMap(createdObject);
}

function createdObject(record: unknown): ObjectCreated[] {
  const { eventName, s3 } = (record ?? {}) as { eventName?: unknown; s3?: S3Entity };
  if (typeof eventName !== 'string') throw notANotification('a record has no eventName');
  if (!eventName.startsWith('ObjectCreated:')) return [];
  const { bucket, object } = s3 ?? {};
  if (typeof bucket?.name !== 'string' || typeof object?.key !== 'string') {
    throw notANotification('a record names no bucket and key');
  }
  const { key, versionId, eTag, size } = object;
  return [
    {
      bucket: bucket.name,
      // Keys are form-encoded in notifications: a space is a plus, everything else percent.
      key: decodeURIComponent(key.replaceAll('+', ' ')),
      version: typeof versionId === 'string' && versionId !== '' ? versionId : 'null',
      etag: typeof eTag === 'string' ? eTag : '',
      size: typeof size === 'number' ? size : 0,
    },
  ];
}

interface S3Entity {
  readonly bucket?: { readonly name?: unknown };
  readonly object?: {
    readonly key?: unknown;
    readonly versionId?: unknown;
    readonly eTag?: unknown;
    readonly size?: unknown;
  };
}

function jsonOf(body: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(body);
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  } catch {
    throw notANotification('it is not JSON');
  }
  throw notANotification('it is not an object');
}

const notANotification = (why: string) =>
  new InputError({ code: 'not-a-notification', message: `the message is no S3 event notification: ${why}` });
