import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import type { Io } from '../../lib/cli/io.ts';
import { main } from '../../lib/cli/main.ts';
import { addPlanCommand } from '../../lib/cli/plan.ts';
import type { RulesFiles } from '../../lib/domain/rules/ruleset.ts';
import { parseTimestamp } from '../../lib/domain/time/time.ts';
import { type AnyJson, edited, shippedRules } from '../domain/rules/shipped-rules.ts';

/** A folder to run `tollgate plan` in; the clock stands at 2026-11-15. */
export class PlanWorld {
  readonly folder = mkdtempSync(join(tmpdir(), 'tollgate-plan-'));

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  write(name: string, content: string | Buffer): string {
    const path = join(this.folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
    return name;
  }

  /** A rules folder of that name. */
  rules(name: string, files: RulesFiles = shippedRules()): string {
    for (const [path, text] of Object.entries(files)) this.write(`${name}/${path}`, text);
    return name;
  }

  lines(name: string, values: readonly unknown[]): string {
    return this.write(name, values.map((value) => `${JSON.stringify(value)}\n`).join(''));
  }

  json(name: string, value: unknown): string {
    return this.write(name, JSON.stringify(value));
  }

  io(options: Partial<Io> = {}): Io {
    return {
      stdout: new PassThrough(),
      stderr: new PassThrough(),
      stdin: Readable.from([]),
      env: {},
      cwd: this.folder,
      isTerminal: { stdout: false, stderr: false },
      clock: { now: () => parseTimestamp('2026-11-15T12:00:00Z') },
      signal: new AbortController().signal,
      exitCode: 0,
      ...options,
    };
  }

  async plan(args: readonly string[], options: Partial<Io> = {}) {
    const [stdout, stderr] = [new PassThrough(), new PassThrough()];
    const io = this.io({ stdout, stderr, ...options });
    const [out, err] = [stdout.toArray(), stderr.toArray()];
    await main(['plan', ...args], io, [addPlanCommand], '0.0.0');
    stdout.end();
    stderr.end();
    return { out: (await out).join(''), err: (await err).join(''), exitCode: io.exitCode };
  }

  /** The JSON report; stderr must be silent. */
  async report(args: readonly string[]): Promise<AnyJson> {
    const { out, err, exitCode } = await this.plan([...args, '--format', 'json']);
    if (err !== '') throw new Error(err);
    return { ...JSON.parse(out), exitCode };
  }
}

export const OCTOBER = { start: '2026-10-01T00:00:00Z', end: '2026-11-01T00:00:00Z' };

/** Calls spread evenly over the days of October 2026, and as many a day in September, so that nobody grows. */
export function calls(customer: string, total: number, group?: string): AnyJson {
  const perDay = Math.floor(total / 31);
  const september = Array.from({ length: 30 }, (_, day) => entry(9, day + 1, perDay, group));
  const period = { start: '2026-09-01T00:00:00Z', end: OCTOBER.end };
  return { customer, period, usage: [...september, ...october(total, perDay, group)] };
}

/** The same without a history. */
export const onlyOctober = (customer: string, total: number): AnyJson => ({
  customer,
  period: OCTOBER,
  usage: october(total, Math.floor(total / 31)),
});

const october = (total: number, perDay: number, group?: string) =>
  Array.from({ length: 31 }, (_, day) => entry(10, day + 1, day === 30 ? total - 30 * perDay : perDay, group));

const entry = (month: number, day: number, quantity: number, group?: string) => ({
  meter: 'api-calls',
  ...(group === undefined ? {} : { group }),
  hour: `2026-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}T09:00:00Z`,
  quantity: String(quantity),
});

/** Companies that meet every kind of rule of the shipped rules. */
export const COMPANIES = {
  customers: [
    { id: 'bolt', createdAt: '2025-09-01', facts: { industry: 'fintech', companySize: 30 } },
    { id: 'clinic', createdAt: '2026-02-01', facts: { industry: 'healthcare', companySize: 250 } },
    { id: 'corp', createdAt: '2023-05-01', facts: { companySize: 2000 } },
    { id: 'hobby', createdAt: '2026-08-01', facts: {} },
    { id: 'idle', createdAt: '2025-08-01', facts: { industry: 'fintech' } },
    { id: 'legacy', createdAt: '2025-02-01', facts: { industry: 'fintech', companySize: 12 } },
    { id: 'sprout', createdAt: '2026-03-01', facts: { startupProgramme: true, companySize: 35 } },
    { id: 'volume', createdAt: '2026-01-10', facts: { industry: 'media', companySize: 80 } },
  ],
};
export const COMPANIES_USAGE = [
  calls('bolt', 24_000),
  calls('bolt', 900, 'payments'),
  calls('clinic', 52_000),
  calls('corp', 800_000),
  calls('hobby', 1_200),
  calls('legacy', 18_000),
  calls('sprout', 40_000),
  calls('volume', 310_000, 'bulk'),
];

/** A new version of the growth card, in force from December: the entry fee rises. */
export function dearerGrowth(amount = '54.00'): RulesFiles {
  const files = shippedRules();
  const card = JSON.parse(files['rate-cards/growth/2026-01-01.json'] ?? '');
  card.effectiveFrom = '2026-12-01';
  card.rationale = 'Support answers within four hours since June, and the entry fee pays for the second shift.';
  card.charges[0].price.amount = amount;
  return { ...files, 'rate-cards/growth/2026-12-01.json': `${JSON.stringify(card, null, 2)}\n` };
}

/** The same, and the startup programme ends at twenty people. */
export const smallerProgramme = (): RulesFiles =>
  edited(dearerGrowth(), 'segments.json', (json) => {
    json.rules.find((rule: AnyJson) => rule.name === 'startup').conditions.all[1].value = 20;
  });
