import { accountRoutes } from './account/route.tsx';
import { alertRoutes } from './alerts/route.tsx';
import { billingAddressRoutes } from './billing-address/route.tsx';
import { bundleRoutes } from './bundle/route.tsx';
import { dataRoutes } from './data/route.tsx';
import { wholeDataRoutes } from './data/whole-route.tsx';
import { developmentRoutes } from './development/route.tsx';
import { invoiceRoutes } from './invoices/route.tsx';
import { joinRoutes } from './join/route.tsx';
import { keyRoutes } from './keys/route.tsx';
import { liveRoutes } from './live/route.ts';
import { overviewRoutes } from './overview/route.tsx';
import { planRoutes } from './plan/route.tsx';
import type { PortalPorts } from './ports.ts';
import { pricesRoutes } from './prices/route.tsx';
import { pricingRoutes } from './pricing/route.tsx';
import { reportRoutes } from './reports/route.ts';
import { returnRoutes } from './return/route.tsx';
import { signInRoutes } from './sign-in/route.tsx';
import { usageRoutes } from './usage/route.tsx';
import type { PortalRoute } from './visit.tsx';

/** Every address of the portal, assets apart. */
export function portalRoutes({ development }: Pick<PortalPorts, 'development'>): readonly PortalRoute[] {
  return [
    ...signInRoutes,
    ...joinRoutes,
    ...(development === undefined ? [] : developmentRoutes(development)),
    ...pricingRoutes,
    ...overviewRoutes,
    ...planRoutes,
    ...returnRoutes,
    ...usageRoutes,
    ...reportRoutes,
    ...invoiceRoutes,
    ...bundleRoutes,
    ...keyRoutes,
    ...alertRoutes,
    ...accountRoutes,
    ...billingAddressRoutes,
    ...dataRoutes,
    ...wholeDataRoutes,
    ...pricesRoutes,
    ...liveRoutes,
  ];
}
