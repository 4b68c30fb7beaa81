import { isAbsolute, join } from 'node:path';
import type { CsvColumns } from '../../adapters/log-formats/csv.ts';
import { readInto } from '../../adapters/log-formats/open-log.ts';
import { LOG_FORMATS, type LogFormat, logSink } from '../../adapters/log-formats/read-log.ts';
import { CollectedUsage } from '../../domain/impact/collected-usage.ts';
import type { UsageOfSides } from '../../domain/impact/evaluate.ts';
import type { Notice } from '../../domain/impact/report.ts';
import { InputError } from '../../domain/input-error.ts';
import { type CompiledMeters, compileMeters } from '../../domain/metering/compile-meters.ts';
import { UsageCounter } from '../../domain/metering/counter.ts';
import { asLogged } from '../../domain/metering/interned.ts';
import type { Meters, UsageRecord } from '../../domain/metering/meters.ts';
import { type Io, progress } from '../io.ts';
import type { PlanFlags } from '../plan.ts';
import { UsageValues } from './usage-values.ts';

/**
 * Meters raw logs as each side would: by the meters of base, and again by those of head where they differ.
 * @throws InputError
 */
export async function collectLogs(
  flags: PlanFlags,
  meters: { readonly base: Meters; readonly head: Meters },
  io: Io,
): Promise<{ usage: UsageOfSides; notices: Notice[] }> {
  const first = await meterLogs(flags, meters.base, io);
  const same = JSON.stringify(meters.base) === JSON.stringify(meters.head);
  const second = same ? first : await meterLogs(flags, meters.head, io);
  return { usage: { base: first.collected, head: second.collected }, notices: first.notices };
}

async function meterLogs(flags: PlanFlags, meters: Meters, io: Io) {
  const format = formatOf(flags.logFormat ?? '');
  const compiled = compileMeters(meters);
  const columns = columnsOf(flags, format, compiled);
  const counter = new UsageCounter({ meters: compiled, customerOf: asLogged });
  const shown = progress(io, 'metering, bytes read:');
  let before = 0;
  try {
    for (const file of flags.usage) {
      const from = file === '-' ? io.stdin : isAbsolute(file) ? file : join(io.cwd, file);
      let read = 0;
      await readInto(logSink(format, file, counter, columns), { name: file, from }, io.signal, (bytes) => {
        read = bytes;
        shown.update(before + bytes);
      });
      before += read;
    }
  } finally {
    shown.end();
  }
  const { lines, malformed, records } = counter.finish();
  const collected = new CollectedUsage();
  const values = new UsageValues(collected, () => true);
  for (const record of records()) values.record(record satisfies UsageRecord);
  const [bad] = malformed;
  const notices: Notice[] = bad
    ? [
        {
          code: 'malformed-lines',
          severity: 'warning',
          file: null,
          message: `${lines.malformed} of ${lines.read} lines are malformed and count nowhere, first ${bad.file}:${bad.line}: ${bad.reason}`,
        },
      ]
    : [];
  return { collected, notices };
}

function formatOf(format: string): LogFormat {
  const found = LOG_FORMATS.find((known) => known === format);
  if (found) return found;
  const message = `unknown format ${JSON.stringify(format)}`;
  throw new InputError({
    code: 'not-allowed',
    message,
    path: '--log-format',
    hint: `one of ${LOG_FORMATS.join(', ')}`,
  });
}

function columnsOf(flags: PlanFlags, format: LogFormat, meters: CompiledMeters): CsvColumns | undefined {
  const { timeColumn, customerColumn, measure = [] } = flags;
  if (format !== 'csv') return undefined;
  if (timeColumn === undefined) {
    throw new InputError({ code: 'missing-option', message: '--log-format csv needs --time-column NAME' });
  }
  const measures = measure.map((text) => {
    const [, meter, column] = /^([A-Za-z0-9][A-Za-z0-9._-]*)=(.+)$/s.exec(text) ?? [];
    if (meter !== undefined && column !== undefined) return { meter, column };
    const message = `${JSON.stringify(text)} is not METER=COLUMN`;
    throw new InputError({ code: 'not-a-measure', message, path: '--measure', hint: 'such as tokens=ContextTokens' });
  });
  return { time: timeColumn, ...(customerColumn === undefined ? {} : { customer: customerColumn }), measures, meters };
}
