import { InputError } from '../../domain/input-error.ts';
import { DAY_MS, type EpochMs, MINUTE_MS } from '../../domain/time/time.ts';
import { sha256 } from '../canonical-json.ts';
import { inParallel } from '../in-parallel.ts';
import type { IdentityIndex } from '../ports/identities.ts';
import type { LedgerStream } from '../ports/ledger-stream.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import { quarantine } from '../quarantine.ts';
import type { Clock, Metrics } from '../runtime.ts';
import { type EventSources, principalOf } from './event-sources.ts';
import { type EventsRequest, eventsOf } from './http-binding.ts';
import { parseUsageEvent, type UsageEvent } from './usage-event.ts';

export const EVENTS_MAX = 500;
export const BODY_BYTES_MAX = 1024 * 1024;
/** Firehose takes records of 1,000 KiB, newline included. */
const LINE_BYTES_MAX = 1_000 * 1_024 - 1;
const AGE_MAX_MS = 35 * DAY_MS;
const AHEAD_MAX_MS = 5 * MINUTE_MS;
/**
 * An identity outlives every event that could repeat it. An event taken now may be dated up to 5 minutes ahead, so its
 * time passes the age limit 35 days and 5 minutes from now: until then a changed body must still meet its identity.
 */
const IDENTITY_KEPT_MS = 36 * DAY_MS;
const CLAIMS_AT_ONCE = 25;

export interface EventFault {
  /** 400 bad input, 403 not this caller's to report, 409 another body under a known identity, 413 too much at once. */
  readonly status: 400 | 403 | 409 | 413;
  readonly code: string;
  readonly message: string;
  /** Which event of the batch, from 0; null when the request as a whole is at fault. */
  readonly index: number | null;
  readonly path: string;
  readonly hint?: string;
}

export type Acceptance =
  | { readonly status: 202; readonly accepted: number; readonly quarantined: readonly SetAside[] }
  | EventFault;

/** An event that was kept, but will not be counted as it is. */
export interface SetAside {
  readonly index: number;
  readonly source: string;
  readonly id: string;
  readonly reason: string;
}

export interface AcceptEventsPorts {
  readonly identities: IdentityIndex;
  readonly ledger: LedgerStream;
  readonly records: ObjectStore;
  readonly sources: EventSources;
  readonly clock: Clock;
  readonly metrics: Metrics;
}

/** @param callerArn as API Gateway names the signer of the request; undefined when it was not signed */
export type AcceptEvents = (callerArn: string | undefined, request: EventsRequest) => Promise<Acceptance>;

/**
 * Takes a request of usage events, all of it or none.
 *
 * The order of writes is what makes it exact. First every identity is claimed, then the ledger is written, then the
 * answer is 202. A crash anywhere leaves claims without lines; the caller, who saw no 202, repeats the request, finds
 * its own digests under the claims, and the lines are written (again: counting takes one line per identity). A conflict
 * in the middle of a batch leaves claims of the other events behind, without lines: they bill nothing, and the same
 * events sent again are taken. Only a changed body under one of those ids is refused until the claim expires, as it
 * would have been had the first batch gone through.
 */
export const acceptEvents =
  (ports: AcceptEventsPorts): AcceptEvents =>
  async (callerArn, request) => {
    const permission = callerArn === undefined ? undefined : ports.sources.get(principalOf(callerArn));
    if (permission === undefined) return refused(403, 'unknown-caller', 'this caller may not report usage events');
    if (request.body.length > BODY_BYTES_MAX) return refused(413, 'body-too-large', 'a request takes at most 1 MiB');
    const read = readEvents(request);
    if (!Array.isArray(read)) return read;
    const events = read;
    const alien = events.findIndex(
      ({ source, meter }) => !permission.sources.includes(source) || !permission.meters.includes(meter),
    );
    const found = events[alien];
    if (found !== undefined) return notPermitted(found, alien, permission.sources);
    return takeEvents(ports, events);
  };

function readEvents(request: EventsRequest): UsageEvent[] | EventFault {
  let index: number | null = null;
  try {
    const raw = eventsOf(request);
    if (raw.length > EVENTS_MAX) return refused(413, 'too-many-events', `a request takes at most ${EVENTS_MAX} events`);
    const events: UsageEvent[] = [];
    for (index = 0; index < raw.length; index++) {
      const event = parseUsageEvent(raw[index]);
      if (Buffer.byteLength(event.line) > LINE_BYTES_MAX) {
        return { ...refused(413, 'event-too-large', 'an event takes at most 1,000 KiB'), index };
      }
      events.push(event);
    }
    return events;
  } catch (fault) {
    if (!(fault instanceof InputError)) throw fault;
    const { code, message, path, hint } = fault;
    return { status: 400, code, message, index, path, ...(hint === undefined ? {} : { hint }) };
  }
}

