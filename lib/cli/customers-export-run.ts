import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { readRulesFolder } from '../adapters/rules-folder/read-rules-folder.ts';
import { inParallel } from '../app/in-parallel.ts';
import type { Directory } from '../app/ports/directory.ts';
import { parseRuleset } from '../domain/rules/parse-ruleset.ts';
import { listedCustomer } from '../domain/segmentation/listed-customer.ts';
import { hourOf } from '../domain/time/time.ts';
import type { StackFlags } from './connect-options.ts';
import { parseAt } from './decide-input.ts';
import { type Io, progress } from './io.ts';

export interface ExportFlags extends StackFlags {
  readonly rules: string;
  readonly at?: string;
  readonly out?: string;
}
export type FindDirectory = (flags: StackFlags, io: Io) => Promise<{ readonly directory: Directory }>;

const ofStack: FindDirectory = async (flags, io) => (await (await import('./connect.ts')).connect(flags, io)).stores;

const READ_AT_ONCE = 16;

/**
 * Writes the customers file of a deployed stack, as `decide` and `plan` read it. Who has left is not in it: nothing that is
 * decided concerns them any more. The same state gives the same bytes.
 *
 * @throws InputError for a day that is none, and for rules that cannot be read
 */
export async function runExport(flags: ExportFlags, io: Io, find: FindDirectory = ofStack): Promise<void> {
  const { facts } = parseRuleset(await readRulesFolder(resolve(io.cwd, flags.rules), flags.rules));
  const at = flags.at === undefined ? hourOf(io.clock.now()) : parseAt(flags.at);
  const { directory } = await find(flags, io);
  const ids: string[] = [];
  for await (const id of directory.customers()) ids.push(id);
  const shown = progress(io, 'reading, customers:');
  let read = 0;
  const profiles = await inParallel(ids.sort(), READ_AT_ONCE, async (id) => {
    shown.update(++read, ids.length);
    return directory.profile(id);
  });
  shown.end();
  const here = profiles.flatMap((profile) =>
    profile === undefined || (profile.status === 'closed' && profile.reopensAt === undefined) ? [] : [profile],
  );
  const customers = here.map((profile) => listedCustomer(profile, at, facts));
  const text = `${JSON.stringify({ customers }, null, 2)}\n`;
  if (flags.out === undefined) io.stdout.write(text);
  else await writeFile(resolve(io.cwd, flags.out), text);
  const left = profiles.length - here.length;
  const of = flags.out === undefined ? '' : ` in ${flags.out}`;
  io.stderr.write(`${customers.length} customers${of}; ${left} who left are not among them\n`);
}
