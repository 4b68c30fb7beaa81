/** One version of one object. Its bytes never change: key and version together name them for good. */
export interface StoredObject {
  readonly key: string;
  /** S3's version id; `null` (the four letters) in a bucket without versions, as S3 itself says. */
  readonly version: string;
  readonly etag: string;
  /** Bytes as stored, compressed or not. */
  readonly size: number;
}

/** Part of a listing, by key: behind `after`, which is left out itself, and before `before`. */
export interface KeyRange {
  readonly after: string;
  readonly before: string;
}

/** A bucket. Reads see every write that returned before them, as S3 has promised since December 2020. */
export interface ObjectStore {
  /**
   * Every version under a prefix, in (key, version) order; delete markers are not versions and hide nothing.
   * @param range only keys in it; what lies outside costs nothing @default all
   */
  list(prefix: string, range?: KeyRange): Promise<StoredObject[]>;
  /** The bytes, the newest version's unless one is named; undefined when there are none. */
  get(key: string, version?: string): Promise<Uint8Array | undefined>;
  /** Writes a new version. Only for what may be written twice with no harm. */
  put(key: string, body: Uint8Array): Promise<void>;
  /** Writes only where the key has never been written (`If-None-Match: *`): of two writers one gets `exists`. */
  putOnce(key: string, body: Uint8Array): Promise<'written' | 'exists'>;
}
