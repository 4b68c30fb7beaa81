import type { Command } from 'commander';
import { OUTPUTS_FILE } from './outputs.ts';

/** The options of {@link addStackOptions}. */
export interface StackFlags {
  readonly outputs?: string;
  readonly stack?: string;
}

/** Adds `--outputs` and `--stack`, the same for every command that works on a stack. Light: it imports no SDK. */
export function addStackOptions(command: Command): Command {
  return command
    .option('--outputs <file>', `what \`cdk deploy --outputs-file\` wrote (default: ${OUTPUTS_FILE})`)
    .option('--stack <name>', 'of the stacks in that file; needed where several hold a Tollgate');
}
