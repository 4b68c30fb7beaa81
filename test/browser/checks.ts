export const counts = { passed: 0, failed: 0 };

/** One thing that must hold in a browser. Those after it run whatever becomes of it. */
export async function check(name: string, run: () => Promise<void>): Promise<void> {
  const started = performance.now();
  try {
    await run();
    counts.passed += 1;
    console.log(`  ✓ ${name} (${((performance.now() - started) / 1_000).toFixed(1)} s)`);
  } catch (error) {
    counts.failed += 1;
    console.log(`  ✕ ${name}\n${error instanceof Error ? error.stack : String(error)}`);
  }
}
