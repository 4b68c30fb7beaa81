// A real OpenID provider in a thread of its own (its package is ES modules only). It signs in whoever the message names.
import { createServer } from 'node:http';
import { parentPort, workerData } from 'node:worker_threads';
import { Provider } from 'oidc-provider';

const accounts = {
  ann: { email: 'Ann@Example.com', email_verified: true, name: 'Ann' },
  vic: { email: 'vic@example.com', email_verified: false, name: 'Vic' },
};
let subject = 'ann';
const server = createServer();
server.listen(0, '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: 'portal',
        token_endpoint_auth_method: 'none',
        grant_types: ['authorization_code'],
        response_types: ['code'],
        redirect_uris: [workerData.redirectUri],
        post_logout_redirect_uris: [workerData.signedOutUri],
      },
    ],
    cookies: { keys: ['only for tests'] },
    features: { devInteractions: { enabled: false } },
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
    findAccount: (_ctx, id) => ({ accountId: id, claims: () => ({ sub: id, ...accounts[id] }) }),
    interactions: { url: (_ctx, { uid }) => `/interaction/${uid}` },
    async loadExistingGrant({ oidc }) {
      const grant = new oidc.provider.Grant({ clientId: oidc.client.clientId, accountId: oidc.session.accountId });
      grant.addOIDCScope('openid email profile');
      await grant.save();
      return grant;
    },
    ttl: { AuthorizationCode: 60 },
  });
  const handle = provider.callback();
  server.on('request', (request, response) => {
    if (!request.url.startsWith('/interaction/')) return handle(request, response);
    const result = subject === 'nobody' ? { error: 'access_denied' } : { login: { accountId: subject } };
    provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
  });
  parentPort.postMessage({ issuer });
});
parentPort.on('message', (name) => {
  subject = name;
  parentPort.postMessage({ subject });
});
