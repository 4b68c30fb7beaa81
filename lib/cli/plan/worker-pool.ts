import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { Impact, LeftOut } from '../../domain/impact/customer-impact.ts';
import { mergeNotes, type Notes } from '../../domain/impact/evaluate.ts';
import { InputError } from '../../domain/input-error.ts';
import type { RulesFiles } from '../../domain/rules/ruleset.ts';
import type { Period } from '../../domain/time/time.ts';
import { type Io, progress } from '../io.ts';
import type { CustomerBlocks } from './stored-customers.ts';
import type { UsageFile } from './usage-files.ts';
import { type BadInput, type PartNews, type PartOrder, WORKER_URL, type WorkerJob } from './worker.ts';

export interface PoolJob {
  readonly base: RulesFiles;
  readonly head: RulesFiles;
  readonly files: readonly UsageFile[];
  readonly customers: CustomerBlocks | null;
  readonly threads: number;
  /** How many times the usage is read, for a part of the customers each time: what bounds memory. */
  readonly passes: number;
  /** Told the last instant of any usage; with several passes that of the first, so the month must be known then. */
  periodOf(latest: number | null): Period;
}

/**
 * Prices in worker threads. Each reads all of the usage and parses only the lines of its own customers, so that several
 * records of one customer meet in one place, wherever they stand.
 * @returns the period
 * @throws InputError the first fault, in the order of files and lines
 */
export async function priceInWorkers(
  job: PoolJob,
  take: (found: Impact | LeftOut) => void,
  notes: Notes,
  io: Io,
): Promise<Period> {
  const of = job.threads * job.passes;
  const { base, head, files, customers } = job;
  const workerJob: WorkerJob = { tollgate: 'plan', base, head, files, customers };
  const workers = Array.from({ length: job.threads }, () => new PlanWorker(workerJob));
  const stop = () => {
    for (const worker of workers) worker.fail(io.signal.reason);
  };
  io.signal.addEventListener('abort', stop, { once: true });
  const total = files.reduce((sum, { size }) => sum + size, 0) * of;
  const shown = progress(io, 'reading usage, bytes:');
  let [bytes, period]: [number, Period | null] = [0, null];
  try {
    for (let pass = 0; pass < job.passes; pass++) {
      io.signal.throwIfAborted();
      const indexOf = (worker: number) => pass * job.threads + worker;
      const read = await Promise.all(
        workers.map((worker, w) =>
          worker.read({ index: indexOf(w), of }, (more) => {
            bytes += more;
            shown.update(bytes, total);
          }),
        ),
      );
      throwFirst(read.flatMap((one) => ('file' in one ? [one] : [])));
      const latest = Math.max(-1, ...read.map((one) => ('latest' in one ? (one.latest ?? -1) : -1)));
      period ??= job.periodOf(latest < 0 ? null : latest);
      const month = period;
      const priced = await Promise.all(workers.map((worker) => worker.price(month, take)));
      throwFirst(priced.flatMap((one) => ('file' in one ? [one] : [])));
      for (const one of priced) if ('notes' in one) mergeNotes(notes, one.notes);
    }
  } finally {
    shown.end();
    io.signal.removeEventListener('abort', stop);
    await Promise.all(workers.map((worker) => worker.end()));
  }
  return period as Period;
}

/** @throws InputError */
function throwFirst(faults: readonly BadInput[]): void {
  const lineOf = ({ path }: BadInput) => Number(/:(\d+)(?: |$)/.exec(path)?.[1] ?? 0);
  const [first] = [...faults].sort((a, b) => a.file - b.file || lineOf(a) - lineOf(b));
  if (!first) return;
  const { code, message, path, hint } = first;
  throw new InputError({ code, message, path, ...(hint === undefined ? {} : { hint }) });
}

/** In a checkout the sources run through tsx, which does not follow into a thread by itself. */
function typescriptEntry(): string {
  const tsx = pathToFileURL(
    join(dirname(createRequire(WORKER_URL).resolve('tsx/package.json')), 'dist/esm/api/index.mjs'),
  );
  return `import(${JSON.stringify(tsx.href)}).then((tsx) => { tsx.register(); return import(${JSON.stringify(WORKER_URL)}); });`;
}

/** One thread and what it was last asked. */
class PlanWorker {
  readonly #worker: Worker;
  #onNews: (news: PartNews) => void = () => undefined;
  #reject: (error: unknown) => void = () => undefined;

  constructor(job: WorkerJob) {
    const options = {
      workerData: job,
      resourceLimits: { maxOldGenerationSizeMb: 4_096, maxYoungGenerationSizeMb: 32 },
    };
    this.#worker = WORKER_URL.endsWith('.ts')
      ? new Worker(typescriptEntry(), { ...options, eval: true })
      : new Worker(new URL(WORKER_URL), options);
    this.#worker.on('message', (news: PartNews) => this.#onNews(news));
    this.#worker.on('error', (error) => this.#reject(error));
  }

  read(
    part: { index: number; of: number },
    onBytes: (bytes: number) => void,
  ): Promise<BadInput | { latest: number | null }> {
    return this.#ask<BadInput | { latest: number | null }>({ order: 'read', part }, (news, done) => {
      if (news.news === 'bytes') onBytes(news.bytes);
      else if (news.news === 'read') done({ latest: news.latest });
      else if (news.news === 'fault') done(news.fault);
    });
  }

  price(period: Period, take: (found: Impact | LeftOut) => void): Promise<BadInput | { notes: Notes }> {
    return this.#ask<BadInput | { notes: Notes }>({ order: 'price', period }, (news, done) => {
      if (news.news === 'found') {
        for (const one of news.found) take(one);
        this.#worker.postMessage({ order: 'taken' } satisfies PartOrder);
      } else if (news.news === 'priced') done({ notes: news.notes });
      else if (news.news === 'fault') done(news.fault);
    });
  }

  /** What was asked will not be answered. */
  fail(reason: unknown): void {
    this.#reject(reason);
  }

  async end(): Promise<void> {
    await this.#worker.terminate();
  }

  #ask<Answer>(order: PartOrder, hear: (news: PartNews, done: (answer: Answer) => void) => void): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#reject = reject;
      this.#onNews = (news) => {
        try {
          hear(news, resolve);
        } catch (error) {
          reject(error);
        }
      };
      this.#worker.postMessage(order);
    });
  }
}
