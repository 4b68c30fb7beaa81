import { startStripeStandIn } from '../../lib/local/stripe/stand-in.ts';

// Stripe's stand-in in a process of its own; it tells its port, and goes with its parent.
const { port } = await startStripeStandIn({ clock: { now: () => Date.UTC(2026, 1, 2, 4) } });
process.send?.(port);
process.once('disconnect', () => process.exit(0));
