import { InputError } from '../../domain/input-error.ts';
import type { InvoicingSettings } from '../../domain/invoicing/review.ts';
import { parseDecimal } from '../../domain/money/decimal.ts';

/**
 * Reads what the construct wrote into the functions' environment (`INVOICING_SETTINGS`, JSON).
 * @throws InputError `not-invoicing-settings`: a function that does not know how careful to be must not start
 */
export function parseSettings(text: string): InvoicingSettings {
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch {
    throw wrong('it is not JSON');
  }
  const { mode, approveFirstRun, anomaly } = (given ?? {}) as Record<string, unknown>;
  if (mode !== 'live' && mode !== 'shadow') throw wrong('mode is live or shadow');
  if (typeof approveFirstRun !== 'boolean') throw wrong('approveFirstRun is true or false');
  return { mode, approveFirstRun, anomaly: parseAnomaly(anomaly) };
}

function parseAnomaly(anomaly: unknown): InvoicingSettings['anomaly'] {
  if (anomaly === null) return null;
  const { factor, floor } = (anomaly ?? {}) as Record<string, unknown>;
  if (typeof factor !== 'string' || typeof floor !== 'string')
    throw wrong('anomaly is null, or has a factor and a floor');
  if (parseDecimal(factor).units <= 0n || parseDecimal(floor).units < 0n) {
    throw wrong('the factor is above 0 and the floor not below it');
  }
  return { factor, floor };
}

const wrong = (message: string): InputError =>
  new InputError({ code: 'not-invoicing-settings', path: 'INVOICING_SETTINGS', message });
