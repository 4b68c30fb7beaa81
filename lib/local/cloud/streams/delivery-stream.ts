import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { type EpochMs, formatTimestamp, SECOND_MS } from '../../../domain/time/time.ts';
import type { Bucket } from '../objects/bucket.ts';
import { at, number, optionalText, refuse, text } from '../template/read.ts';
import type { Resource } from '../template/template.ts';
import type { SeededRandom } from '../time/seeded-random.ts';
import type { Timer } from '../time/virtual-clock.ts';
import type { World } from '../world.ts';

const compress = promisify(gzip);
const MIB = 1_048_576;

/**
 * A Firehose stream to S3: records are joined as they are, nothing between them, and written as one object when the
 * buffer is full or old. The object is named by the arrival of its oldest record.
 */
export class DeliveryStream {
  readonly name: string;
  readonly arn: string;
  readonly #world: World;
  readonly #random: SeededRandom;
  readonly #bucket: Bucket;
  readonly #prefix: string;
  readonly #gzip: boolean;
  readonly #bufferBytesMax: number;
  readonly #bufferMs: number;
  #records: (string | Uint8Array)[] = [];
  #bytes = 0;
  #oldest: EpochMs = 0;
  #timer: Timer | undefined;

  constructor(world: World, resource: Resource, buckets: ReadonlyMap<string, Bucket>) {
    const path = at(resource, 'ExtendedS3DestinationConfiguration')
      ? 'ExtendedS3DestinationConfiguration'
      : 'S3DestinationConfiguration';
    const bucketArn = text(resource, `${path}.BucketARN`);
    const bucket = [...buckets.values()].find(({ arn }) => arn === bucketArn);
    if (!bucket) throw refuse(resource, `${path}.BucketARN`, `the template has no bucket ${bucketArn}`);
    refuseUnknown(resource, path);
    this.#world = world;
    this.#random = world.random.fork(`stream ${resource.logicalId}`);
    this.#bucket = bucket;
    this.name = resource.ref;
    this.arn = resource.attribute('Arn');
    this.#prefix = checkedPrefix(resource, `${path}.Prefix`);
    this.#gzip = optionalText(resource, `${path}.CompressionFormat`) === 'GZIP';
    this.#bufferBytesMax = number(resource, `${path}.BufferingHints.SizeInMBs`, 5) * MIB;
    this.#bufferMs = number(resource, `${path}.BufferingHints.IntervalInSeconds`, 300) * SECOND_MS;
  }

  put(record: string | Uint8Array): void {
    const { clock, faults } = this.#world;
    const copies = faults.copies?.('firehose-record', this.name) ?? 1;
    for (let copy = 0; copy < copies; copy += 1) {
      const lateMs = faults.delayMs?.('firehose-record', this.name) ?? 0;
      if (lateMs === 0) this.#buffer(record);
      else clock.after(lateMs, `late record of ${this.name}`, () => this.#buffer(record));
    }
  }

  recordId(): string {
    return this.#random.hex(16);
  }

  #buffer(record: string | Uint8Array): void {
    const { clock } = this.#world;
    if (this.#records.length === 0) {
      this.#oldest = clock.now();
      this.#timer = clock.after(this.#bufferMs, `flush of ${this.name}`, () => this.#flush());
    }
    this.#records.push(record);
    this.#bytes += typeof record === 'string' ? Buffer.byteLength(record) : record.length;
    if (this.#bytes < this.#bufferBytesMax) return;
    this.#timer?.cancel();
    const full = this.#take();
    this.#timer = undefined;
    clock.after(0, `flush of ${this.name}`, () => this.#write(full));
  }

  async #flush(): Promise<void> {
    this.#timer = undefined;
    if (this.#records.length > 0) await this.#write(this.#take());
  }

  #take(): { records: readonly (string | Uint8Array)[]; oldest: EpochMs } {
    const { faults } = this.#world;
    const records = faults.order?.('firehose-record', this.name, this.#records) ?? this.#records;
    this.#records = [];
    this.#bytes = 0;
    return { records, oldest: this.#oldest };
  }

  async #write({ records, oldest }: { records: readonly (string | Uint8Array)[]; oldest: EpochMs }): Promise<void> {
    const { clock, faults } = this.#world;
    const plain = Buffer.concat(records.map((record) => (typeof record === 'string' ? Buffer.from(record) : record)));
    const body = this.#gzip ? await compress(plain) : plain;
    const copies = faults.copies?.('firehose-object', this.name) ?? 1;
    for (let copy = 0; copy < copies; copy += 1) {
      const key = this.#key(oldest);
      const headers: Record<string, string> = {
        'content-type': 'application/octet-stream',
        ...(this.#gzip ? { 'content-encoding': 'gzip' } : {}),
      };
      const lateMs = faults.delayMs?.('firehose-object', this.name) ?? 0;
      if (lateMs === 0) this.#bucket.put(key, body, headers);
      else clock.after(lateMs, `late delivery of ${this.name}`, () => void this.#bucket.put(key, body, headers));
    }
  }

  #key(arrival: EpochMs): string {
    const stamp = formatTimestamp(arrival).slice(0, 19);
    const prefix = this.#prefix.replace(/!\{timestamp:([^}]*)\}/g, (_, format: string) => formatted(format, stamp));
    const time = stamp.replace(/[T:]/g, '-');
    return `${prefix}${this.name}-1-${time}-${this.#random.uuid()}${this.#gzip ? '.gz' : ''}`;
  }
}

/** Java's pattern letters, as far as a prefix of UTC date and time needs them. */
function formatted(format: string, stamp: string): string {
  const parts: Record<string, string> = {
    yyyy: stamp.slice(0, 4),
    MM: stamp.slice(5, 7),
    dd: stamp.slice(8, 10),
    HH: stamp.slice(11, 13),
    mm: stamp.slice(14, 16),
    ss: stamp.slice(17, 19),
  };
  return format.replace(/yyyy|MM|dd|HH|mm|ss/g, (part) => parts[part] as string);
}

function checkedPrefix(resource: Resource, path: string): string {
  const prefix = optionalText(resource, path) ?? '!{timestamp:yyyy/MM/dd/HH/}';
  const rest = prefix.replace(/!\{timestamp:(yyyy|MM|dd|HH|mm|ss|[/_=-])*\}/g, '');
  if (rest.includes('!{')) throw refuse(resource, path, `the expression in ${prefix} is not known`);
  return prefix;
}

function refuseUnknown(resource: Resource, path: string): void {
  for (const property of [
    'ProcessingConfiguration',
    'DynamicPartitioningConfiguration',
    'DataFormatConversionConfiguration',
  ]) {
    const enabled = at(resource, `${path}.${property}.Enabled`);
    if (enabled === true || enabled === 'true')
      throw refuse(resource, `${path}.${property}`, 'the embedded cloud does not know it');
  }
  const format = at(resource, `${path}.CompressionFormat`) ?? 'UNCOMPRESSED';
  if (format !== 'GZIP' && format !== 'UNCOMPRESSED')
    throw refuse(resource, `${path}.CompressionFormat`, String(format));
  if (at(resource, `${path}.CustomTimeZone`) !== undefined)
    throw refuse(resource, `${path}.CustomTimeZone`, 'only UTC');
}
