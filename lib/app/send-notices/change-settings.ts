import { type AlertSettings, plainSettings } from '../../domain/alerts/settings.ts';
import type { AlertSettingsStore } from '../ports/notices.ts';

/** More than any real contention: one person and one function. */
const ATTEMPTS_MAX = 10;

/**
 * Changes a customer's settings, again from the newest ones when another writer was faster.
 * @param change the new settings, or undefined to leave them; may run several times
 * @returns the settings as they are now
 */
export async function changeSettings(
  store: AlertSettingsStore,
  customer: string,
  change: (settings: AlertSettings) => AlertSettings | undefined,
): Promise<AlertSettings> {
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    const settings = (await store.settings(customer)) ?? plainSettings(customer);
    const changed = change(settings);
    if (!changed) return settings;
    const next = { ...changed, version: settings.version + 1 };
    if ((await store.saveSettings(next)) === 'saved') return next;
  }
  throw new Error(`the alert settings of ${customer} changed ${ATTEMPTS_MAX} times while they were being written`);
}
