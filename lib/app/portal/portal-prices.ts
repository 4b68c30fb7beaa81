import { type PriceHistory, priceHistory } from '../../domain/portal/price-history.ts';
import type { Ruleset, RulesetRecord } from '../../domain/rules/ruleset.ts';
import { addHours, hourOf } from '../../domain/time/time.ts';
import { parsedOnce } from '../invoice-customer/parsed-once.ts';
import type { Decisions } from '../ports/decisions.ts';
import type { Directory } from '../ports/directory.ts';
import type { Rulesets } from '../ports/rulesets.ts';
import type { Clock } from '../runtime.ts';

export interface PortalPriceNeeds {
  readonly directory: Pick<Directory, 'profile'>;
  readonly decisions: Pick<Decisions, 'during'>;
  readonly rulesets: Pick<Rulesets, 'byHash' | 'latest'>;
  readonly clock: Clock;
}

/** No decision is dated further ahead. */
const AHEAD_HOURS = 400 * 24;
const NOTHING: PriceHistory = { announced: [], past: [] };

/** The prices of one customer over time, those to come as well. */
export function portalPrices({ directory, decisions, rulesets, clock }: PortalPriceNeeds) {
  const parse: (record: RulesetRecord) => Ruleset = parsedOnce();
  return {
    async history(customer: string): Promise<PriceHistory> {
      const now = clock.now();
      const [profile, latest] = await Promise.all([directory.profile(customer), rulesets.latest()]);
      if (!profile || !latest) return NOTHING;
      const from = hourOf(profile.registeredAt);
      const made = await decisions.during(customer, from, addHours(hourOf(now), AHEAD_HOURS));
      const decidedWith = new Map<string, Ruleset>();
      for (const hash of new Set(made.map(({ ruleset }) => ruleset.hash))) {
        const record = hash === latest.hash ? latest : await rulesets.byHash(hash);
        if (record) decidedWith.set(hash, parse(record));
      }
      return priceHistory({
        ...{ now, customerSince: profile.customer.createdAt, decisions: made, decidedWith },
        latest: { rules: parse(latest), commit: latest.commit },
      });
    },
  };
}
