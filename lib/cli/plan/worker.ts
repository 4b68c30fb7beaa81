import { isMainThread, parentPort, workerData } from 'node:worker_threads';
import { CollectedUsage } from '../../domain/impact/collected-usage.ts';
import type { Impact, LeftOut } from '../../domain/impact/customer-impact.ts';
import { evaluate, type Notes, noNotes, planOf } from '../../domain/impact/evaluate.ts';
import { InputError } from '../../domain/input-error.ts';
import { parseRuleset } from '../../domain/rules/parse-ruleset.ts';
import type { RulesFiles } from '../../domain/rules/ruleset.ts';
import type { ListedCustomer } from '../../domain/segmentation/customer-list.ts';
import type { Period } from '../../domain/time/time.ts';
import { inPart, readUsageFile, type UsageFile } from './usage-files.ts';
import { UsageValues } from './usage-values.ts';

/** What a worker is born with. It then takes one {@link PartOrder} after the other. */
export interface WorkerJob {
  readonly tollgate: 'plan';
  readonly base: RulesFiles;
  readonly head: RulesFiles;
  readonly files: readonly UsageFile[];
}

/** Main thread to worker. A part is first read, then priced: between them the month may have to be found. */
export type PartOrder =
  | { readonly order: 'read'; readonly part: { readonly index: number; readonly of: number } }
  | { readonly order: 'price'; readonly period: Period; readonly customers: readonly ListedCustomer[] | null };

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
const BYTES_STEP = 8 * 1024 * 1024;

/** Where this module lies: a worker runs it as its own entry, as TypeScript, as JavaScript, or inside a bundle. */
export const WORKER_URL = import.meta.url;

if (!isMainThread && (workerData as WorkerJob | null)?.tollgate === 'plan') serve(workerData as WorkerJob);

function serve(job: WorkerJob): void {
  const post = (news: PartNews) => parentPort?.postMessage(news);
  const [base, head] = [parseRuleset(job.base), parseRuleset(job.head)];
  const collected = new CollectedUsage();
  const read = async (part: { index: number; of: number }) => {
    collected.clear();
    const values = new UsageValues(collected, inPart(part));
    let unsaid = 0;
    for (const [index, file] of job.files.entries()) {
      try {
        await readUsageFile(file, values, part, (bytes) => {
          unsaid += bytes;
          if (unsaid < BYTES_STEP) return;
          post({ news: 'bytes', bytes: unsaid });
          unsaid = 0;
        });
      } catch (error) {
        if (!(error instanceof InputError)) throw error;
        const { code, message, path, hint } = error;
        post({ news: 'fault', fault: { file: index, code, message, path, hint } });
        return;
      }
    }
    post({ news: 'read', latest: collected.latest });
  };
  const price = (period: Period, customers: readonly ListedCustomer[] | null) => {
    const notes = noNotes();
    let found: (Impact | LeftOut)[] = [];
    try {
      for (const one of evaluate(planOf(base, head, period), { base: collected, head: collected }, customers, notes)) {
        found.push(one);
        if (found.length < BATCH) continue;
        post({ news: 'found', found });
        found = [];
      }
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      const { code, message, path, hint } = error;
      post({ news: 'fault', fault: { file: 0, code, message, path, hint } });
      return;
    }
    post({ news: 'found', found });
    post({ news: 'priced', notes });
  };
  parentPort?.on('message', (order: PartOrder) => {
    if (order.order === 'price') price(order.period, order.customers);
    else void read(order.part);
  });
}
