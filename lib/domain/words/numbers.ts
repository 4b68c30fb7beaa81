/** `1234567.5` becomes `1,234,567.5`. A number is a count. */
export function grouped(decimal: string | bigint | number): string {
  const [whole = '', fraction] = decimal.toString().split('.');
  const separated = whole.replace(/\B(?=(\d{3})+(?!\d))/g, ',');
  return fraction === undefined ? separated : `${separated}.${fraction}`;
}

/** `1,234.50`, and a true minus: `−3.00` */
export const signless = (amount: string): string => grouped(amount).replace(/^-/, '−');

/** `USD 1,234.50` */
export const money = (currency: string, amount: string): string => `${currency} ${signless(amount)}`;

/** `calls` for the unit `call`. */
export const plural = (unit: string): string => (/[a-z]$/.test(unit) && !unit.endsWith('s') ? `${unit}s` : unit);

/**
 * The arithmetic of a line with its long numbers grouped: `240,000 × 0.0004 = 96.00 USD`. Names, dates and decimals stay as
 * they are.
 */
export const legible = (explanation: string): string =>
  explanation.replace(/(?<![\w.,:@/-])[1-9]\d{3,}(?![\w@/-])/g, (digits) => grouped(digits));
