/** One step of the hash, over 4 bytes (little-endian; at the end of the bytes fewer, as if zeros followed). */
export function hashWord(hash: number, word: number): number {
  const mixed = Math.imul(hash ^ word, 0x9e3779b1);
  return mixed ^ (mixed >>> 15);
}

export const HASH_START = 0x811c9dc5 | 0;

/** Quick, and good enough where equality is checked afterwards. */
export function hashBytes(view: DataView, start: number, end: number): number {
  let hash = HASH_START;
  let at = start;
  for (; at + 4 <= end; at += 4) hash = hashWord(hash, view.getInt32(at, true));
  let rest = 0;
  for (let shift = 0; at < end; at++, shift += 8) rest |= view.getUint8(at) << shift;
  return hashWord(hash, rest);
}

export const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** Plain byte order, a prefix first. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i++) {
    const difference = (a[i] as number) - (b[i] as number);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** A copy to keep. `slice` would not do: that of Node's Buffer shares the memory. */
export const copyOf = (bytes: Uint8Array): Uint8Array => new Uint8Array(bytes);

const LONE_SURROGATE = /([\ud800-\udfff])/u;
const encoder = new TextEncoder();

/**
 * UTF-8, and for half of a surrogate pair, which JSON can write and UTF-8 cannot, the three bytes that UTF-8 would have: two
 * texts have the same bytes only when they are the same.
 */
export function bytesOf(text: string): Uint8Array {
  if (!LONE_SURROGATE.test(text)) return encoder.encode(text);
  const parts = text.split(LONE_SURROGATE).map((part, i) => {
    const code = part.charCodeAt(0);
    return i % 2 === 0
      ? [...encoder.encode(part)]
      : [0xe0 | (code >> 12), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63)];
  });
  return Uint8Array.from(parts.flat());
}
