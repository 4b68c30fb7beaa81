import type { Level } from '../domain/alerts/level.ts';
import type { AlertChoice, AlertsView } from '../domain/alerts/view.ts';
import type { CustomerKey, KeyMode } from '../domain/entitlement/snapshot.ts';
import type { SpendCap } from '../domain/invoicing/billing-terms.ts';
import type { PortalAccount, PortalInvoice, PortalInvoiceHead } from '../domain/portal/account.ts';
import type { AuditAction, AuditEntry } from '../domain/portal/audit.ts';
import type { BillingAddressView } from '../domain/portal/billing-address.ts';
import type { KeptDays } from '../domain/portal/kept-days.ts';
import type { CorrectionPreview, KnownFacts } from '../domain/portal/known-facts.ts';
import type { Identity, Invitation, Member, Role } from '../domain/portal/member.ts';
import type { PriceHistory } from '../domain/portal/price-history.ts';
import type { CustomerRequest, RequestKind } from '../domain/portal/request.ts';
import type { UsageMonth } from '../domain/portal/usage.ts';
import type { UsageReport } from '../domain/reporting/report.ts';
import type { FactValue } from '../domain/rules/ruleset.ts';
import type { Calculation } from '../domain/shop/calculator.ts';
import type { PeriodOutlook, PlanPreview, PlanReturn, PlanView, PriceList } from '../domain/shop/plan.ts';
import type { StatedFacts } from '../domain/shop/stated-facts.ts';
import type { EpochMs, Hour } from '../domain/time/time.ts';

/**
 * Everything that the pages need, in the words of the domain. Whatever reads or changes a customer's things takes the
 * customer first, and the pages only ever pass the one of the member who is signed in: an id from a request never
 * stands there, so that no request can reach another's data.
 */
export interface PortalPorts {
  readonly account: (customer: string) => Promise<PortalAccount | undefined>;
  readonly shop: ShopPort;
  readonly usage: UsagePort;
  readonly reports: ReportsPort;
  readonly invoices: InvoicesPort;
  readonly requests: RequestsPort;
  readonly data: DataPort;
  readonly prices: PricesPort;
  /** The time that data is of: on AWS that of the wall. */
  readonly now: () => EpochMs;
  readonly alerts: AlertsPort;
  readonly billingAddress: BillingAddressPort;
  readonly keys: KeysPort;
  readonly members: MembersPort;
  readonly audit: AuditPort;
  readonly guard: GuardPort;
  /** Null where no issuer is set up: signing in says so. */
  readonly signIn: SignInPort | null;
  /**
   * Signing in as anyone, without a password. Only the embedded cloud has it; the deployed function never wires it, and
   * no setting can.
   */
  readonly development?: DevelopmentPort;
}

/** What customers buy themselves. Prices are anyone's to see; everything else is one customer's. */
export interface ShopPort {
  /** Undefined while no rules are published. */
  prices(): Promise<PriceList | undefined>;
  /** Rates what a visitor typed, on every offered card. @param answers text by field name */
  calculate(answers: Readonly<Record<string, string | undefined>>): Promise<Calculation | undefined>;
  /** Undefined while no rules are published. */
  plan(customer: string): Promise<PlanView | undefined>;
  leaving(customer: string): Promise<Pick<PlanView, 'leavesAt' | 'couldLeaveAt'> | undefined>;
  /** The present period's bill. Undefined while no rules are published. */
  outlook(customer: string): Promise<PeriodOutlook | undefined>;
  preview(customer: string, card: string): Promise<PlanPreview | 'not-offered'>;
  /** `changed`: the token is of a preview that no longer holds. */
  choose(customer: string, request: { card: string; token: string; by: string }): Promise<ChooseAnswer>;
  undo(customer: string): Promise<'undone' | 'too-late'>;
  /** When the account closes. */
  cancel(customer: string): Promise<EpochMs | 'closed'>;
  stay(customer: string): Promise<'stays' | 'closed'>;
  /** `not-closed`: it never left, is coming back already, or cannot. */
  viewReturn(customer: string, card: string): Promise<PlanReturn | 'not-offered' | 'not-closed'>;
  /** Opens a closed account again, with the hour with which the price holds. */
  reopen(customer: string, request: { card: string; token: string; by: string }): Promise<ReopenAnswer>;
  /** Reads what somebody states of their company, by fact id. */
  stated(answers: Readonly<Record<string, string | undefined>>): Promise<StatedFacts>;
  open(identity: Identity, request: AccountRequest): Promise<OpenAnswer>;
}

