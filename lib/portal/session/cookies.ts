import type { Context } from 'hono';
import { getCookie, setCookie } from 'hono/cookie';
import { MINUTE_MS, SECOND_MS } from '../../domain/time/time.ts';
import type { PortalSettings, SignInState } from '../ports.ts';
import { open, seal } from './seal.ts';
import { readSession, SESSION_MS, type Session } from './session.ts';

/** Enough to find the password, not to leave a sign-in lying about. */
const SIGN_IN_MS = 10 * MINUTE_MS;
const DRAFT_MS = 15 * MINUTE_MS;
/** Browsers drop cookies above 4 KB; what was typed is kept where it fits. */
const DRAFT_CHARACTERS_MAX = 3_000;

/** A sign-in that is under way. */
export interface PendingSignIn {
  readonly state: SignInState;
  /** Path to go back to. */
  readonly to: string;
  readonly startedAt: number;
}

/** What was typed into a form whose session had ended. */
export interface Draft {
  readonly page: string;
  readonly fields: Readonly<Record<string, string>>;
}

/** The three cookies, all sealed, out of reach of scripts, and never sent along by other sites' forms. */
export function cookies(settings: PortalSettings) {
  const secure = settings.origin.startsWith('https:');
  // `__Host-` keeps other subdomains from setting it; browsers want Secure for it, which plain http on localhost lacks.
  const named = (name: string) => (secure ? `__Host-tollgate-${name}` : `tollgate-${name}`);
  const read = (c: Context, name: string): unknown => {
    const text = getCookie(c, named(name));
    return text === undefined ? undefined : open(text, name, settings.sessionKey);
  };
  const write = (c: Context, name: string, value: unknown, lifeMs: number) => {
    const text = value === null ? '' : seal(value, name, settings.sessionKey, settings.random(12));
    const maxAge = value === null ? 0 : Math.floor(lifeMs / SECOND_MS);
    setCookie(c, named(name), text, { path: '/', httpOnly: true, secure, sameSite: 'Lax', maxAge });
  };
  return {
    session: (c: Context): Session | undefined => readSession(read(c, 'session')),
    keepSession: (c: Context, session: Session | null) => write(c, 'session', session, SESSION_MS),
    pending(c: Context): PendingSignIn | undefined {
      const pending = read(c, 'sign-in') as PendingSignIn | undefined;
      return pending && settings.now() - pending.startedAt < SIGN_IN_MS ? pending : undefined;
    },
    keepPending: (c: Context, pending: PendingSignIn | null) => write(c, 'sign-in', pending, SIGN_IN_MS),
    draft: (c: Context) => read(c, 'draft') as Draft | undefined,
    /** @returns false when it is too long to keep */
    keepDraft(c: Context, draft: Draft | null): boolean {
      if (JSON.stringify(draft).length > DRAFT_CHARACTERS_MAX) return false;
      write(c, 'draft', draft, DRAFT_MS);
      return true;
    },
  };
}

export type Cookies = ReturnType<typeof cookies>;
