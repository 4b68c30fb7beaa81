import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Io } from './io.ts';
import { OUTPUTS_FILE } from './outputs.ts';

/**
 * Writes where the served cloud is, for commands in the same folder. A file that is there already stays, unless an embedded
 * cloud left it behind: it may be that of a stack on AWS.
 *
 * @returns takes the file away again, where it is still the one that was written
 */
export function rememberOutputs(outputs: object, io: Pick<Io, 'cwd' | 'stderr'>): () => void {
  const file = resolve(io.cwd, OUTPUTS_FILE);
  if (existsSync(file) && !readFileSync(file, 'utf8').includes('"TollgateEndpoint"')) {
    io.stderr.write(`warning: ${OUTPUTS_FILE} is there already and stays: commands in this folder work on its stack\n`);
    return () => {};
  }
  mkdirSync(dirname(file), { recursive: true });
  const text = `${JSON.stringify(outputs, null, 2)}\n`;
  writeFileSync(file, text);
  return () => {
    if (existsSync(file) && readFileSync(file, 'utf8') === text) rmSync(file);
  };
}
