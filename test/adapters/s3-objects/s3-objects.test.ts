import { S3Client } from '@aws-sdk/client-s3';
import { s3Objects } from '../../../lib/adapters/s3-objects/s3-objects.ts';
import { objectStoreContract } from '../../contracts/object-store.ts';
import { localBucket } from '../../support/local-aws.ts';

describe('object store in S3', () => {
  objectStoreContract(async () => s3Objects(new S3Client(localBucket('records').config), 'records'));
});

test('delete markers are not versions, and hide none', async () => {
  const { config, bucket } = localBucket('ledger');
  const store = s3Objects(new S3Client(config), 'ledger');
  await store.put('usage/a', Buffer.from('x'));
  bucket.delete('usage/a');
  const [found, ...more] = await store.list('usage/');
  expect(more).toEqual([]);
  expect(await store.get('usage/a', found?.version)).toEqual(new Uint8Array([120]));
  expect(await store.get('usage/a')).toBeUndefined();
});

test('a conditional write that meets another under way is tried again', async () => {
  const { config, conflictOnce } = localBucket('records');
  const store = s3Objects(new S3Client(config), 'records');
  conflictOnce();
  expect(await store.putOnce('k', Buffer.from('a'))).toBe('written');
});

test('what S3 refuses is thrown, not taken for absence', async () => {
  const store = s3Objects(new S3Client(localBucket('records').config), 'another-bucket');
  await expect(store.get('k')).rejects.toMatchObject({ name: 'NoSuchBucket' });
  await expect(store.putOnce('k', new Uint8Array())).rejects.toMatchObject({ name: 'NoSuchBucket' });
});
