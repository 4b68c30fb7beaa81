import { createHandler as acceptEvents } from '../../../lambdas/accept-events/handler.ts';
import { createHandler as authorizeCall } from '../../../lambdas/authorize-call/handler.ts';
import { createHandler as closeHours } from '../../../lambdas/close-hours/handler.ts';
import { createHandler as evaluateCustomers } from '../../../lambdas/evaluate-customers/handler.ts';
import { createHandler as fulfilRequests } from '../../../lambdas/fulfil-requests/handler.ts';
import { createHandler as invoiceCustomer } from '../../../lambdas/invoice-customer/handler.ts';
import { createHandler as meterUsage } from '../../../lambdas/meter-usage/handler.ts';
import { createHandler as provisionAccess } from '../../../lambdas/provision-access/handler.ts';
import { createHandler as publishRules } from '../../../lambdas/publish-rules/handler.ts';
import { createHandler as receiveBounces } from '../../../lambdas/receive-bounces/handler.ts';
import { createHandler as receiveStripeEvents } from '../../../lambdas/receive-stripe-events/handler.ts';
import { createHandler as sendNotices } from '../../../lambdas/send-notices/handler.ts';
import { createHandler as servePortal } from '../../../lambdas/serve-portal/handler.ts';
import { createHandler as startInvoicing } from '../../../lambdas/start-invoicing/handler.ts';
import { createHandler as watchUsage } from '../../../lambdas/watch-usage/handler.ts';
import type { CreateHandler } from './function-host.ts';
import type { FUNCTION_NAMES } from './synth.ts';

/** The project's functions, by the service name that the template gives them. */
export const FUNCTIONS: Readonly<Record<(typeof FUNCTION_NAMES)[number], CreateHandler>> = {
  'accept-events': acceptEvents,
  'authorize-call': authorizeCall,
  'close-hours': closeHours,
  'evaluate-customers': evaluateCustomers,
  'fulfil-requests': fulfilRequests,
  'invoice-customer': invoiceCustomer,
  'meter-usage': meterUsage,
  'provision-access': provisionAccess,
  'publish-rules': publishRules,
  'receive-bounces': receiveBounces,
  'receive-stripe-events': receiveStripeEvents,
  'send-notices': sendNotices,
  'serve-portal': servePortal,
  'start-invoicing': startInvoicing,
  'watch-usage': watchUsage,
};
