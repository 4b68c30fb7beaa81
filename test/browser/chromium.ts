import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const PLACES = [
  process.env.CHROMIUM_PATH ?? '',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
];

/** Undefined where this machine has none; CHROMIUM_PATH names one that stands elsewhere. */
export async function launchChromium(): Promise<Browser | undefined> {
  const executablePath = PLACES.find((path) => path !== '' && existsSync(path));
  return executablePath === undefined ? undefined : await chromium.launch({ executablePath, args: ['--no-sandbox'] });
}
