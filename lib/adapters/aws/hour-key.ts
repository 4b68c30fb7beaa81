import { formatHour, type Hour, parseHour } from '../../domain/time/time.ts';

/** An hour in keys: `2026-01-15T10`. Text order is time order. */
export const hourKey = (hour: Hour): string => formatHour(hour).slice(0, 13);

/** @throws InputError unless the text is such a key */
export const hourFromKey = (key: string): Hour => parseHour(`${key}:00:00Z`);

/** `2026-01-15T10#3`: adjustment n of an hour, 0 for its close. Numbers do not sort as text, so readers sort again. */
export const adjustmentKey = (hour: Hour, adjustment: number): string => `${hourKey(hour)}#${adjustment}`;
