/** A command line of the README. */
export interface Command {
  /** Line of the file, from 1. */
  readonly at: number;
  readonly line: string;
  /** What it exits with, as a comment behind it says (`# exits 2`). */
  readonly exit: number;
}

/** What the test does with a command. */
export type Plan =
  /** A script of package.json that is tested elsewhere: it is enough that it is there. */
  | { readonly kind: 'script'; readonly script: string }
  /** A command of another program, or one that would not end. */
  | { readonly kind: 'named' }
  | { readonly kind: 'run'; readonly shell: string }
  | { readonly kind: 'unknown' };

/** The commands in fenced `sh` blocks; a backslash at the end of a line joins it to the next. */
export function commandsIn(markdown: string): Command[] {
  const commands: Command[] = [];
  let inside = false;
  let open: { at: number; text: string } | undefined;
  for (const [index, raw] of markdown.split('\n').entries()) {
    const fence = /^\s*```(\w*)/.exec(raw);
    if (fence) {
      inside = !inside && ['sh', 'bash', 'shell'].includes(fence[1] ?? '');
      open = undefined;
      continue;
    }
    if (!inside) continue;
    const text: string = open ? `${open.text} ${raw.trim()}` : raw.trim().replace(/^\$ /, '');
    const at: number = open?.at ?? index + 1;
    open = text.endsWith('\\') ? { at, text: text.slice(0, -1).trimEnd() } : undefined;
    if (open) continue;
    const [, line = '', comment = ''] = /^(.*?)(?:(?:^|\s+)#\s*(.*))?$/.exec(text) ?? [];
    if (line === '') continue;
    const exit = Number(/\bexits? (\d+)/.exec(comment)?.[1] ?? 0);
    const parts = line.split(/\s+&&\s+/);
    commands.push(...parts.map((part, i) => ({ at, line: part, exit: i === parts.length - 1 ? exit : 0 })));
  }
  return commands;
}

export const scriptsOf = (packageJson: string): ReadonlySet<string> =>
  new Set(Object.keys((JSON.parse(packageJson) as { scripts: Record<string, string> }).scripts));

/** What a reader does with other programs, which no test of ours runs. */
const NAMED = [
  /^git clone \S+( \S+)?$/,
  /^cd \S+$/,
  /^npm (install|ci)( (--save-dev|-D))?( (\.\/)?[\w@./-]+)*$/,
  /^(npx )?cdk (bootstrap|deploy|diff|synth)\b[\w\s./=:-]*$/,
  /^curl [^;&|`$]+$/,
];
/** Serve until they are stopped, or ask AWS. */
const NOT_RUN = /^(dev|customers)\b/;

/** @param scripts of package.json */
export function planOf(line: string, scripts: ReadonlySet<string>): Plan {
  const args = /^(?:npm run (?:-s|--silent) tollgate --|(?:npx )?tollgate)(?: (.*))?$/.exec(line);
  if (args) return tollgatePlan(args[1] ?? '');
  const [, lifecycle, named] = /^npm (?:(start|test)|run (?:-s |--silent )?([\w:-]+))(?: -- .*)?$/.exec(line) ?? [];
  const script = lifecycle ?? named;
  if (script !== undefined) return scripts.has(script) ? { kind: 'script', script } : { kind: 'unknown' };
  return NAMED.some((pattern) => pattern.test(line)) ? { kind: 'named' } : { kind: 'unknown' };
}

function tollgatePlan(args: string): Plan {
  // Only what a reader types to look at an answer: a pipe, a redirection into the test's folder.
  if (/[;&`]|\$\(|<\(/.test(args)) return { kind: 'unknown' };
  if (NOT_RUN.test(args) && !args.includes('--help')) return { kind: 'named' };
  const redirected = args.replace(
    /(>\s*|--out\s+)([\w./-]+)/g,
    (_, how: string, file: string) => `${how}"$OUT/${file.replaceAll('/', '-')}"`,
  );
  return { kind: 'run', shell: `node --import tsx bin/tollgate.ts ${redirected}` };
}
