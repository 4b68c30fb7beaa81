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
  readonly #sortedKeys: string[] = [];
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
    if (versions === undefined) this.#sortedKeys.splice(this.#position(key), 0, key);
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
    else if (this.#versions.delete(key)) this.#sortedKeys.splice(this.#position(key), 1);
    return found;
  }

  /** Keys behind `after` in the order that S3 lists them: by their UTF-8 bytes. */
  keys(prefix = '', after = ''): readonly string[] {
    const start = this.#position(compareKeys(after, prefix) > 0 ? after : prefix);
    const found: string[] = [];
    for (let i = start; i < this.#sortedKeys.length; i += 1) {
      const key = this.#sortedKeys[i] as string;
      if (!key.startsWith(prefix)) break;
      if (key !== after) found.push(key);
    }
    return found;
  }

  /** Where a key stands or would stand among the sorted ones. */
  #position(key: string): number {
    let [low, high] = [0, this.#sortedKeys.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (compareKeys(this.#sortedKeys[middle] as string, key) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
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

/** Order of the UTF-8 bytes, which is that of the code points: only surrogates stand elsewhere in a string of JavaScript. */
export function compareKeys(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i += 1) {
    const [x, y] = [a.charCodeAt(i), b.charCodeAt(i)];
    if (x !== y) return codePointRank(x) - codePointRank(y);
  }
  return a.length - b.length;
}

/** Lifts surrogates, which stand for code points beyond U+FFFF, above the rest. */
const codePointRank = (unit: number): number => (unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit);
