import type { MeterDefinition, RouteGroup } from '../metering/meters.ts';
import type { RateCard } from '../pricing/rate-card.ts';
import { type FaultAt, nearestHint, type RulesFault, withHint } from './fault.ts';
import { type JsonSource, pointerTo, readJson } from './json-source.ts';
import type {
  Experiment,
  FactDefinition,
  Guardrail,
  NamedConditions,
  ProtectionParams,
  Rule,
  RulesFiles,
  SegmentParams,
  TierParams,
} from './ruleset.ts';
import { schemaFaults } from './schema/schema-faults.ts';
import { RULES_FILES, type RulesFileName } from './schema/schemas.ts';

/** One entry of a list in a file, with the pointer to it. */
export interface Entry<Value> {
  readonly pointer: string;
  readonly value: Value;
}

/** A rules file (segments, tiers or protection) as far as its shape is right. */
export interface RulesRead<Params> {
  readonly file: string;
  readonly rules: readonly Entry<Rule<Params>>[];
  readonly conditions: NamedConditions;
}

export interface CardRead {
  readonly file: string;
  /** Its JSON, right or wrong: `checkRateCard` of the pricing domain says which. */
  readonly json: unknown;
  /** Only where the parts that other files refer to have the right shape. */
  readonly card: RateCard | null;
}

/**
 * A rules folder with everything that has the right shape; what has not is in `faults`. The checks of meaning run on
 * the sound entries, so that one slip in a rule does not hide the faults of the next.
 */
export interface RulesReading {
  readonly faults: readonly RulesFault[];
  readonly meters: readonly Entry<MeterDefinition>[];
  readonly routeGroups: readonly Entry<RouteGroup>[];
  readonly facts: readonly Entry<FactDefinition>[];
  readonly segments: RulesRead<SegmentParams>;
  readonly tiers: RulesRead<TierParams>;
  readonly otherwise: TierParams | null;
  readonly protection: RulesRead<ProtectionParams>;
  readonly guardrails: readonly Entry<Guardrail>[];
  readonly experiments: readonly Entry<Experiment>[];
  readonly cards: readonly CardRead[];
  /** `growth@2026-01-01` of every card file by its path, those too that could not be read. */
  readonly cardVersions: readonly string[];
  /** Whether a file was read and is JSON: what refers into one that is not goes unchecked. */
  has(file: string): boolean;
  /** A fault with the line and column of its pointer. */
  at(file: string, fault: FaultAt): RulesFault;
}

const CARD_PATH = /^rate-cards\/([^/]+)\/([^/]+)\.json$/;

function versionOf(file: string): string[] {
  const [, id, date] = CARD_PATH.exec(file) ?? [];
  return id === undefined ? [] : [`${id}@${date}`];
}

