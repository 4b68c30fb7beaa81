import {
  GetObjectCommand,
  ListObjectVersionsCommand,
  type ListObjectVersionsCommandOutput,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import type { KeyRange, ObjectStore, StoredObject } from '../../app/ports/object-store.ts';

/** A racing `If-None-Match` write answers 409 while the other is under way; once it has ended the answer is 412 or success. */
const CONFLICT_ATTEMPTS_MAX = 5;

/**
 * One bucket as an {@link ObjectStore}.
 * Needs s3:ListBucketVersions on the bucket; s3:GetObject, s3:GetObjectVersion and s3:PutObject on its objects.
 */
export function s3Objects(client: S3Client, bucket: string): ObjectStore {
  return {
    list: (prefix, range) => listVersions(client, { Bucket: bucket, Prefix: prefix }, range),
    async get(key, version) {
      try {
        const { Body } = await client.send(
          new GetObjectCommand({ Bucket: bucket, Key: key, ...(version === undefined ? {} : { VersionId: version }) }),
        );
        return Body === undefined ? new Uint8Array() : await Body.transformToByteArray();
      } catch (fault) {
        if (isNamed(fault, 'NoSuchKey', 'NoSuchVersion', 'NotFound')) return undefined;
        throw fault;
      }
    },
    async put(key, body) {
      await client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body, ContentType: contentType(key) }));
    },
    async putOnce(key, body) {
      for (let attempt = 1; ; attempt++) {
        try {
          await client.send(
            new PutObjectCommand({
              Bucket: bucket,
              Key: key,
              Body: body,
              ContentType: contentType(key),
              IfNoneMatch: '*',
            }),
          );
          return 'written';
        } catch (fault) {
          if (isNamed(fault, 'PreconditionFailed')) return 'exists';
          if (!isNamed(fault, 'ConditionalRequestConflict') || attempt === CONFLICT_ATTEMPTS_MAX) throw fault;
        }
      }
    },
  };
}

/** S3 lists in the order of keys, so a range begins at a marker and ends with the first page that reaches its end. */
async function listVersions(
  client: S3Client,
  listing: { readonly Bucket: string; readonly Prefix: string },
  range?: KeyRange,
): Promise<StoredObject[]> {
  const found: StoredObject[] = [];
  const isPast = (key: string | undefined) => range !== undefined && key !== undefined && key >= range.before;
  let from: { KeyMarker?: string; VersionIdMarker?: string } = range === undefined ? {} : { KeyMarker: range.after };
  for (;;) {
    const page: ListObjectVersionsCommandOutput = await client.send(
      new ListObjectVersionsCommand({ ...listing, ...from }),
    );
    for (const { Key, VersionId, ETag, Size } of page.Versions ?? []) {
      if (Key === undefined || isPast(Key)) continue;
      found.push({ key: Key, version: VersionId ?? 'null', etag: (ETag ?? '').replaceAll('"', ''), size: Size ?? 0 });
    }
    if (page.IsTruncated !== true || page.NextKeyMarker === undefined || isPast(page.NextKeyMarker)) break;
    from = {
      KeyMarker: page.NextKeyMarker,
      ...(page.NextVersionIdMarker === undefined ? {} : { VersionIdMarker: page.NextVersionIdMarker }),
    };
  }
  return found.sort(byKeyThenVersion);
}

function byKeyThenVersion(a: StoredObject, b: StoredObject): number {
  if (a.key !== b.key) return a.key < b.key ? -1 : 1;
  return a.version < b.version ? -1 : a.version > b.version ? 1 : 0;
}

const contentType = (key: string): string => (key.endsWith('.gz') ? 'application/gzip' : 'application/json');

function isNamed(fault: unknown, ...names: string[]): boolean {
  return fault instanceof Error && names.includes(fault.name);
}
