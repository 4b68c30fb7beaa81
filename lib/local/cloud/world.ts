import type { Log } from '../../app/runtime.ts';
import type { Faults } from './faults.ts';
import type { SeededRandom } from './time/seeded-random.ts';
import type { VirtualClock } from './time/virtual-clock.ts';

/** What every service of the embedded cloud stands on. */
export interface World {
  readonly clock: VirtualClock;
  readonly random: SeededRandom;
  readonly faults: Faults;
  readonly log: Log;
  readonly region: string;
  readonly account: string;
}
