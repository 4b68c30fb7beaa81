import { S3Client } from '@aws-sdk/client-s3';
import { presignedGet, presignedLinks } from '../../../lib/adapters/s3-objects/presigned-get.ts';
import { parseTimestamp } from '../../../lib/domain/time/time.ts';

const credentials = {
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
};
const now = parseTimestamp('2013-05-24T00:00:00Z');

test('the worked example of the S3 API reference comes out to the byte', () => {
  const link = presignedGet({
    ...{ credentials, now, region: 'us-east-1', host: 'examplebucket.s3.amazonaws.com', key: 'test.txt' },
    ...{ seconds: 86_400, query: {} },
  });
  expect(link).toBe(
    'https://examplebucket.s3.amazonaws.com/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256' +
      '&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z' +
      '&X-Amz-Expires=86400&X-Amz-SignedHeaders=host' +
      '&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404',
  );
});

test('a link names its bucket, its file and the session of its role, and is short', async () => {
  const client = new S3Client({ region: 'eu-west-1', credentials: { ...credentials, sessionToken: 'a/b' } });
  const link = presignedLinks(client, 'records', { now: () => now });
  const url = new URL(await link({ key: "downloads/acme/it's.gz", name: 'acme-2026-10.gz' }));
  expect(url.origin).toBe('https://records.s3.eu-west-1.amazonaws.com');
  expect(url.pathname).toBe('/downloads/acme/it%27s.gz');
  expect(url.searchParams.get('X-Amz-Security-Token')).toBe('a/b');
  expect(url.searchParams.get('response-content-disposition')).toBe('attachment; filename="acme-2026-10.gz"');
  expect(Number(url.searchParams.get('X-Amz-Expires'))).toBeLessThanOrEqual(300);
});
