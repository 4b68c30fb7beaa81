import type { Meters, RouteGroup } from '../metering/meters.ts';
import type { RateCard } from '../pricing/rate-card.ts';

/**
 * Features open routes. A feature of a rate card names a route group of `meters.json`; a group that any card names is
 * for sale, and closed to the cards that do not name it. A group that no card names, and a route in no group, are open
 * to everyone. A feature that names no group opens nothing here (it is for the portal, or for the API itself to read).
 *
 * A policy resource knows only `*`, which crosses slashes: closing `/payments/{id}` closes all below it too. Where that
 * would close a route that the card includes, the rules say something a policy cannot, and publishing refuses them.
 */
export interface FeatureConflict {
  readonly rateCard: string;
  readonly closed: { readonly group: string; readonly route: string };
  readonly open: { readonly group: string; readonly route: string };
}

/**
 * What a card closes, as `METHOD/path` patterns of a policy resource.
 *
 * @param cards all cards of the ruleset, whatever their dates
 */
export function deniedRoutes(card: RateCard, meters: Meters, cards: readonly RateCard[]): string[] {
  return [...new Set(closedGroups(card, meters, cards).flatMap(resourcesOf))].sort();
}

/** Included routes that a card's closed groups would close as well; [] where the rules can be enforced. */
export function featureConflicts(meters: Meters, cards: readonly RateCard[]): FeatureConflict[] {
  return cards.flatMap((card) => {
    const closed = closedGroups(card, meters, cards);
    const open = (meters.routeGroups ?? []).filter((group) => !closed.includes(group));
    return closed.flatMap((group) => conflictsBetween(card, group, open));
  });
}

function closedGroups(card: RateCard, meters: Meters, cards: readonly RateCard[]): RouteGroup[] {
  const sold = new Set(cards.flatMap(({ features = [] }) => features));
  const included = new Set(card.features ?? []);
  return (meters.routeGroups ?? []).filter(({ id }) => sold.has(id) && !included.has(id));
}

function conflictsBetween(card: RateCard, closed: RouteGroup, open: readonly RouteGroup[]): FeatureConflict[] {
  return closed.routes.flatMap((route) => {
    const covers = pathPatterns(route).map((pattern) => new RegExp(`^${pattern.split('*').map(escaped).join('.*')}$`));
    return open.flatMap((group) => {
      if (!shareMethod(closed, group)) return [];
      const found = group.routes.find((other) => pathPatterns(other).some((path) => covers.some((c) => c.test(path))));
      if (found === undefined) return [];
      const rateCard = `${card.id}@${card.effectiveFrom}`;
      return [{ rateCard, closed: { group: closed.id, route }, open: { group: group.id, route: found } }];
    });
  });
}

function resourcesOf({ methods = ['*'], routes }: RouteGroup): string[] {
  const paths = routes.flatMap(pathPatterns);
  return methods.flatMap((method) => paths.map((path) => `${method}${path}`));
}

/** A route pattern in a policy's words: path parameters and stars become `*`; `/files/**` is `/files` too. */
function pathPatterns(route: string): string[] {
  const path = route.startsWith('/') ? route : `/${route}`;
  const wild = (text: string) => text.replace(/\{[^}]*\}/g, '*').replace(/\*+/g, '*');
  return path.endsWith('/**') && path.length > 3 ? [wild(path.slice(0, -3)), wild(path)] : [wild(path)];
}

const shareMethod = (a: RouteGroup, b: RouteGroup): boolean =>
  !a.methods || !b.methods || a.methods.some((method) => b.methods?.includes(method));

const escaped = (text: string): string => text.replace(/[\\^$.+?()[\]{}|]/g, '\\$&');
