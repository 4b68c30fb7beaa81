import { checkCardPlaces, checkCards, checkCurrencies } from './cards.ts';
import type { Check } from './checks.ts';
import { checkComparisons } from './comparisons.ts';
import { checkFactDefinitions } from './fact-definitions.ts';
import { checkFactUse } from './fact-use.ts';
import { checkCardMeters, checkFeatures, checkMeters } from './meters.ts';
import { checkNamedConditions } from './named-conditions.ts';
import { checkPublished } from './published.ts';
import { checkReachable } from './reachable.ts';
import { checkSegments, checkTierPriorities } from './segments-and-tiers.ts';
import { checkTerms } from './terms.ts';
import { checkUniqueIds } from './unique-ids.ts';

/** Everything that is asked of a ruleset beyond its shape. */
export const CHECKS: readonly Check[] = [
  checkUniqueIds,
  checkMeters,
  checkFactDefinitions,
  checkComparisons,
  checkNamedConditions,
  checkFactUse,
  checkSegments,
  checkTierPriorities,
  checkReachable,
  checkTerms,
  checkCards,
  checkCardPlaces,
  checkCurrencies,
  checkCardMeters,
  checkFeatures,
  checkPublished,
];
