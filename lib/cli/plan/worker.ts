import { isMainThread, parentPort, workerData } from 'node:worker_threads';
import { CollectedUsage } from '../../domain/impact/collected-usage.ts';
import type { Impact, LeftOut } from '../../domain/impact/customer-impact.ts';
import { evaluate, type Notes, noNotes, planOf } from '../../domain/impact/evaluate.ts';
import { InputError } from '../../domain/input-error.ts';
import { parseRuleset } from '../../domain/rules/parse-ruleset.ts';
import type { Ruleset, RulesFiles } from '../../domain/rules/ruleset.ts';
import type { Period } from '../../domain/time/time.ts';
import { type CustomerBlocks, customersIn } from './stored-customers.ts';
import { inPart, type Part, readUsageFile, type UsageFile } from './usage-files.ts';
import { UsageValues } from './usage-values.ts';

/** What a worker is born with. It then takes one {@link PartOrder} after the other. */
export interface WorkerJob {
  readonly tollgate: 'plan';
  readonly base: RulesFiles;
  readonly head: RulesFiles;
  readonly files: readonly UsageFile[];
  readonly customers: CustomerBlocks | null;
}

/** Main thread to worker. A part is first read, then priced: between them the month may have to be found. */
export type PartOrder =
  | { readonly order: 'read'; readonly part: { readonly index: number; readonly of: number } }
  | { readonly order: 'price'; readonly period: Period }
  /** One batch of what was found is taken: another may come. */
  | { readonly order: 'taken' };

/** Worker to main thread. */
export type PartNews =
  | { readonly news: 'bytes'; readonly bytes: number }
  | { readonly news: 'read'; readonly latest: number | null }
  | { readonly news: 'found'; readonly found: readonly (Impact | LeftOut)[] }
  | { readonly news: 'priced'; readonly notes: Notes }
  | { readonly news: 'fault'; readonly fault: BadInput };

/** An `InputError` as a message, and which file it is about, so that the first of several workers' faults can be told. */
export interface BadInput {
  readonly file: number;
  readonly code: string;
  readonly message: string;
  readonly path: string;
  readonly hint: string | undefined;
}

const BATCH = 1_000;
/** What has been found and not been taken: more would fill the memory of a main thread that is slower. */
const BATCHES_UNDER_WAY = 4;
const BYTES_STEP = 8 * 1024 * 1024;

/** Where this module lies: a worker runs it as its own entry, as TypeScript, as JavaScript, or inside a bundle. */
export const WORKER_URL = import.meta.url;

const post = (news: PartNews) => parentPort?.postMessage(news);

/** @returns what the main thread is told of bad input. @throws anything else */
function badInput(error: unknown, file: number): BadInput {
  if (!(error instanceof InputError)) throw error;
  const { code, message, path, hint } = error;
  return { file, code, message, path, hint };
}

function serve(job: WorkerJob): void {
  const part = new WorkerPart(job);
  parentPort?.on('message', (order: PartOrder) => {
    if (order.order === 'taken') part.taken();
    else void (order.order === 'price' ? part.price(order.period) : part.read(order.part));
  });
}

/** The part of the customers that a worker has at hand. */
class WorkerPart {
  readonly #job: WorkerJob;
  readonly #base: Ruleset;
  readonly #head: Ruleset;
  readonly #collected = new CollectedUsage();
  #part: Part = { index: 0, of: 1 };
  #underWay = 0;
  #resume: () => void = () => undefined;

  constructor(job: WorkerJob) {
    this.#job = job;
    [this.#base, this.#head] = [parseRuleset(job.base), parseRuleset(job.head)];
  }

  async read(part: Part): Promise<void> {
    this.#part = part;
    this.#collected.clear();
    const values = new UsageValues(this.#collected, inPart(part));
    let unsaid = 0;
    for (const [index, file] of this.#job.files.entries()) {
      try {
        await readUsageFile(file, values, part, (bytes) => {
          unsaid += bytes;
          if (unsaid < BYTES_STEP) return;
          post({ news: 'bytes', bytes: unsaid });
          unsaid = 0;
        });
      } catch (error) {
        post({ news: 'fault', fault: badInput(error, index) });
        return;
      }
    }
    post({ news: 'read', latest: this.#collected.latest });
  }

  async price(period: Period): Promise<void> {
    const { customers } = this.#job;
    const [notes, usage] = [noNotes(), { base: this.#collected, head: this.#collected }];
    const listed = customers && customersIn(customers, this.#part);
    let found: (Impact | LeftOut)[] = [];
    try {
      for (const one of evaluate(planOf(this.#base, this.#head, period), usage, listed, notes)) {
        found.push(one);
        if (found.length < BATCH) continue;
        await this.#tell(found);
        found = [];
      }
    } catch (error) {
      post({ news: 'fault', fault: badInput(error, 0) });
      return;
    }
    await this.#tell(found);
    post({ news: 'priced', notes });
  }

  taken(): void {
    this.#underWay--;
    this.#resume();
  }

  async #tell(found: readonly (Impact | LeftOut)[]): Promise<void> {
    while (this.#underWay >= BATCHES_UNDER_WAY) {
      await new Promise<void>((resume) => {
        this.#resume = resume;
      });
    }
    this.#underWay++;
    post({ news: 'found', found });
  }
}

if (!isMainThread && (workerData as WorkerJob | null)?.tollgate === 'plan') serve(workerData as WorkerJob);
