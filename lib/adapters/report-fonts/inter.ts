import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const REGULAR = 'Inter_400Regular.ttf';
const SEMI_BOLD = 'Inter_600SemiBold.ttf';

/** The files of the installed package that the build lays beside a function's code, in `fonts/`. */
export const INTER_FILES = [`400Regular/${REGULAR}`, `600SemiBold/${SEMI_BOLD}`] as const;

/** Inter (SIL Open Font License 1.1): Latin, Greek, Cyrillic. Read once. */
let fonts: { readonly regular: Uint8Array; readonly bold: Uint8Array } | undefined;

/**
 * The font files that PDF reports embed.
 * @param codeFolder of a deployed function (`LAMBDA_TASK_ROOT`); where it has no fonts, the installed package is read
 */
export function interFonts(codeFolder?: string): { readonly regular: Uint8Array; readonly bold: Uint8Array } {
  if (fonts !== undefined) return fonts;
  const beside = codeFolder === undefined ? undefined : join(codeFolder, 'fonts');
  const installed = (file: string) => createRequire(import.meta.url).resolve(`@expo-google-fonts/inter/${file}`);
  const read =
    beside !== undefined && existsSync(beside)
      ? (file: string) => readFileSync(join(beside, file.slice(file.indexOf('/') + 1)))
      : (file: string) => readFileSync(installed(file));
  fonts = { regular: read(INTER_FILES[0]), bold: read(INTER_FILES[1]) };
  return fonts;
}
