import { createHash } from 'node:crypto';
import { DAY_MS, type EpochMs } from '../../../domain/time/time.ts';
import { AwsError } from '../sdk/http.ts';
import { at, flag, number } from '../template/read.ts';
import type { Resource } from '../template/template.ts';
import type { SeededRandom } from '../time/seeded-random.ts';
import type { World } from '../world.ts';

export interface StoredObject {
  readonly key: string;
  /** `null` where the bucket keeps no versions. */
  readonly versionId: string;
  readonly body: Uint8Array;
  readonly etag: string;
  readonly lastModified: EpochMs;
  /** `content-type`, `content-encoding`, `x-amz-meta-…`, `x-amz-checksum-…`, as they were put. */
  readonly headers: Readonly<Record<string, string>>;
  readonly deleteMarker: boolean;
  readonly retainUntil: EpochMs;
}

export interface PutConditions {
  readonly ifNoneMatch?: string | undefined;
  readonly ifMatch?: string | undefined;
}

/** One S3 bucket: versions, conditional puts, and the default retention of its object lock. */
export class Bucket {
  readonly name: string;
  readonly arn: string;
  readonly versioned: boolean;
  readonly #retentionMs: number;
  readonly #world: World;
  readonly #random: SeededRandom;
  /** Newest last. */
  readonly #versions = new Map<string, StoredObject[]>();
  #sortedKeys: string[] | undefined = [];
  /** Told after an object was created. */
  onCreated: (object: StoredObject) => void = () => {};

  constructor(world: World, resource: Resource) {
    this.#world = world;
    this.#random = world.random.fork(`bucket ${resource.logicalId}`);
    this.name = resource.ref;
    this.arn = resource.attribute('Arn');
    // Object lock turns versioning on.
    this.versioned =
      at(resource, 'VersioningConfiguration.Status') === 'Enabled' || flag(resource, 'ObjectLockEnabled');
    const days =
      number(resource, 'ObjectLockConfiguration.Rule.DefaultRetention.Days', 0) +
      number(resource, 'ObjectLockConfiguration.Rule.DefaultRetention.Years', 0) * 365;
    this.#retentionMs = days * DAY_MS;
  }

  /** @throws AwsError `PreconditionFailed` */
  put(
    key: string,
    body: Uint8Array,
    headers: Readonly<Record<string, string>> = {},
    only: PutConditions = {},
  ): StoredObject {
    const current = this.current(key);
    const exists = current !== undefined && !current.deleteMarker;
    if (
      (only.ifNoneMatch === '*' && exists) ||
      (only.ifMatch !== undefined && (!exists || only.ifMatch !== current.etag))
    ) {
      throw new AwsError('PreconditionFailed', 'At least one of the pre-conditions you specified did not hold', 412);
    }
    const object = this.#add(key, { body: Uint8Array.from(body), headers, deleteMarker: false });
    this.onCreated(object);
    return object;
  }

  #add(key: string, content: Pick<StoredObject, 'body' | 'headers' | 'deleteMarker'>): StoredObject {
    const now = this.#world.clock.now();
    const object: StoredObject = {
      key,
      versionId: this.versioned ? this.#random.hex(16) : 'null',
      etag: `"${createHash('md5').update(content.body).digest('hex')}"`,
      lastModified: now,
      retainUntil: content.deleteMarker ? 0 : now + this.#retentionMs,
      ...content,
    };
    const versions = this.#versions.get(key);
    if (versions === undefined) this.#sortedKeys = undefined;
    if (versions && this.versioned) versions.push(object);
    else this.#versions.set(key, [object]);
    return object;
  }

  /** The newest version, which may be a delete marker. */
  current(key: string): StoredObject | undefined {
    return this.#versions.get(key)?.at(-1);
  }

  /** @throws AwsError `NoSuchKey` or `NoSuchVersion` */
  get(key: string, versionId?: string): StoredObject {
    const versions = this.#versions.get(key) ?? [];
    const found =
      versionId === undefined ? versions.at(-1) : versions.find((version) => version.versionId === versionId);
    if (versionId !== undefined && !found)
      throw new AwsError('NoSuchVersion', 'The specified version does not exist.', 404);
    if (!found || found.deleteMarker) throw new AwsError('NoSuchKey', 'The specified key does not exist.', 404);
    return found;
  }

  /**
   * Without a version of a versioned bucket, this only lays a delete marker on top.
   * @throws AwsError `AccessDenied` for a version under retention
   */
  delete(key: string, versionId?: string): StoredObject | undefined {
    if (versionId === undefined && this.versioned) {
      return this.#add(key, { body: new Uint8Array(), headers: {}, deleteMarker: true });
    }
    const versions = this.#versions.get(key) ?? [];
    const found =
      versionId === undefined ? versions.at(-1) : versions.find((version) => version.versionId === versionId);
    if (!found) return undefined;
    if (found.retainUntil > this.#world.clock.now()) {
      throw new AwsError('AccessDenied', 'Access Denied because object protected by object lock.', 403);
    }
    const rest = versions.filter((version) => version !== found);
    if (rest.length > 0) this.#versions.set(key, rest);
    else if (this.#versions.delete(key)) this.#sortedKeys = undefined;
    return found;
  }

  /** Keys in the order that S3 lists them: by their UTF-8 bytes. */
  keys(prefix = '', after = ''): readonly string[] {
    this.#sortedKeys ??= [...this.#versions.keys()].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    return this.#sortedKeys.filter(
      (key) => key.startsWith(prefix) && (after === '' || Buffer.compare(Buffer.from(key), Buffer.from(after)) > 0),
    );
  }

  /** Every version of a key, newest first. */
  versions(key: string): readonly StoredObject[] {
    return (this.#versions.get(key) ?? []).toReversed();
  }

  /** What stands in the bucket now, in key order, delete markers left out. */
  list(prefix = ''): readonly StoredObject[] {
    return this.keys(prefix).flatMap((key) => {
      const object = this.current(key);
      return object && !object.deleteMarker ? [object] : [];
    });
  }
}
