import { InputError } from '../../domain/input-error.ts';
import { type CompiledMeters, compileMeters } from '../../domain/metering/compile-meters.ts';
import { parseMeters } from '../../domain/metering/parse-meters.ts';
import type { RulesetRecord } from '../../domain/rules/ruleset.ts';

const METERS_FILE = 'meters.json';

/** Rulesets follow each other slowly: a run meets one or two. */
const REMEMBERED_MAX = 8;

/** The compiled meters of a ruleset record, compiled once for each content. */
export function metersByRuleset(): (record: RulesetRecord) => CompiledMeters {
  const byHash = new Map<string, CompiledMeters>();
  return (record) => {
    const known = byHash.get(record.hash);
    if (known !== undefined) return known;
    const meters = metersOf(record);
    if (byHash.size === REMEMBERED_MAX) byHash.clear();
    byHash.set(record.hash, meters);
    return meters;
  };
}

/**
 * The meters of a published ruleset.
 * @throws Error when the record has none: publishing validates, so this is a damaged record, not a person's mistake
 */
function metersOf(record: RulesetRecord): CompiledMeters {
  const text = record.files[METERS_FILE];
  if (text === undefined) throw new Error(`ruleset ${record.hash} has no ${METERS_FILE}`);
  try {
    return compileMeters(parseMeters(JSON.parse(text)));
  } catch (fault) {
    if (!(fault instanceof InputError || fault instanceof SyntaxError)) throw fault;
    throw new Error(`${METERS_FILE} of ruleset ${record.hash} cannot be read: ${fault.message}`, { cause: fault });
  }
}
