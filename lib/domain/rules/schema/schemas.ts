import type { JsonSchema } from './definitions.ts';
import { EXPERIMENTS_SCHEMA, FACTS_SCHEMA, GUARDRAILS_SCHEMA, METERS_SCHEMA } from './list-files.ts';
import { PROTECTION_SCHEMA, SEGMENTS_SCHEMA, TIERS_SCHEMA } from './rule-files.ts';

/** The files of a rules folder besides its rate cards, and which of them must be there. */
export const RULES_FILES = {
  'meters.json': { schema: METERS_SCHEMA, required: true },
  'facts.json': { schema: FACTS_SCHEMA, required: false },
  'segments.json': { schema: SEGMENTS_SCHEMA, required: false },
  'tiers.json': { schema: TIERS_SCHEMA, required: true },
  'protection.json': { schema: PROTECTION_SCHEMA, required: false },
  'guardrails.json': { schema: GUARDRAILS_SCHEMA, required: false },
  'experiments.json': { schema: EXPERIMENTS_SCHEMA, required: false },
} as const satisfies Record<string, { schema: JsonSchema; required: boolean }>;

export type RulesFileName = keyof typeof RULES_FILES;
