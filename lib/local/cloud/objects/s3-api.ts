import { createHash } from 'node:crypto';
import { formatTimestamp } from '../../../domain/time/time.ts';
import { AwsError, type SdkRequest, type SdkResponse, type Service } from '../sdk/http.ts';
import { type Bucket, compareKeys, type StoredObject } from './bucket.ts';

const KEYS_MAX = 1_000;
const KEPT_HEADER =
  /^(content-type|content-encoding|content-disposition|cache-control|x-amz-meta-.+|x-amz-checksum-.+)$/;

/** S3's REST protocol for the calls that the project makes; any other is refused by name. */
export function s3Api(buckets: ReadonlyMap<string, Bucket>): Service {
  return {
    service: 's3',
    operation: operationName,
    answer: (request) => {
      try {
        return answer(request, buckets);
      } catch (error) {
        if (!(error instanceof AwsError)) throw error;
        const body =
          request.method === 'HEAD'
            ? ''
            : element('Error', element('Code', error.code) + element('Message', error.message));
        return { status: error.status, headers: { 'content-type': 'application/xml' }, body };
      }
    },
  };
}

function operationName({ method, path, query }: SdkRequest): string {
  const object = path.split('/').filter(Boolean).length > 0;
  if (query['x-id']) return query['x-id'];
  if (!object && method === 'GET')
    return 'versions' in query ? 'ListObjectVersions' : 'list-type' in query ? 'ListObjectsV2' : 'ListObjects';
  if (object && method === 'HEAD') return 'HeadObject';
  return `${method}${object ? ' object' : ' bucket'}${Object.keys(query)
    .map((name) => ` ?${name}`)
    .join('')}`;
}

function answer(request: SdkRequest, buckets: ReadonlyMap<string, Bucket>): SdkResponse {
  const name = request.hostname.split('.s3.')[0] ?? '';
  const bucket = buckets.get(name);
  if (!bucket) throw new AwsError('NoSuchBucket', `the template has no bucket ${name}`, 404);
  const key = decodeURIComponent(request.path.slice(1));
  const version = request.query.versionId;
  switch (operationName(request)) {
    case 'PutObject':
      return put(bucket, key, request);
    case 'GetObject':
      return content(bucket.get(key, version), request, bucket.versioned);
    case 'HeadObject': {
      const { status, headers } = content(bucket.get(key, version), request, bucket.versioned);
      return { status, headers: headers ?? {} };
    }
    case 'DeleteObject': {
      const deleted = bucket.delete(key, version);
      const marker: Record<string, string> = deleted?.deleteMarker ? { 'x-amz-delete-marker': 'true' } : {};
      return { status: 204, headers: { ...marker, ...(deleted ? { 'x-amz-version-id': deleted.versionId } : {}) } };
    }
    case 'ListObjectsV2':
      return listObjects(bucket, request.query);
    case 'ListObjectVersions':
      return listVersions(bucket, request.query);
    default:
      throw new AwsError('NotImplemented', `the embedded cloud has no S3 ${operationName(request)}`, 501);
  }
}

function put(bucket: Bucket, key: string, { headers, body }: SdkRequest): SdkResponse {
  const claimed = headers['x-amz-checksum-sha256'];
  if (claimed !== undefined && claimed !== createHash('sha256').update(body).digest('base64')) {
    throw new AwsError('BadDigest', 'The SHA256 you specified did not match the calculated checksum.', 400);
  }
  const kept = Object.fromEntries(Object.entries(headers).filter(([name]) => KEPT_HEADER.test(name)));
  if (kept['content-encoding']) kept['content-encoding'] = kept['content-encoding'].replace(/aws-chunked,?/, '');
  if (kept['content-encoding'] === '') delete kept['content-encoding'];
  const object = bucket.put(key, body, kept, { ifNoneMatch: headers['if-none-match'], ifMatch: headers['if-match'] });
  return { status: 200, headers: { etag: object.etag, ...versionHeader(object, bucket.versioned) } };
}

const versionHeader = (object: StoredObject, versioned: boolean): Record<string, string> =>
  versioned ? { 'x-amz-version-id': object.versionId } : {};

function content(object: StoredObject, { headers }: SdkRequest, versioned: boolean): SdkResponse {
  const range = /^bytes=(\d+)-(\d*)$/.exec(headers.range ?? '');
  const start = range ? Number(range[1]) : 0;
  const end = range?.[2] ? Math.min(Number(range[2]) + 1, object.body.length) : object.body.length;
  if (range && start >= object.body.length)
    throw new AwsError('InvalidRange', 'The requested range is not satisfiable', 416);
  const whole = start === 0 && end === object.body.length;
  // A checksum covers the whole object, so a part of it must not carry one.
  const kept = Object.entries(object.headers).filter(([name]) => whole || !name.startsWith('x-amz-checksum'));
  return {
    status: range ? 206 : 200,
    headers: {
      ...Object.fromEntries(kept),
      etag: object.etag,
      'last-modified': httpDate(object.lastModified),
      'content-length': String(end - start),
      ...(range ? { 'content-range': `bytes ${start}-${end - 1}/${object.body.length}` } : {}),
      ...versionHeader(object, versioned),
    },
    body: object.body.subarray(start, end),
  };
}

