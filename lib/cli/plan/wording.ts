import { grouped } from '../../domain/words/numbers.ts';

/** `+12.30`, `-4.00`, `0.00` */
export const signed = (amount: string): string =>
  /^[0.]+$/.test(amount) || amount.startsWith('-') ? amount : `+${amount}`;

/** A commit's full id is cut to what people read. */
export const nameOf = (side: string): string => (/^[0-9a-f]{40}$/.test(side) ? side.slice(0, 10) : side);

/**
 * ` (+2.3 %)`, for reading only, so that floating point will do; nothing where it cannot be said.
 * @param kind whether `other` is the change itself or the amount after it
 */
export function percentOf(before: string, other: string, kind: 'change' | 'total' = 'change'): string {
  const was = Number(before);
  if (was === 0) return '';
  const share = ((kind === 'total' ? Number(other) - was : Number(other)) / was) * 100;
  const text = Math.abs(share) >= 0.05 || share === 0 ? share.toFixed(1) : share > 0 ? '<0.1' : '>-0.1';
  return ` (${share > 0 ? '+' : ''}${text} %)`;
}

/** `1 customer`, `12,345 customers` */
export const counted = (count: number, word: string): string => `${grouped(count)} ${word}${count === 1 ? '' : 's'}`;

/** The text, or its beginning and `…` where it is longer. */
export const cut = (text: string, characters: number): string => {
  const points = [...text.slice(0, 2 * characters + 2)];
  return points.length <= characters ? text : `${points.slice(0, characters - 1).join('')}…`;
};