async function takeEvents(ports: AcceptEventsPorts, events: readonly UsageEvent[]): Promise<Acceptance> {
  const now = ports.clock.now();
  const quarantined = events.flatMap((event, index) => setAside(event, index, now));
  const aside = new Set(quarantined.map(({ index }) => index));
  const timely = events.map((event, index) => ({ event, index })).filter(({ index }) => !aside.has(index));

  const taken = timely.map(({ event }) => event);
  const conflict = conflictWithin(taken) ?? (await conflictWithIndex(ports.identities, taken, now));
  if (conflict !== undefined) {
    ports.metrics.count('EventsInConflict', 1);
    return conflicting(taken[conflict] as UsageEvent, timely[conflict]?.index ?? 0);
  }
  if (taken.length > 0) await ports.ledger.append(taken.map(({ line }) => `${line}\n`));
  if (quarantined.length > 0) await keepAside(ports.records, events, quarantined, now);
  ports.metrics.count('EventsAccepted', taken.length);
  ports.metrics.count('EventsQuarantined', quarantined.length);
  return { status: 202, accepted: taken.length, quarantined };
}

function setAside({ ms, source, id }: UsageEvent, index: number, now: EpochMs): SetAside[] {
  if (ms < now - AGE_MAX_MS) return [{ index, source, id, reason: 'older than 35 days' }];
  if (ms > now + AHEAD_MAX_MS) return [{ index, source, id, reason: 'more than 5 minutes ahead' }];
  return [];
}

async function keepAside(
  records: ObjectStore,
  events: readonly UsageEvent[],
  quarantined: readonly SetAside[],
  now: EpochMs,
): Promise<void> {
  const entries = quarantined.map(({ index, reason }) => ({
    line: index + 1,
    reason,
    text: events[index]?.line ?? '',
  }));
  const name = `events-${sha256(entries.map(({ text }) => text).join('\n')).slice(0, 32)}`;
  await quarantine(records, now, name, { from: 'POST /events', version: null, reason: null, entries, omitted: 0 });
}

/** The position of the first event whose identity another event of the same request has with another body. */
function conflictWithin(events: readonly UsageEvent[]): number | undefined {
  const digests = new Map<string, string>();
  const found = events.findIndex(({ source, id, digest }) => {
    const key = JSON.stringify([source, id]);
    const known = digests.get(key);
    digests.set(key, known ?? digest);
    return known !== undefined && known !== digest;
  });
  return found === -1 ? undefined : found;
}

async function conflictWithIndex(
  identities: IdentityIndex,
  events: readonly UsageEvent[],
  now: EpochMs,
): Promise<number | undefined> {
  const expiresAt = now + IDENTITY_KEPT_MS;
  const claims = await inParallel(events, CLAIMS_AT_ONCE, ({ source, id, digest }) =>
    identities.claim({ identity: { source, id }, digest, now, expiresAt }),
  );
  const found = claims.indexOf('conflict');
  return found === -1 ? undefined : found;
}

const refused = (status: EventFault['status'], code: string, message: string): EventFault => ({
  status,
  code,
  message,
  index: null,
  path: '',
});

function notPermitted(event: UsageEvent, index: number, sources: readonly string[]): EventFault {
  const bySource = !sources.includes(event.source);
  const what = bySource ? `source ${JSON.stringify(event.source)}` : `meter ${JSON.stringify(event.meter)}`;
  const fault = refused(403, bySource ? 'source-not-permitted' : 'meter-not-permitted', `${what} is not this caller's`);
  return { ...fault, index, path: bySource ? '/source' : '/data/meter' };
}

function conflicting({ source, id }: UsageEvent, index: number): EventFault {
  const identity = `source ${JSON.stringify(source)} and id ${JSON.stringify(id)}`;
  return {
    ...refused(409, 'identity-conflict', `another event is known under ${identity}`),
    index,
    path: '/id',
    hint: 'repeat the event unchanged, or report a correction under a new id; nothing of this request was taken',
  };
}
