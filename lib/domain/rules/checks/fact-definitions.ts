import { CHOICE_FACTS } from '../../segmentation/choice-facts.ts';
import { isOfType, WANTED } from '../../segmentation/resolve-facts.ts';
import { USAGE_FACTS } from '../../segmentation/usage-facts.ts';
import { nearestHint, withHint } from '../fault.ts';
import type { FactDefinition, FactType } from '../ruleset.ts';
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
      error(
        'default',
        'wrong-type',
        `${JSON.stringify(fact.default)} is not ${WANTED[fact.type]}`,
        `write a default of the type "${fact.type}", or none`,
      );
    }
    if (fact.source === 'usage') checkProvided(fact, 'usage', USAGE_FACTS, error);
    if (fact.source === 'choice') checkProvided(fact, 'choice', CHOICE_FACTS, error);
    checkAsk(fact, error);
    return found;
  });

type Report = (key: string, code: string, message: string, hint?: string) => void;

/** A fact that Tollgate works out itself is one of those it knows, and of the type that it has. */
function checkProvided(
  fact: FactDefinition,
  source: string,
  provided: Readonly<Record<string, FactType>>,
  error: Report,
): void {
  const type = Object.hasOwn(provided, fact.id) ? provided[fact.id] : undefined;
  if (type === undefined) {
    const hint = nearestHint(fact.id, Object.keys(provided));
    error('id', 'unprovided-fact', `${source} provides no fact "${fact.id}"`, hint);
  } else if (type !== fact.type) {
    error('type', 'wrong-type', `"${fact.id}" is ${WANTED[type]}`, `write "type": "${type}"`);
  }
}

const ASKABLE: readonly FactType[] = ['string', 'number', 'boolean', 'date'];

/** What a customer may say of itself: a plain value, from no other source, and nothing that rules may never read. */
function checkAsk({ id, ask, source, type, use }: FactDefinition, error: Report): void {
  if (ask === undefined) return;
  const refuse = (message: string, hint: string) => error('ask', 'not-askable', message, hint);
  if (source !== 'customer') {
    refuse(`"${id}" comes from ${source}, so nobody can be asked for it`, 'remove "ask"');
  } else if (use === 'prohibited') {
    refuse(`"${id}" is prohibited: customers are not asked for what no rule may read`, 'remove "ask"');
  } else if (id === 'createdAt') {
    refuse('"createdAt" is the day on which a customer came; nobody states it', 'remove "ask"');
  } else if (!ASKABLE.includes(type)) {
    refuse(`a form has no field for ${WANTED[type]}`, 'ask for a string, a number, true or false, or a date');
  } else if (ask.options !== undefined && type !== 'string') {
    refuse(`"${id}" is ${WANTED[type]}, and options are strings`, 'remove "options"');
  }
}
