import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

/** Inter (SIL Open Font License 1.1): Latin, Greek, Cyrillic. Read once. */
let fonts: { readonly regular: Uint8Array; readonly bold: Uint8Array } | undefined;

/** The font files that PDF reports embed, from the installed package. */
export function interFonts(): { readonly regular: Uint8Array; readonly bold: Uint8Array } {
  const { resolve } = createRequire(import.meta.url);
  const read = (file: string) => readFileSync(resolve(`@expo-google-fonts/inter/${file}.ttf`));
  fonts ??= { regular: read('400Regular/Inter_400Regular'), bold: read('600SemiBold/Inter_600SemiBold') };
  return fonts;
}