export type ChooseAnswer =
  | { readonly outcome: 'chosen'; readonly from: Hour; readonly when: 'now' | 'periodEnd' }
  | { readonly outcome: 'changed' | 'not-offered' | 'closed' };

export type ReopenAnswer =
  | { readonly outcome: 'reopens'; readonly from: Hour }
  | { readonly outcome: 'changed' | 'not-offered' | 'not-closed' | 'owes' };

export interface AccountRequest {
  readonly name: string;
  /** Id of an offered card. */
  readonly card: string;
  readonly facts: StatedFacts['facts'];
  /** IANA name; null for UTC. */
  readonly timeZone: string | null;
  /** Who opens it, in words. */
  readonly by: string;
}

export type OpenAnswer =
  | { readonly outcome: 'opened'; readonly member: Member }
  | { readonly outcome: 'not-offered' | 'member-already' }
  /** The rules give the company another card: why, in words. */
  | { readonly outcome: 'other-card'; readonly reason: string };

export interface UsagePort {
  /** The month that lies at `now`, as far as it is known. */
  current(customer: string): Promise<UsageMonth>;
  /** @param month `YYYY-MM`; undefined before the customer was registered, and for months to come */
  month(customer: string, month: string): Promise<UsageMonth | undefined>;
  /** Months that can be asked for, newest first. */
  months(customer: string): Promise<readonly string[]>;
}

export interface ReportsPort {
  /** @param month `YYYY-MM`; undefined before the customer was registered, and for months to come */
  of(customer: string, month: string): Promise<UsageReport | undefined>;
  /** What a PDF embeds. */
  fonts(): { readonly regular: Uint8Array; readonly bold: Uint8Array };
}

export interface InvoicesPort {
  /** Newest first. Invoices that the customer is never to see (shadow, dropped) are not among them. */
  list(customer: string): Promise<readonly PortalInvoiceHead[]>;
  /** @param number see `invoiceNumber` */
  one(customer: string, number: string): Promise<PortalInvoice | undefined>;
  /** Stripe's hosted page of an invoice that can be paid or was; undefined when there is none, or Stripe does not answer. */
  hostedPage(customer: string, number: string): Promise<string | undefined>;
  /** Stripe's page for the payment method, coming back to `returnUrl`. */
  paymentMethodPage(customer: string, returnUrl: string): Promise<string | undefined>;
}

/** What a customer asks for and no page can do while it is waited for. */
export interface RequestsPort {
  /** Newest first. */
  list(customer: string): Promise<readonly CustomerRequest[]>;
  find(customer: string, kind: 'bundle' | 'export' | 'erase', subject?: string): Promise<CustomerRequest | undefined>;
  /** Asking again for a file that is being made or there already finds it. */
  ask(
    customer: string,
    asked: { kind: RequestKind; subject?: string; statement?: string; askedBy: string },
  ): Promise<CustomerRequest>;
  /** What was made: its bytes, or where it is larger than a page may be, a link that works for a moment. */
  file(customer: string, id: string): Promise<{ body: Uint8Array; name: string } | { url: string } | undefined>;
}

