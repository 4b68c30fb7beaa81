import type { PortalOptions } from '../../lib/constructs/portal.ts';
import { properties, synthesize } from './synthesis.ts';

const issuer = { url: 'https://issuer.example.com', clientId: 'portal' };

/** The environment of the function that serves the pages. */
function served(portal: PortalOptions): Record<string, unknown> {
  const { template } = synthesize({ portal });
  const functions = Object.values(properties(template, 'AWS::Lambda::Function'));
  const variables = functions.map(
    ({ Environment }) => (Environment as { Variables: Record<string, unknown> }).Variables,
  );
  return variables.find((each) => each.POWERTOOLS_SERVICE_NAME === 'serve-portal') ?? {};
}

test.each<{ readonly why: string; readonly portal: PortalOptions; readonly signUp: string }>([
  { why: 'open where the user pool is made here', portal: {}, signUp: 'open' },
  { why: 'by invitation where the issuer may know people who are no customers', portal: { issuer }, signUp: 'invited' },
  { why: 'as the team says', portal: { issuer, signUp: 'open' }, signUp: 'open' },
  { why: 'as the team says', portal: { signUp: 'invited' }, signUp: 'invited' },
])('signing up is $why: $signUp', ({ portal, signUp }) => {
  expect(served(portal)).toMatchObject({ PORTAL_SIGN_UP: signUp, EVALUATION_QUEUE_URL: expect.anything() });
});
