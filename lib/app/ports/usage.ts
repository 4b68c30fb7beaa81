import type { ClosedHour } from '../../domain/metering/meters.ts';
import type { LineCounts } from '../../domain/metering/tally.ts';
import type { Hour, Period } from '../../domain/time/time.ts';

/** What one ledger object adds to one customer's hour. */
export interface ProvisionalUpdate {
  readonly customer: string;
  readonly hour: Hour;
  /** Counter name (`c:<meter>|<group>`, `t:<meter>|<group>` for test calls) -> decimal string to add. */
  readonly counters: Readonly<Record<string, string>>;
  /** 8 bytes, base64url, that name the object and the part of its counters: the same source counts once. */
  readonly source: string;
}

export interface ProvisionalHour {
  readonly customer: string;
  readonly hour: Hour;
  readonly counters: Readonly<Record<string, string>>;
}

/** Running numbers for dashboards, caps and alerts; never read by closing, rating or invoicing. */
export interface ProvisionalUsage {
  /** One conditional item write: adds all counters, or none when this source has been added before. */
  add(update: ProvisionalUpdate): Promise<'counted' | 'duplicate'>;
  /** A customer's hours with any usage in the period, in order. */
  provisional(customer: string, period: Period): Promise<ProvisionalHour[]>;
}

/** The last write of a close (adjustment 0) or of adjustment n: from then on its numbers stand. */
export interface ClosedMarker {
  readonly hour: Hour;
  readonly adjustment: number;
  /** Hash of the ruleset record that was in force in the hour. */
  readonly ruleset: string;
  readonly inputsKey: string;
  /** SHA-256, hex, of the bytes of inputs.json. */
  readonly inputsDigest: string;
  /** SHA-256, hex, of the (key, version) pairs counted: tells a sweep without reading the list that nothing is new. */
  readonly objectsDigest: string;
  /** SHA-256, hex, of the counts' JSON before compression. */
  readonly countsDigest: string;
  /** SHA-256, hex, of all of the above: what closed rows and invoice lines cite. */
  readonly digest: string;
  /** Ledger objects counted. */
  readonly objects: number;
  /** Customers whose rows this close or adjustment wrote. */
  readonly customers: number;
  /** Lines of this hour in those objects. */
  readonly lines: LineCounts;
}

/** The billed numbers. Rows without their marker are unfinished work and are never shown. */
export interface ClosedUsageReader {
  /** A customer's rows in a period in (hour, adjustment) order, each under a written marker; [] for no usage. */
  closedHours(customer: string, period: Period): Promise<ClosedHour[]>;
  /** The first hour of a period without a closed marker; undefined when all of it is closed. */
  firstOpenHour(period: Period): Promise<Hour | undefined>;
  /** Markers of a period, adjustments included, in (hour, adjustment) order. */
  markers(period: Period): Promise<ClosedMarker[]>;
}

export interface ClosedUsage extends ClosedUsageReader {
  /** Writes rows; the same rows again leave the same bytes. */
  putClosedHours(rows: readonly ClosedHour[]): Promise<void>;
  /** Writes the marker where there is none. */
  putMarker(marker: ClosedMarker): Promise<'written' | 'exists'>;
  /** The newest closed hour of the UTC month `YYYY-MM`, undefined when none is. */
  lastClosedHour(month: string): Promise<Hour | undefined>;
}
