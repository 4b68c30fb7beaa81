import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { Duration } from 'aws-cdk-lib';
import { InputError } from '../domain/input-error.ts';
import { DAY_MS, parseMonth } from '../domain/time/time.ts';
import { synthesize } from '../local/cloud/synth.ts';
import { COMPANIES } from '../local/demo/companies.ts';
import type { LivedMonth, LivingOptions } from '../local/demo/lived.ts';
import { liveLog } from '../local/demo/log-month.ts';
import { liveMonth } from '../local/demo/month.ts';
import { summarize } from '../local/demo/summary.ts';
import { summaryText } from '../local/demo/summary-text.ts';
import { checkPorts, type Served, serveMonth } from '../local/serve.ts';
import type { DevFlags } from './dev.ts';
import { type Io, progress } from './io.ts';
import { OUTPUTS_FILE } from './outputs.ts';
import { rememberOutputs } from './remember-outputs.ts';

/**
 * The project's own stack with five settings for a month in seconds: fewer, larger ledger objects, authorizations that
 * are remembered for an hour, hours that are closed six at a time, invoices that do not wait for the last of them to be late,
 * and quiet customers who are looked at once a day.
 */
const LOCAL = {
  exempt: ['/health'],
  commit: 'local',
  portal: {},
  notices: { from: 'billing@example.com' },
  buffering: { seconds: 900, mebibytes: 64 },
  authorizerTtl: Duration.hours(1),
  closeEvery: Duration.hours(6),
  invoiceDelayHours: 27,
  lookEvery: Duration.hours(24),
} as const;

/** @throws InputError for flags, rules or a log that cannot be worked with, a taken port, a full disk */
export async function dev(flags: DevFlags, io: Io): Promise<void> {
  const settings = readFlags(flags, io);
  if (flags.serve) await checkPorts(settings.port);
  const started = performance.now();
  let firstMetered: number | null = null;
  const bar = progress(io, 'Living the month: day');
  try {
    const template = await synthesize({ ...LOCAL, rules: settings.rules });
    const options: LivingOptions = {
      ...{ template, period: settings.period, seed: flags.seed, signal: io.signal },
      onDay: (day, days) => bar.update(day, days),
      onFirstMetered: () => {
        firstMetered = performance.now() - started;
      },
    };
    const { format } = settings;
    const month = flags.log ? await liveLog(flags.log, format, options) : await liveMonth(COMPANIES, options);
    bar.end();
    try {
      await show(month, flags, io, { took: performance.now() - started, firstMetered });
      if (flags.serve) await serve(month, settings, io);
    } finally {
      await month.tollgate.stop();
    }
  } catch (error) {
    bar.end();
    throw explained(error);
  }
}

interface Timing {
  /** Milliseconds. */
  readonly took: number;
  readonly firstMetered: number | null;
}

async function show(month: LivedMonth, flags: DevFlags, io: Io, { took, firstMetered }: Timing): Promise<void> {
  const summary = await summarize(month);
  const seconds = (ms: number) => `${(ms / 1_000).toFixed(1)} s`;
  const first = firstMetered === null ? '' : `, the first call metered after ${seconds(firstMetered)}`;
  io.stdout.write(flags.json ? `${JSON.stringify(summary, null, 2)}\n` : summaryText(summary));
  if (!flags.json) io.stdout.write(`  took          ${seconds(took)}${first}\n`);
}

interface Settings {
  readonly rules: string;
  readonly period: LivingOptions['period'];
  readonly format: 'combined' | 'apigw';
  readonly port: number;
  readonly speed: number;
}

function readFlags(flags: DevFlags, io: Io): Settings {
  const { format, rules, month } = flags;
  if (format !== 'combined' && format !== 'apigw') {
    throw new InputError({
      code: 'unknown-format',
      path: '--format',
      message: `${JSON.stringify(format)} is not a format that can be replayed`,
      hint: 'combined or apigw; a CSV has no routes: count it with tollgate meter',
    });
  }
  const folder = resolve(io.cwd, rules);
  if (!existsSync(folder)) {
    throw new InputError({
      code: 'no-rules',
      path: '--rules',
      message: `there is no folder ${rules}`,
      hint: 'copy the one of the project',
    });
  }
  return {
    ...{ rules: folder, format, period: parseMonth(month) },
    port: wholeNumber('--port', flags.port, 0, 65_534),
    speed: wholeNumber('--speed', flags.speed, 1, 3_600),
  };
}

function wholeNumber(flag: string, text: string, least: number, most: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  const message = `${JSON.stringify(text)} is not a whole number from ${least} to ${most}`;
  throw new InputError({ code: 'not-a-number', path: flag, message });
}

/** Days of the next month that are lived before it is served: enough of an open month to look at, and to forecast. */
const DAYS_AFTER = 9;

async function liveOn({ goOn, clock, period }: LivedMonth, io: Io): Promise<void> {
  const bar = progress(io, 'Living on into the next month: day');
  for (let day = 2; goOn !== null && day <= DAYS_AFTER; day++) {
    bar.update(day, DAYS_AFTER);
    await goOn(Math.max(clock.now(), period.end + day * DAY_MS));
  }
  bar.end();
}

/** Serves until Ctrl-C. */
async function serve(month: LivedMonth, { port, speed }: Settings, io: Io): Promise<void> {
  await liveOn(month, io);
  const served: Served = await serveMonth(month, { port, speed });
  const forget = rememberOutputs(served.outputs, io);
  const out = (text: string) => io.stdout.write(`${text}\n`);
  out('');
  out(`  Pages         ${served.pagesUrl}`);
  out(`  Gateway       ${served.gatewayUrl}`);
  out(`  Try           ${served.curl}`);
  out(`  The call appears within seconds on ${served.pagesUrl}/customers/${encodeURIComponent(month.sample.customer)}`);
  out(`  Operators     tollgate export, verify, reconcile and others work on it in this folder (${OUTPUTS_FILE})`);
  out(`  One minute here is ${speed} of the month. Ctrl-C stops.`);
  try {
    if (!io.signal.aborted)
      await new Promise<void>((done) => io.signal.addEventListener('abort', () => done(), { once: true }));
  } finally {
    forget();
    await served.close();
  }
}

/** What a person can do something about, in one line. */
function explained(error: unknown): unknown {
  if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') return error;
  return new InputError({
    code: 'disk-full',
    message: 'the disk is full: the template could not be written',
    hint: 'free some space in the temporary folder, or set TMPDIR to another one',
  });
}
