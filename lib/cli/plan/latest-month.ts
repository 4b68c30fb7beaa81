import type { Io } from '../io.ts';
import { chunksOf, type UsageFile } from './usage-files.ts';

/** Longer than `"hour": "2026-10-01T00:00:00Z"` with some spaces: what may lie across two chunks. */
const OVERLAP = 64;
const HOUR = /"(?:hour|end)"\s*:\s*"(\d{4}-\d\d-\d\dT\d\d)/g;

/**
 * The month of the latest usage, found by looking at the text alone: for usage that is read in several passes, since the
 * first pass sees only a part of the customers. A period's end counts only where no hour is as late.
 */
export async function latestMonth(files: readonly UsageFile[], io: Io): Promise<string | undefined> {
  let [hour, end] = ['', ''];
  for (const file of files) {
    let rest = '';
    for await (const chunk of chunksOf(file)) {
      io.signal.throwIfAborted();
      const text = rest + chunk.toString('latin1');
      for (const [found, at] of text.matchAll(HOUR)) {
        if (found.startsWith('"hour"')) {
          if ((at as string) > hour) hour = at as string;
        } else if ((at as string) > end) end = at as string;
      }
      rest = text.slice(-OVERLAP);
    }
  }
  return (hour || end).slice(0, 7) || undefined;
}
