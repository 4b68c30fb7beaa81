import { cardRater } from '../../domain/invoicing/rater.ts';
import type { Identity } from '../../domain/portal/member.ts';
import type { RulesetRecord } from '../../domain/rules/ruleset.ts';
import { compiledRulesets } from '../evaluate-customers/compiled-rulesets.ts';
import { knownFacts } from '../evaluate-customers/known-facts.ts';
import { periodReader } from '../make-report/read-periods.ts';
import { type ChooseRequest, cancel, chooseCard, stay, undoChoice } from './change-plan.ts';
import type { Shop, ShopNeeds } from './needs.ts';
import { type AccountRequest, openAccount } from './open-account.ts';
import { calculatePrices, priceList, statedFacts } from './price-list.ts';
import { reopen, viewReturn } from './reopen.ts';
import { previewPlan, viewLeaving, viewOutlook, viewPlan } from './view-plan.ts';

/** Everything that customers buy, change and cancel themselves, for the pages. */
export function shopOf(needs: ShopNeeds) {
  const compile = compiledRulesets();
  const parseRuleset = (record: RulesetRecord) => compile(record).ruleset;
  const periods = periodReader({ ...needs, rater: cardRater(), parseRuleset });
  const shop: Shop = { ...needs, compile, facts: knownFacts(needs.usage), periods };
  return {
    prices: () => priceList(shop),
    calculate: (answers: Readonly<Record<string, string | undefined>>) => calculatePrices(shop, answers),
    stated: (answers: Readonly<Record<string, string | undefined>>) => statedFacts(shop, answers),
    plan: (customer: string) => viewPlan(shop, customer),
    leaving: (customer: string) => viewLeaving(shop, customer),
    outlook: (customer: string) => viewOutlook(shop, customer),
    preview: (customer: string, card: string) => previewPlan(shop, customer, card),
    choose: (customer: string, request: ChooseRequest) => chooseCard(shop, customer, request),
    undo: (customer: string) => undoChoice(shop, customer),
    cancel: (customer: string) => cancel(shop, customer),
    stay: (customer: string) => stay(shop, customer),
    viewReturn: (customer: string, card: string) => viewReturn(shop, customer, card),
    reopen: (customer: string, request: ChooseRequest) => reopen(shop, customer, request),
    open: (identity: Identity, request: AccountRequest) => openAccount(shop, identity, request),
  };
}
