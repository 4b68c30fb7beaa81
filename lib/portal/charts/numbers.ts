const STEPS: readonly (readonly [number, string])[] = [
  [1e12, 'T'],
  [1e9, 'B'],
  [1e6, 'M'],
  [1e3, 'k'],
];

/** `1.2M` for an axis. */
export function short(value: number): string {
  const [size, letter] = STEPS.find(([step]) => Math.abs(value) >= step) ?? [1, ''];
  return `${Number((value / size).toPrecision(3))}${letter}`;
}
