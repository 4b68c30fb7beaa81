import { Notice } from '../design/parts.tsx';

const PROBLEMS = {
  refused:
    'Signing in did not finish: it took too long, was cancelled, or was tried with an old page. Please start again.',
  unavailable: 'The sign-in service does not answer. Your API keys go on working; try again in a moment.',
  'not-set-up': 'Signing in is not set up on this portal yet. Tell the team that runs the API.',
} as const;

export interface SignInPageProps {
  readonly problem: keyof typeof PROBLEMS | undefined;
  readonly to: string;
  readonly signUp: 'open' | 'invited';
  readonly development: boolean;
}

export function SignInPage({ problem, to, signUp, development }: SignInPageProps) {
  const query = to === '/' ? '' : `?to=${encodeURIComponent(to)}`;
  return (
    <>
      <h1>Sign in</h1>
      {problem === undefined ? null : (
        <Notice tone="warn">
          <p>{PROBLEMS[problem]}</p>
        </Notice>
      )}
      <p class="lead">See what you used, what it costs and why, and manage your API keys.</p>
      <div class="actions">
        <a class="button" href={`/sign-in/start${query}`}>
          Continue to sign in
        </a>
      </div>
      {development ? (
        <p>
          On this machine nobody needs a password: <a href={`/development/newcomer${query}`}>sign in as somebody new</a>
          .
        </p>
      ) : null}
      {signUp === 'open' ? (
        <p class="soft">
          New here? See <a href="/pricing">what it costs</a> and choose a plan; signing in is the first step. If your
          company has an account, ask one of its admins for an invitation instead.
        </p>
      ) : (
        <p class="soft">New here? Ask an admin of your account for an invitation, then sign in with that address.</p>
      )}
    </>
  );
}

export function SignedOut({ elsewhere }: { elsewhere: string | null }) {
  return (
    <>
      <h1>You are signed out</h1>
      <p>This browser has no access to the account any more.</p>
      <div class="actions">
        <a class="button" href="/">
          Sign in again
        </a>
        {elsewhere === null ? null : (
          <a class="button quiet" href={elsewhere}>
            Sign out of the sign-in service too
          </a>
        )}
      </div>
    </>
  );
}