/** What is known of a customer, and its say in it. */
export interface DataPort {
  /** Every fact that rules may read, as it is now; null while no rules have been published. */
  facts(customer: string): Promise<KnownFacts | null>;
  /** What the decision would be with another value. */
  preview(customer: string, fact: string, value: FactValue): Promise<CorrectionPreview | null>;
  /** Only for facts that a customer states itself. Takes effect with the evaluation that it asks for. */
  correct(customer: string, fact: string, value: FactValue): Promise<'corrected' | 'not-yours'>;
}

/** Prices that concern one customer, then and now. */
export interface PricesPort {
  history(customer: string): Promise<PriceHistory>;
}

/** A customer's own caps, alerts, addresses and webhook. */
export interface AlertsPort {
  /** @param own the verified address of whoever looks: it can be chosen too */
  view(customer: string, own: string | null): Promise<AlertsView>;
  /** How much of everything is used, as of the last look. */
  levels(customer: string): Promise<readonly Level[]>;
  /** Null takes the cap away. @throws InputError `not-a-cap`, saying what can be set */
  setCap(customer: string, cap: SpendCap | null): Promise<void>;
  choose(customer: string, choice: AlertChoice, own: string | null): Promise<void>;
  /** The secret in clear, this once. @throws InputError `not-a-target`, saying what is wrong */
  setTarget(customer: string, url: string): Promise<{ secret: string }>;
  removeTarget(customer: string): Promise<void>;
  /** The new secret in clear, this once; the old one is signed with as well until then. */
  rotateSecret(customer: string): Promise<{ secret: string; until: EpochMs } | 'no-target'>;
  testTarget(customer: string): Promise<'sent' | 'no-target'>;
  resumeTarget(customer: string): Promise<void>;
  dropAddress(customer: string, address: string): Promise<void>;
  /** Every link to a report that was sent so far leads nowhere from now on. */
  voidLinks(customer: string): Promise<void>;
  /** What a signed link names; undefined for one that was changed, has run out, or was made void. */
  reportLink(token: string): Promise<{ customer: string; month: string } | undefined>;
}

/** Where a customer's invoices, reports and alerts go. */
export interface BillingAddressPort {
  view(customer: string): Promise<BillingAddressView>;
  /** Sends a link to it, and nothing else until it is confirmed. @throws InputError saying what is wrong */
  ask(customer: string, text: string): Promise<void>;
  withdraw(customer: string): Promise<void>;
  /** What a signed link would confirm; undefined for one that was changed, used, withdrawn, or has run out. */
  linked(token: string): Promise<{ customer: string; address: string } | undefined>;
  /** `void`: see {@link BillingAddressPort.linked}. */
  confirm(token: string): Promise<{ customer: string; address: string } | 'void'>;
}

export interface KeysPort {
  list(customer: string): Promise<readonly CustomerKey[]>;
  /** The key in clear, this once. `too-many`: the customer has as many active keys as it may. */
  create(customer: string, request: { name: string; mode: KeyMode }): Promise<{ key: string } | 'too-many'>;
  /** A new key of the same name and mode; the old one works for `overlapMs` more. `unknown` for a key that is gone. */
  roll(customer: string, hash: string, overlapMs: number): Promise<{ key: string; until: EpochMs } | 'unknown'>;
  revoke(customer: string, hash: string): Promise<'revoked' | 'unknown'>;
}

export interface MembersPort {
  /** Read on every request, so that somebody who was removed is out at once. */
  find(identity: Pick<Identity, 'issuer' | 'subject'>): Promise<Member | undefined>;
  ofCustomer(customer: string): Promise<readonly Member[]>;
  invitations(customer: string): Promise<readonly Invitation[]>;
  invitationsFor(email: string): Promise<readonly Invitation[]>;
  /** Replaces an earlier invitation of the same address. */
  invite(customer: string, invitation: { email: string; role: Role; invitedBy: string }): Promise<void>;
  withdraw(customer: string, email: string): Promise<void>;
  /** Only with an invitation to the identity's verified address that has not run out. */
  accept(identity: Identity, customer: string): Promise<Member | undefined>;
  /** `last-admin`: somebody has to be left who can change things. */
  remove(customer: string, who: Pick<Member, 'issuer' | 'subject'>): Promise<'removed' | 'unknown' | 'last-admin'>;
}