/** Reads every file of a rules folder; never throws on bad input. */
export function readRules(files: RulesFiles): RulesReading {
  const sources = new Map<string, JsonSource>();
  const faults: RulesFault[] = [];
  for (const file of Object.keys(files).sort()) {
    if (!Object.hasOwn(RULES_FILES, file) && !CARD_PATH.test(file)) {
      faults.push(unknownFile(file));
      continue;
    }
    const read = readJson(file, files[file] as string);
    if ('faults' in read) faults.push(...read.faults);
    else sources.set(file, read.source);
  }
  const at = (file: string, fault: FaultAt): RulesFault => {
    const source = sources.get(file);
    return { file, ...fault, ...source?.locate(fault.pointer) };
  };
  const broken = new Map<string, readonly FaultAt[]>();
  for (const [file, { schema, required }] of Object.entries(RULES_FILES)) {
    const source = sources.get(file);
    const found = source ? schemaFaults(schema, source.json) : [];
    broken.set(file, found);
    faults.push(...found.map((fault) => at(file, fault)));
    if (required && !Object.hasOwn(files, file)) faults.push(missingFile(file));
  }
  const cards = [...sources.values()].filter(({ file }) => CARD_PATH.test(file)).map(readCard);
  if (!Object.keys(files).some((file) => CARD_PATH.test(file))) faults.push(missingFile('rate-cards'));

  const entries = <Value>(file: RulesFileName, key: string) =>
    soundEntries<Value>(sources.get(file)?.json, key, broken.get(file) ?? []);
  const rules = <Params>(file: RulesFileName): RulesRead<Params> => ({
    file,
    rules: entries<Rule<Params>>(file, 'rules'),
    conditions: soundConditions(sources.get(file)?.json, broken.get(file) ?? []),
  });
  return {
    faults,
    meters: entries('meters.json', 'meters'),
    routeGroups: entries('meters.json', 'routeGroups'),
    facts: entries('facts.json', 'facts'),
    segments: rules('segments.json'),
    tiers: rules('tiers.json'),
    otherwise: sound<TierParams>(sources.get('tiers.json')?.json, 'otherwise', broken.get('tiers.json') ?? []),
    protection: rules('protection.json'),
    guardrails: entries('guardrails.json', 'guardrails'),
    experiments: entries('experiments.json', 'experiments'),
    cards,
    cardVersions: Object.keys(files).flatMap(versionOf),
    has: (file) => sources.has(file),
    at,
  };
}

const within = (pointer: string, faults: readonly FaultAt[]): boolean =>
  faults.some((fault) => fault.pointer === pointer || fault.pointer.startsWith(`${pointer}/`));

function property(json: unknown, key: string): unknown {
  return typeof json === 'object' && json !== null && Object.hasOwn(json, key)
    ? (json as Record<string, unknown>)[key]
    : undefined;
}

function sound<Value>(json: unknown, key: string, faults: readonly FaultAt[]): Value | null {
  const value = property(json, key);
  return value === undefined || within(pointerTo(key), faults) ? null : (value as Value);
}

function soundEntries<Value>(json: unknown, key: string, faults: readonly FaultAt[]): Entry<Value>[] {
  const list = property(json, key);
  if (!Array.isArray(list)) return [];
  return list.flatMap((value, index) => {
    const pointer = pointerTo(key, index);
    return within(pointer, faults) ? [] : [{ pointer, value: value as Value }];
  });
}

function soundConditions(json: unknown, faults: readonly FaultAt[]): NamedConditions {
  const named = property(json, 'conditions');
  if (typeof named !== 'object' || named === null) return {};
  const kept = Object.entries(named).filter(([name]) => !within(pointerTo('conditions', name), faults));
  return Object.fromEntries(kept) as NamedConditions;
}

/** Enough of a card's shape for other files to refer to it; prices are the pricing domain's to check. */
function readCard({ file, json }: JsonSource): CardRead {
  const charges = property(json, 'charges');
  const texts = ['id', 'effectiveFrom', 'currency'].every((key) => typeof property(json, key) === 'string');
  const chargesSound =
    Array.isArray(charges) &&
    charges.every(
      (charge) => typeof property(charge, 'id') === 'string' && typeof property(charge, 'price') === 'object',
    );
  return { file, json, card: texts && chargesSound ? (json as RateCard) : null };
}

function unknownFile(file: string): RulesFault {
  const known = Object.keys(RULES_FILES);
  return {
    file,
    pointer: '',
    code: 'unknown-file',
    message: 'nothing reads this file',
    ...withHint(
      nearestHint(file, known)?.startsWith('did')
        ? nearestHint(file, known)
        : 'rate cards are rate-cards/<id>/<date>.json',
    ),
  };
}

const missingFile = (file: string): RulesFault => ({
  file,
  pointer: '',
  code: 'missing-file',
  message: file === 'rate-cards' ? 'there is no rate card' : 'this file is missing',
  hint:
    file === 'rate-cards' ? 'add rate-cards/<id>/<YYYY-MM-DD>.json' : `add ${file}; rules/README.md says what is in it`,
});
