import type { RateCard } from '../pricing/rate-card.ts';
import { type Hour, hourStart, parseDate } from '../time/time.ts';

/** Which version of a rate card is in force when. */
export interface CardsByDate {
  /** The latest version that has begun by the hour; null when none has. */
  inForce(id: string, at: Hour): RateCard | null;
}

export function cardsByDate(cards: readonly RateCard[]): CardsByDate {
  const versions = new Map<string, { from: number; card: RateCard }[]>();
  for (const card of cards) {
    const list = versions.get(card.id) ?? [];
    list.push({ from: parseDate(card.effectiveFrom), card });
    versions.set(card.id, list);
  }
  for (const list of versions.values()) list.sort((a, b) => b.from - a.from);
  return {
    inForce: (id, at) => versions.get(id)?.find(({ from }) => from <= hourStart(at))?.card ?? null,
  };
}
