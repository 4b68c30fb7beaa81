// What a suite's output says: [passed, failed, skipped].

/** jest: "Tests:       1 failed, 2 skipped, 39 passed, 42 total". */
export function jestCounts(output, code) {
  const line = output.split('\n').findLast((l) => l.startsWith('Tests:')) ?? '';
  const number = (word) => Number(new RegExp(`(\\d+) ${word}`).exec(line)?.[1] ?? 0);
  const counted = [number('passed'), number('failed'), number('skipped')];
  return code !== 0 && counted[1] === 0 ? [counted[0], 1, counted[2]] : counted;
}

/** Our own runners end with "N passed, M failed" and maybe ", K skipped". */
export function closingLine(output, code) {
  const found = output
    .trimEnd()
    .split('\n')
    .map((l) => /^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$/.exec(l.trim()))
    .findLast(Boolean);
  if (!found) return [0, 1, 0];
  const counted = [Number(found[1]), Number(found[2]), Number(found[3] ?? 0)];
  return code !== 0 && counted[1] === 0 ? [counted[0], 1, counted[2]] : counted;
}

/** A command that passes or fails as a whole. */
export function oneCheck(_output, code) {
  return code === 0 ? [1, 0, 0] : [0, 1, 0];
}
