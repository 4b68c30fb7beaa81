import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { APIGatewayProxyEventV2, APIGatewayProxyResult, Context } from 'aws-lambda';
import { handle, type LambdaContext } from 'hono/aws-lambda';
import { oidcSignIn } from '../../lib/adapters/oidc/oidc.ts';
import { readPortalSecret } from '../../lib/adapters/portal-secret/portal-secret.ts';
import { portalPorts } from '../../lib/app/portal/portal-ports.ts';
import { type Runtime, requireEnv } from '../../lib/app/runtime.ts';
import { parseKeptDays } from '../../lib/domain/portal/kept-days.ts';
import { createPortal } from '../../lib/portal/app.tsx';
import { portalStores } from './portal-stores.ts';

/** The portal's pages behind an HTTP API. No development sign-in is passed in, so that none can be switched on. */
export function createHandler(runtime: Runtime) {
  const { clock, random, log } = runtime;
  const env = (name: string) => requireEnv(runtime, name);
  const secrets = new SecretsManagerClient(runtime.clientConfig('secretsmanager'));
  const ports = portalPorts(portalStores(runtime, secrets));
  const oidc = { issuer: env('PORTAL_ISSUER'), clientId: env('PORTAL_CLIENT_ID') };
  const start = async () => {
    const { sessionKey, clientSecret } = await readPortalSecret(secrets, env('PORTAL_SECRET_ARN'));
    const signIn = oidcSignIn(async () => ({ ...oidc, clientSecret }));
    const settings = {
      ...{ origin: env('PORTAL_ORIGIN'), sessionKey, now: clock.now, random: random.hex, report: log.error },
      kept: parseKeptDays(env('KEPT_DAYS')),
      signUp: runtime.env.PORTAL_SIGN_UP === 'open' ? ('open' as const) : ('invited' as const),
      addressOf: (server: unknown) => (server as { event: APIGatewayProxyEventV2 }).event.requestContext.http.sourceIp,
    };
    return handle(createPortal({ ...ports, signIn }, settings));
  };
  let started: ReturnType<typeof start> | undefined;
  return async (event: APIGatewayProxyEventV2, context: Context): Promise<APIGatewayProxyResult> => {
    started ??= start();
    // A secret that could not be read must be read again.
    started.catch(() => (started = undefined));
    return (await started)(event as never, context as unknown as LambdaContext);
  };
}