export interface AuditPort {
  record(customer: string, entry: { action: AuditAction; actor: string; subject: string }): Promise<void>;
  /** Newest first, at most `limit`. */
  newest(customer: string, limit: number): Promise<readonly AuditEntry[]>;
}

/** What protects the forms. */
export interface GuardPort {
  /** Whether this form is sent for the first time. Remembered for a day. */
  firstTime(customer: string, formId: string): Promise<boolean>;
  /** Counts one attempt; false when more than `most` were made within `windowMs`. */
  allow(what: string, who: string, most: number, windowMs: number): Promise<boolean>;
  /** A session that signed out is over, though its cookie could still be opened. */
  endSession(id: string, until: EpochMs): Promise<void>;
  sessionEnded(id: string): Promise<boolean>;
}

/** An OpenID Connect authorization code flow with PKCE. */
export interface SignInPort {
  /** Where to send the browser, and what has to be kept until it comes back. `unavailable`: the issuer does not answer. */
  begin(redirectUri: string): Promise<{ url: string; kept: SignInState } | 'unavailable'>;
  /**
   * @param url the address that the browser came back to, query and all
   * @returns who it is; `refused` for a wrong state, nonce, signature, a code used before or run out, or a person who
   * said no; `unavailable` when the issuer does not answer
   */
  complete(url: string, kept: SignInState): Promise<Identity | 'refused' | 'unavailable'>;
  /** Where one signs out of the issuer as well; null where it has no such page. */
  signOutPage(returnUrl: string): Promise<string | null>;
}

export interface SignInState {
  readonly state: string;
  readonly nonce: string;
  readonly codeVerifier: string;
}

export interface DevelopmentPort {
  /** A call to the gateway as one would type it. */
  readonly curl: string;
  readonly period: string;
  /** Somebody whom nobody knows, with a verified address: to see what signing up is like. */
  newcomer(): Identity;
  customers(): Promise<readonly DevelopmentCustomer[]>;
  /** The identity with which one is that customer's admin; undefined for nobody. */
  identityOf(customer: string): Promise<Identity | undefined>;
  /** What would have been mailed, newest first. */
  mails(): readonly DevelopmentMail[];
}

export interface DevelopmentMail {
  readonly id: string;
  readonly at: EpochMs;
  readonly from: string;
  readonly to: readonly string[];
  readonly subject: string;
  readonly text: string;
  /** `delivered`, `bounced`, `complained`. */
  readonly state: string;
  readonly attachments: readonly { readonly name: string; readonly type: string; readonly content: Uint8Array }[];
}

export interface DevelopmentCustomer {
  readonly id: string;
  readonly name: string;
  readonly status: string;
  readonly rateCard: string | null;
  readonly segments: readonly string[];
  readonly calls: string;
  readonly total: string | null;
  readonly state: string | null;
}

/** What is fixed when the portal is made. */
export interface PortalSettings {
  /** `https://portal.example.com`, no path. With https cookies are `__Host-` and `Secure`, and HSTS is sent. */
  readonly origin: string;
  /** 32 bytes that seal the cookies. Another one signs everyone out. */
  readonly sessionKey: Uint8Array;
  /** For sessions, apart from any clock that is moved by hand. */
  readonly now: () => EpochMs;
  /** `bytes` random bytes as lower-case hex. */
  readonly random: (bytes: number) => string;
  /** The caller's network address, from what the server passes along with a request. */
  readonly addressOf: (server: unknown) => string;
  /** open: whoever signs in may open an account. invited: only who was invited gets in. */
  readonly signUp: 'open' | 'invited';
  /** What the page about erasing promises. */
  readonly kept: KeptDays;
  readonly report: (fault: string, fields: Record<string, unknown>) => void;
}
