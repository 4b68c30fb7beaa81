import type { Identity } from '../../domain/portal/member.ts';
import { type EpochMs, HOUR_MS, MINUTE_MS } from '../../domain/time/time.ts';

/** However busy it is, a session ends after a working day. */
export const SESSION_MS = 8 * HOUR_MS;
export const IDLE_MS = HOUR_MS;
/** The cookie is made anew when it is this old: often enough for the idle limit, seldom enough for polling. */
const RENEW_MS = 5 * MINUTE_MS;

/**
 * What the cookie holds: who it is, and no more. For whom they act and what they may do is read from the store on every
 * request.
 */
export interface Session {
  readonly id: string;
  readonly identity: Identity;
  readonly startedAt: EpochMs;
  readonly seenAt: EpochMs;
  /** Proves that a form was rendered for this session. */
  readonly csrf: string;
}

/** Signing in always makes another one: an id from before is worth nothing after. */
export function newSession(identity: Identity, now: EpochMs, random: (bytes: number) => string): Session {
  return { id: random(16), identity, startedAt: now, seenAt: now, csrf: random(24) };
}

export const isOver = (session: Session, now: EpochMs): boolean =>
  now - session.startedAt >= SESSION_MS || now - session.seenAt >= IDLE_MS;

export const wantsRenewal = (session: Session, now: EpochMs): boolean => now - session.seenAt >= RENEW_MS;

/** From an opened cookie; its seal vouches for its shape, this for its version. */
export function readSession(value: unknown): Session | undefined {
  const session = value as Partial<Session> | undefined;
  const whole =
    typeof session?.id === 'string' &&
    typeof session.identity?.issuer === 'string' &&
    typeof session.identity.subject === 'string' &&
    typeof session.startedAt === 'number' &&
    typeof session.seenAt === 'number' &&
    typeof session.csrf === 'string';
  return whole ? (session as Session) : undefined;
}
