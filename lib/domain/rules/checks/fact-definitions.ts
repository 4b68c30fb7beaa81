import { isOfType, WANTED } from '../../segmentation/resolve-facts.ts';
import { USAGE_FACTS } from '../../segmentation/usage-facts.ts';
import { nearestHint, withHint } from '../fault.ts';
import type { Check, Finding } from './checks.ts';

/** Facts that rules get without asking: facts.json may not give these ids another meaning. */
export const BUILT_IN: Readonly<Record<string, string>> = {
  segments: 'the segments that the customer is in',
  rateCard: 'the card that the tier rule chose',
};

/** facts.json against itself and against what usage can provide. */
export const checkFactDefinitions: Check = ({ facts }) =>
  facts.flatMap(({ pointer, value: fact }): Finding[] => {
    const found: Finding[] = [];
    const error = (key: string, code: string, message: string, hint?: string) =>
      found.push({
        severity: 'error',
        file: 'facts.json',
        fault: { pointer: `${pointer}/${key}`, code, message, ...withHint(hint) },
      });
    if (Object.hasOwn(BUILT_IN, fact.id)) {
      error('id', 'reserved-fact', `"${fact.id}" is ${BUILT_IN[fact.id]}, and cannot be defined`, 'choose another id');
    }
    if (fact.default !== undefined && fact.default !== null && !isOfType(fact.default, fact.type)) {
      error('default', 'wrong-type', `${JSON.stringify(fact.default)} is not ${WANTED[fact.type]}`);
    }
    if (fact.source === 'usage') {
      const known = Object.keys(USAGE_FACTS);
      const type = Object.hasOwn(USAGE_FACTS, fact.id) ? USAGE_FACTS[fact.id] : undefined;
      if (type === undefined) {
        error('id', 'unprovided-fact', `usage provides no fact "${fact.id}"`, nearestHint(fact.id, known));
      } else if (type !== fact.type) {
        error('type', 'wrong-type', `"${fact.id}" is ${WANTED[type]}`, `write "type": "${type}"`);
      }
    }
    return found;
  });
