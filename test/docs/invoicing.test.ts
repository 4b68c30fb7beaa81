import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { addCreditsCommand } from '../../lib/cli/credits.ts';
import { addExportCommand } from '../../lib/cli/export.ts';
import { addInvoiceCommand } from '../../lib/cli/invoice.ts';
import type { Io } from '../../lib/cli/io.ts';
import { main } from '../../lib/cli/main.ts';
import { addReconcileCommand } from '../../lib/cli/reconcile.ts';
import { addVerifyCommand } from '../../lib/cli/verify.ts';

const COMMANDS = [addInvoiceCommand, addCreditsCommand, addExportCommand, addReconcileCommand, addVerifyCommand];
const page = (name: string) => readFileSync(join(import.meta.dirname, `../../docs/${name}`), 'utf8');

async function help(words: readonly string[]): Promise<string> {
  const stdout = new PassThrough();
  const io: Io = {
    ...{ stdout, stderr: new PassThrough(), stdin: new PassThrough(), env: {}, cwd: '/', exitCode: 0 },
    ...{ isTerminal: { stdout: false, stderr: false }, clock: { now: () => 0 }, signal: new AbortController().signal },
  };
  await main([...words, '--help'], io, COMMANDS, '0');
  expect([words, io.exitCode]).toEqual([words, 0]);
  return String(stdout.read() ?? '');
}

/** Commands as a page gives them, in blocks and in running text, over line ends where a backslash says so. */
const commandsIn = (text: string): string[] => {
  const joined = text.replaceAll('\\\n', ' ');
  return [...joined.matchAll(/tollgate ([a-z][^`\n&]*)/g)].map(([, words = '']) => words.trim());
};

describe.each(['invoicing.md', 'verify.md'])('docs/%s', (name) => {
  const commands = commandsIn(page(name)).filter((command) => !command.startsWith('dev'));
  test('has commands', () => expect(commands.length).toBeGreaterThan(2));
  test.each(commands)('tollgate %s: the command is there, with its options', async (command) => {
    const words = command.split(/\s+/);
    const [first = '', second = ''] = words;
    const isGroup = first === 'invoice' || first === 'credits';
    const shown = await help(isGroup ? [first, second] : [first]);
    for (const flag of command.match(/--[a-z-]+/g) ?? [])
      expect([command, shown]).toEqual([command, expect.stringContaining(flag)]);
  });
});

test('every state of a held invoice that the code knows by name is explained', () => {
  const told = page('invoicing.md');
  for (const code of [
    'first-run',
    'anomaly',
    'lines-differ',
    'total-differs',
    'invoice-gone',
    'idempotency-mismatch',
  ]) {
    expect(told).toContain(`\`${code}\``);
  }
});
