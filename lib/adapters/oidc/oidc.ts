import * as openid from 'openid-client';

/** How the issuer knows us. */
export interface OidcClient {
  /** `https://cognito-idp.<region>.amazonaws.com/<pool>`, or any other that offers discovery. */
  readonly issuer: string;
  readonly clientId: string;
  /** Empty for a public client, which PKCE alone protects. */
  readonly clientSecret: string;
  /** Only for an issuer on this machine. @default false */
  readonly allowHttp?: boolean;
}

export interface KeptSignIn {
  readonly state: string;
  readonly nonce: string;
  readonly codeVerifier: string;
}

/** A person as the issuer says it; the address only when the issuer has verified it. */
export interface OidcIdentity {
  readonly issuer: string;
  readonly subject: string;
  readonly email: string | null;
  readonly name: string | null;
}

/** What the issuer refuses comes as one of these; anything else means that it could not be asked. */
const REFUSALS = [openid.AuthorizationResponseError, openid.ResponseBodyError];
const TIMEOUT_SECONDS = 8;

/**
 * OpenID Connect authorization code flow with PKCE (S256), state and nonce. openid-client checks the ID token's signature,
 * issuer, audience, times and nonce, and the issuer that the response names. Discovery is read once and kept.
 */
export function oidcSignIn(client: () => Promise<OidcClient>) {
  let found: Promise<openid.Configuration> | undefined;
  const configuration = async (): Promise<openid.Configuration> => {
    found ??= discover(await client());
    // An issuer that is down must be asked again.
    found.catch(() => {
      found = undefined;
    });
    return found;
  };

  return {
    async begin(redirectUri: string): Promise<{ url: string; kept: KeptSignIn } | 'unavailable'> {
      const kept = {
        state: openid.randomState(),
        nonce: openid.randomNonce(),
        codeVerifier: openid.randomPKCECodeVerifier(),
      };
      try {
        const url = openid.buildAuthorizationUrl(await configuration(), {
          redirect_uri: redirectUri,
          scope: 'openid email profile',
          code_challenge: await openid.calculatePKCECodeChallenge(kept.codeVerifier),
          code_challenge_method: 'S256',
          state: kept.state,
          nonce: kept.nonce,
        });
        return { url: url.href, kept };
      } catch {
        return 'unavailable';
      }
    },

    async complete(url: string, kept: KeptSignIn): Promise<OidcIdentity | 'refused' | 'unavailable'> {
      let config: openid.Configuration;
      try {
        config = await configuration();
      } catch {
        return 'unavailable';
      }
      try {
        const tokens = await openid.authorizationCodeGrant(config, new URL(url), {
          pkceCodeVerifier: kept.codeVerifier,
          expectedState: kept.state,
          expectedNonce: kept.nonce,
          idTokenExpected: true,
        });
        const claims = tokens.claims();
        return claims === undefined ? 'refused' : identityFrom(await withUserInfo(config, tokens.access_token, claims));
      } catch (error) {
        return isRefusal(error) ? 'refused' : 'unavailable';
      }
    },

    async signOutPage(returnUrl: string): Promise<string | null> {
      try {
        const config = await configuration();
        if (config.serverMetadata().end_session_endpoint === undefined) return null;
        const { client_id } = config.clientMetadata();
        // Cognito knows the address under a name of its own.
        const parameters = { post_logout_redirect_uri: returnUrl, logout_uri: returnUrl, client_id };
        return openid.buildEndSessionUrl(config, parameters).href;
      } catch {
        return null;
      }
    },
  };
}

function discover({ issuer, clientId, clientSecret, allowHttp }: OidcClient): Promise<openid.Configuration> {
  const authentication = clientSecret === '' ? openid.None() : openid.ClientSecretBasic(clientSecret);
  return openid.discovery(new URL(issuer), clientId, undefined, authentication, {
    timeout: TIMEOUT_SECONDS,
    ...(allowHttp === true ? { execute: [openid.allowInsecureRequests] } : {}),
  });
}

/** Strict issuers leave the address out of the ID token and answer it at their userinfo endpoint, for the same subject. */
async function withUserInfo(
  config: openid.Configuration,
  token: string,
  claims: openid.IDToken,
): Promise<openid.IDToken> {
  if (claims.email !== undefined || config.serverMetadata().userinfo_endpoint === undefined) return claims;
  return { ...(await openid.fetchUserInfo(config, token, claims.sub)), ...claims };
}

function identityFrom({ iss, sub, email, email_verified: verified, name }: openid.IDToken): OidcIdentity {
  // Cognito says "true" as a text where an upstream provider did.
  const sure = verified === true || String(verified) === 'true';
  return {
    issuer: iss,
    subject: sub,
    email: typeof email === 'string' && sure ? email.toLowerCase() : null,
    name: typeof name === 'string' && name.trim() !== '' ? name.trim().slice(0, 200) : null,
  };
}

/** A wrong state, nonce, signature or code; what is left are requests that got no usable answer. */
function isRefusal(error: unknown): boolean {
  if (REFUSALS.some((refusal) => error instanceof refusal)) {
    return !(error instanceof openid.ResponseBodyError && error.status >= 500);
  }
  const code = (error as { code?: unknown }).code;
  return (
    error instanceof openid.ClientError && !['OAUTH_TIMEOUT', 'OAUTH_RESPONSE_IS_NOT_CONFORM'].includes(String(code))
  );
}
