import { createHash, createHmac } from 'node:crypto';
import type { S3Client } from '@aws-sdk/client-s3';
import type { DownloadLink } from '../../app/ports/customer-requests.ts';
import type { Clock } from '../../app/runtime.ts';
import { formatTimestamp } from '../../domain/time/time.ts';

/** Long enough to begin a download. */
const SECONDS_VALID = 120;

export interface Signing {
  readonly credentials: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken?: string | undefined;
  };
  readonly region: string;
  /** `bucket.s3.eu-west-1.amazonaws.com` */
  readonly host: string;
  readonly key: string;
  readonly now: number;
  readonly seconds: number;
  /** Asks S3 for other response headers than the object's own. */
  readonly query: Readonly<Record<string, string>>;
}

/** Links to objects of one bucket, signed as the function's role. Needs s3:GetObject. */
export function presignedLinks(client: S3Client, bucket: string, clock: Clock): DownloadLink {
  return async ({ key, name }) => {
    const [credentials, region] = await Promise.all([client.config.credentials(), client.config.region()]);
    return presignedGet({
      ...{ credentials, region, key, now: clock.now(), seconds: SECONDS_VALID },
      host: `${bucket}.s3.${region}.amazonaws.com`,
      query: { 'response-content-disposition': `attachment; filename="${name}"` },
    });
  };
}

/**
 * A GET whose query carries its own signature. Source: Amazon S3 API reference, "Authenticating Requests: Using Query
 * Parameters (AWS Signature Version 4)", whose worked example is the test.
 */
export function presignedGet({ credentials, region, host, key, now, seconds, query }: Signing): string {
  const stamp = formatTimestamp(Math.floor(now / 1_000) * 1_000).replace(/[-:]/g, '');
  const scope = `${stamp.slice(0, 8)}/${region}/s3/aws4_request`;
  const parameters = {
    ...query,
    'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
    'X-Amz-Credential': `${credentials.accessKeyId}/${scope}`,
    'X-Amz-Date': stamp,
    'X-Amz-Expires': String(seconds),
    'X-Amz-SignedHeaders': 'host',
    ...(credentials.sessionToken === undefined ? {} : { 'X-Amz-Security-Token': credentials.sessionToken }),
  };
  const path = `/${key.split('/').map(encoded).join('/')}`;
  const search = Object.entries(parameters)
    .map(([name, value]) => `${encoded(name)}=${encoded(value)}`)
    .sort()
    .join('&');
  const canonical = ['GET', path, search, `host:${host}`, '', 'host', 'UNSIGNED-PAYLOAD'].join('\n');
  const toSign = ['AWS4-HMAC-SHA256', stamp, scope, createHash('sha256').update(canonical).digest('hex')].join('\n');
  const secret: string | Buffer = `AWS4${credentials.secretAccessKey}`;
  const signingKey = scope.split('/').reduce<string | Buffer>((by, part) => hmac(by, part), secret);
  return `https://${host}${path}?${search}&X-Amz-Signature=${hmac(signingKey, toSign).toString('hex')}`;
}

const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();

/** RFC 3986: what encodeURIComponent leaves alone, S3 wants encoded. */
const encoded = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
