import { InputError } from '../../domain/input-error.ts';
import type { UsageCounter } from '../../domain/metering/counter.ts';
import type { ByteSink } from '../../domain/metering/line-splitter.ts';
import { combinedLog } from './combined.ts';
import { type CsvColumns, csvLog } from './csv.ts';

export const LOG_FORMATS = ['combined', 'apigw', 'csv', 'events'] as const;
export type LogFormat = (typeof LOG_FORMATS)[number];

/**
 * Where the bytes of a log go to be counted.
 * @throws InputError `missing-option` for CSV without the name of its time column
 */
export function logSink(format: LogFormat, file: string, counter: UsageCounter, columns?: CsvColumns): ByteSink {
  if (format === 'events') return counter.events(file);
  if (format === 'apigw') return counter.accessLog(file);
  if (format === 'combined') return combinedLog(file, counter);
  if (!columns)
    throw new InputError({ code: 'missing-option', message: 'a CSV log needs the name of its time column' });
  return csvLog(file, counter, columns);
}
