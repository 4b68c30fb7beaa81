import { InputError } from '../../domain/input-error.ts';
import { formatTimestamp } from '../../domain/time/time.ts';
import type { FunctionHost } from './function-host.ts';
import { AwsError, type SdkRequest, type SdkResponse, type Service } from './sdk/http.ts';
import { at, text } from './template/read.ts';
import type { ReadTemplates } from './template/template.ts';
import type { World } from './world.ts';

/** A mail that would have left. */
export interface CapturedMail {
  readonly id: string;
  readonly at: number;
  readonly from: string;
  readonly to: readonly string[];
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly attachments: readonly { readonly name: string; readonly type: string; readonly content: Uint8Array }[];
  readonly state: 'delivered' | 'bounced' | 'complained';
}

/** Addresses that behave as those of SES's mailbox simulator do. Source: SES developer guide, "Using the mailbox simulator manually". */
const BOUNCING = /^bounce(\+[^@]*)?@simulator\.amazonses\.com$/;
const COMPLAINING = /^complaint(\+[^@]*)?@simulator\.amazonses\.com$/;

/**
 * SES v2 as far as mail is sent: `SendEmail` with simple content, which is kept instead of sent. Mail to the addresses of
 * the mailbox simulator comes back through the template's event destination, topic and subscription, as SES would say it.
 */
export class Mailbox {
  readonly #world: World;
  readonly #templates: ReadTemplates;
  readonly #functions: FunctionHost;
  readonly #mails: CapturedMail[] = [];

  constructor(world: World, templates: ReadTemplates, functions: FunctionHost) {
    this.#world = world;
    this.#templates = templates;
    this.#functions = functions;
  }

  /** Oldest first. */
  get mails(): readonly CapturedMail[] {
    return this.#mails;
  }

  api(): Service {
    return {
      service: 'ses',
      operation: ({ method, path }) => (isSendEmail(method, path) ? 'SendEmail' : `${method} ${path}`),
      answer: (request) => this.#answer(request),
    };
  }

  #answer({ method, path, body }: SdkRequest): SdkResponse {
    const headers = { 'content-type': 'application/json' };
    try {
      if (!isSendEmail(method, path)) {
        throw new AwsError('UnknownOperationException', `the embedded cloud has no ses ${method} ${path}`);
      }
      const MessageId = this.#send(JSON.parse(Buffer.from(body).toString()) as SendEmail);
      return { status: 200, headers, body: JSON.stringify({ MessageId }) };
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      const { status, code, message } = error;
      return { status, headers: { ...headers, 'x-amzn-errortype': code }, body: JSON.stringify({ message }) };
    }
  }

  #send(given: SendEmail): string {
    const { FromEmailAddress: from = '', Destination, ConfigurationSetName: set = '', Content } = given;
    const { Subject, Body, Headers = [], Attachments = [] } = Content?.Simple ?? {};
    const to = Destination?.ToAddresses ?? [];
    if (!Subject?.Data || to.length === 0)
      throw new AwsError('BadRequestException', 'a subject and a receiver are needed');
    if (!this.#sets().includes(set)) throw new AwsError('NotFoundException', `no configuration set ${set}`, 404);
    const id = this.#world.random.uuid();
    const state = to.some((one) => BOUNCING.test(one))
      ? 'bounced'
      : to.some((one) => COMPLAINING.test(one))
        ? 'complained'
        : 'delivered';
    this.#mails.push({
      ...{ id, at: this.#world.clock.now(), from, to, subject: Subject.Data, state },
      ...{ text: Body?.Text?.Data ?? '', html: Body?.Html?.Data ?? '' },
      headers: Object.fromEntries(Headers.map(({ Name, Value }) => [Name, Value])),
      attachments: Attachments.map(({ FileName, ContentType = '', RawContent }) => ({
        ...{ name: FileName, type: ContentType },
        content: Buffer.from(RawContent, 'base64'),
      })),
    });
    if (state !== 'delivered') this.#publish(set, eventOf(state, { messageId: id, tags: tagsOf(given) }, to));
    return id;
  }

  #sets(): string[] {
    return this.#templates.ofType('AWS::SES::ConfigurationSet').map(({ ref }) => ref);
  }

  /** Through every destination of the set, to every function that is subscribed to its topic. */
  #publish(set: string, event: { readonly eventType: string }): void {
    for (const destination of this.#templates.ofType('AWS::SES::ConfigurationSetEventDestination')) {
      if (text(destination, 'ConfigurationSetName') !== set) continue;
      const wanted = at(destination, 'EventDestination.MatchingEventTypes') as readonly string[];
      if (!wanted.includes(event.eventType.toLowerCase())) continue;
      const topic = String(at(destination, 'EventDestination.SnsDestination.TopicARN'));
      for (const endpoint of this.#subscribed(topic)) {
        this.#functions.invokeAsync(endpoint, snsEvent(topic, event, this.#world), `${event.eventType} of a mail`);
      }
    }
  }

  #subscribed(topic: string): string[] {
    return this.#templates
      .ofType('AWS::SNS::Subscription')
      .filter((subscription) => text(subscription, 'TopicArn') === topic)
      .map((subscription) => {
        if (text(subscription, 'Protocol') === 'lambda') return text(subscription, 'Endpoint');
        const message = `${subscription.logicalId}: only functions can be subscribed to a topic here`;
        throw new InputError({ code: 'unknown-protocol', path: `/Resources/${subscription.logicalId}`, message });
      });
  }
}