function listObjects(bucket: Bucket, query: Readonly<Record<string, string>>): SdkResponse {
  const { prefix = '', delimiter } = query;
  const max = Math.min(Number(query['max-keys'] ?? KEYS_MAX), KEYS_MAX);
  const token = query['continuation-token'];
  const after = token === undefined ? (query['start-after'] ?? '') : Buffer.from(token, 'base64url').toString();
  const contents: string[] = [];
  const folders = new Set<string>();
  let last = '';
  let truncated = false;
  for (const key of bucket.keys(prefix, after)) {
    const object = bucket.current(key);
    if (!object || object.deleteMarker) continue;
    const cut = delimiter ? key.indexOf(delimiter, prefix.length) : -1;
    const folder = cut < 0 ? undefined : key.slice(0, cut + (delimiter ?? '').length);
    // A page that ended within a folder goes on behind it.
    if (folder !== undefined && (folders.has(folder) || (after !== '' && after.startsWith(folder)))) continue;
    if (contents.length + folders.size >= max) {
      truncated = true;
      break;
    }
    if (folder === undefined) contents.push(listed(object));
    else folders.add(folder);
    last = key;
  }
  const body =
    element('Name', bucket.name) +
    element('Prefix', prefix) +
    element('KeyCount', String(contents.length + folders.size)) +
    element('MaxKeys', String(max)) +
    element('IsTruncated', String(truncated)) +
    (truncated ? element('NextContinuationToken', Buffer.from(last).toString('base64url')) : '') +
    contents.join('') +
    [...folders].map((folder) => `<CommonPrefixes>${element('Prefix', folder)}</CommonPrefixes>`).join('');
  return xml('ListBucketResult', body);
}

const listed = (object: StoredObject): string =>
  `<Contents>${element('Key', object.key)}${described(object)}</Contents>`;

const described = (object: StoredObject): string =>
  element('LastModified', isoMillis(object.lastModified)) +
  element('ETag', object.etag) +
  element('Size', String(object.body.length)) +
  element('StorageClass', 'STANDARD');

function listVersions(bucket: Bucket, query: Readonly<Record<string, string>>): SdkResponse {
  const { prefix = '' } = query;
  const max = Math.min(Number(query['max-keys'] ?? KEYS_MAX), KEYS_MAX);
  const keyMarker = query['key-marker'] ?? '';
  const versionMarker = query['version-id-marker'] ?? '';
  const all = bucket
    .keys(prefix)
    .flatMap((key) => bucket.versions(key).map((object, i) => ({ object, latest: i === 0 })));
  const marked = all.findIndex(({ object }) => object.key === keyMarker && object.versionId === versionMarker);
  const rest =
    versionMarker !== '' && marked >= 0
      ? all.slice(marked + 1)
      : all.filter(({ object }) => keyMarker === '' || compareKeys(object.key, keyMarker) > 0);
  const page = rest.slice(0, max);
  const last = page.at(-1);
  const truncated = rest.length > page.length && last !== undefined;
  const body =
    element('Name', bucket.name) +
    element('Prefix', prefix) +
    element('MaxKeys', String(max)) +
    element('IsTruncated', String(truncated)) +
    (truncated
      ? element('NextKeyMarker', last.object.key) + element('NextVersionIdMarker', last.object.versionId)
      : '') +
    page.map(({ object, latest }) => versionElement(object, latest)).join('');
  return xml('ListVersionsResult', body);
}

function versionElement(object: StoredObject, latest: boolean): string {
  const named =
    element('Key', object.key) + element('VersionId', object.versionId) + element('IsLatest', String(latest));
  return object.deleteMarker
    ? `<DeleteMarker>${named}${element('LastModified', isoMillis(object.lastModified))}</DeleteMarker>`
    : `<Version>${named}${described(object)}</Version>`;
}

const ESCAPES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const element = (name: string, content: string): string =>
  `<${name}>${name === 'Error' ? content : content.replace(/[&<>"]/g, (c) => ESCAPES[c] as string)}</${name}>`;

const xml = (name: string, body: string): SdkResponse => ({
  status: 200,
  headers: { 'content-type': 'application/xml' },
  body: `<?xml version="1.0" encoding="UTF-8"?>\n<${name} xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${body}</${name}>`,
});

const httpDate = (ms: number): string => new Date(ms).toUTCString();
/** S3 always writes three decimals. */
export const isoMillis = (ms: number): string => {
  const text = formatTimestamp(ms);
  return text.includes('.') ? text : text.replace('Z', '.000Z');
};