interface SendEmail {
  readonly FromEmailAddress?: string;
  readonly Destination?: { readonly ToAddresses?: readonly string[] };
  readonly ConfigurationSetName?: string;
  readonly EmailTags?: readonly { readonly Name: string; readonly Value: string }[];
  readonly Content?: {
    readonly Simple?: {
      readonly Subject?: { readonly Data?: string };
      readonly Body?: { readonly Text?: { readonly Data?: string }; readonly Html?: { readonly Data?: string } };
      readonly Headers?: readonly { readonly Name: string; readonly Value: string }[];
      readonly Attachments?: readonly {
        readonly FileName: string;
        readonly ContentType?: string;
        readonly RawContent: string;
      }[];
    };
  };
}

const isSendEmail = (method: string, path: string): boolean =>
  method === 'POST' && path === '/v2/email/outbound-emails';

/** In the form that SES publishes. Source: SES developer guide, "Contents of event data that Amazon SES publishes to Amazon SNS". */
function eventOf(state: 'bounced' | 'complained', mail: object, to: readonly string[]) {
  if (state === 'complained') {
    const complainedRecipients = to.map((emailAddress) => ({ emailAddress }));
    return {
      eventType: 'Complaint',
      complaint: { complainedRecipients, complaintFeedbackType: 'abuse' },
      mail,
    };
  }
  const bouncedRecipients = to.map((emailAddress) => ({
    ...{ emailAddress, action: 'failed', status: '5.1.1' },
    diagnosticCode: 'smtp; 550 5.1.1 user unknown',
  }));
  return {
    eventType: 'Bounce',
    bounce: { bounceType: 'Permanent', bounceSubType: 'General', bouncedRecipients },
    mail,
  };
}

/** By name, each with its values. */
const tagsOf = ({ EmailTags = [], ConfigurationSetName = '' }: SendEmail): Record<string, string[]> => ({
  'ses:configuration-set': [ConfigurationSetName],
  ...Object.fromEntries(EmailTags.map(({ Name, Value }) => [Name, [Value]])),
});

const snsEvent = (topic: string, event: object, { clock, random }: World) => ({
  Records: [
    {
      ...{ EventVersion: '1.0', EventSource: 'aws:sns', EventSubscriptionArn: `${topic}:${random.uuid()}` },
      Sns: {
        ...{ Type: 'Notification', MessageId: random.uuid(), TopicArn: topic, Subject: null },
        ...{ Message: JSON.stringify(event), Timestamp: formatTimestamp(clock.now()), MessageAttributes: {} },
      },
    },
  ],
});
