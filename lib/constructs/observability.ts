import { Duration } from 'aws-cdk-lib';
import {
  Alarm,
  ComparisonOperator,
  Dashboard,
  GraphWidget,
  type IMetric,
  Metric,
  Stats,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { CfnDeliveryStream } from 'aws-cdk-lib/aws-kinesisfirehose';
import { type ITopic, Topic } from 'aws-cdk-lib/aws-sns';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { TollgateFunction } from './tollgate-function.ts';

export interface ObservabilityProps {
  /** @default a topic is made */
  readonly alarmTopic?: ITopic;
  readonly functions: readonly TollgateFunction[];
  /** By what waits in them. */
  readonly deadLetters: Readonly<Record<string, Queue>>;
  /** By what they carry. */
  readonly streams: Readonly<Record<string, CfnDeliveryStream>>;
  /** The oldest open hour is at most so old when hours are closed as planned. */
  readonly closeLagHours: number;
}

interface Condition {
  readonly metric: IMetric;
  readonly above: number;
  readonly description: string;
}

/** What a function counts and somebody should know of. Each is alarmed above 0, but for the lag. */
export interface FunctionCount {
  /** The function that counts it. */
  readonly service: string;
  /** The metric, in the namespace `Tollgate`. */
  readonly name: string;
  readonly description: string;
}

const WAITING = 'They wait, with file, line and reason, under quarantine/ in the records bucket.';
export const FUNCTION_COUNTS: readonly FunctionCount[] = [
  {
    service: 'authorize-call',
    name: 'StoreFailures',
    description: 'The authorizer could not read the directory table and answered as onStoreFailure says.',
  },
  { service: 'meter-usage', name: 'QuarantinedLines', description: `Usage lines could not be read. ${WAITING}` },
  { service: 'close-hours', name: 'QuarantinedLines', description: `Usage lines could not be billed. ${WAITING}` },
  { service: 'accept-events', name: 'EventsQuarantined', description: `Events are too old or too new. ${WAITING}` },
  {
    service: 'evaluate-customers',
    name: 'UndecidedCustomers',
    description:
      'Customers could not be decided: a fact without a default is missing. The log names customer and fact.',
  },
  {
    service: 'receive-bounces',
    name: 'AddressesBounced',
    description:
      'An e-mail address of a customer takes no mail: nothing more is sent there. `tollgate customers list` and `show` say whose.',
  },
  { service: 'invoice-customer', name: 'InvoicesHeld', description: 'Invoices wait for approval.' },
  {
    service: 'receive-stripe-events',
    name: 'StripeEventsMismatched',
    description: 'Stripe and Tollgate disagree about an invoice. The log names it.',
  },
];
export const CLOSE_LAG: FunctionCount = {
  service: 'close-hours',
  name: 'CloseLagHours',
  description: 'Hours are not being closed, so nothing of them can be invoiced.',
};

/** Alarms for what would lose or delay money, and a dashboard. No metric math: every alarm is one metric and one bound. */
export class Observability extends Construct {
  readonly topic: ITopic;
  readonly dashboard: Dashboard;

  constructor(scope: Construct, id: string, props: ObservabilityProps) {
    super(scope, id);
    this.topic = props.alarmTopic ?? new Topic(this, 'Alarms', { displayName: 'Tollgate alarms', enforceSSL: true });
    this.alarmDeadLetters(props);
    this.alarmStreams(props);
    this.alarmFunctions(props);
    this.dashboard = this.draw(props);
  }

  private alarm(id: string, { metric, above, description }: Condition): void {
    new Alarm(this, id, {
      metric,
      threshold: above,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      evaluationPeriods: 1,
      treatMissingData: TreatMissingData.NOT_BREACHING,
      alarmDescription: description,
    }).addAlarmAction(new SnsAction(this.topic));
  }

  private alarmDeadLetters({ deadLetters }: ObservabilityProps): void {
    for (const [name, queue] of Object.entries(deadLetters)) {
      this.alarm(`${name}DeadLetters`, {
        metric: queue.metricApproximateNumberOfMessagesVisible({ period: MINUTES, statistic: Stats.MAXIMUM }),
        above: 0,
        description: `Tollgate gave up on work (${name}). Find the cause in the function's log, then redrive the queue.`,
      });
    }
  }

  private alarmStreams({ streams }: ObservabilityProps): void {
    for (const [name, stream] of Object.entries(streams)) {
      this.alarm(`${name}Throttled`, {
        metric: firehose(stream, 'ThrottledRecords', Stats.SUM),
        above: 0,
        description: `Firehose throttled ${name}: usage is being lost before the ledger. Raise the stream's quota now.`,
      });
      this.alarm(`${name}Late`, {
        metric: firehose(stream, 'DeliveryToS3.DataFreshness', Stats.MAXIMUM),
        above: 1800,
        description: `${name} has not reached the ledger bucket for half an hour. Firehose keeps trying for 24 hours.`,
      });
    }
  }

  private alarmFunctions({ functions, closeLagHours }: ObservabilityProps): void {
    // The authorizer refuses an unknown key by throwing, as API Gateway asks of it: its own faults are StoreFailures.
    for (const { name, fn } of functions.filter(({ name }) => name !== 'authorize-call')) {
      this.alarm(`${camel(name)}Errors`, {
        metric: fn.metricErrors({ period: MINUTES }),
        above: 0,
        description: `${name} failed. Its log says why.`,
      });
    }
    for (const count of FUNCTION_COUNTS) {
      const id = `${camel(count.service)}${count.name}`;
      this.alarm(id, { metric: counted(count, Stats.SUM), above: 0, description: count.description });
    }
    const description = CLOSE_LAG.description;
    this.alarm(CLOSE_LAG.name, { metric: counted(CLOSE_LAG, Stats.MAXIMUM), above: closeLagHours + 5, description });
  }

  private draw({ functions, deadLetters, streams }: ObservabilityProps): Dashboard {
    const graph = (title: string, left: IMetric[]) => new GraphWidget({ title, left, width: 12 });
    return new Dashboard(this, 'Dashboard', {
      widgets: [
        [
          graph(
            'Usage into the ledger',
            Object.values(streams).map((stream) => firehose(stream, 'IncomingRecords', Stats.SUM)),
          ),
          graph(
            'Time to the ledger (seconds)',
            Object.values(streams).map((stream) => firehose(stream, 'DeliveryToS3.DataFreshness', Stats.MAXIMUM)),
          ),
        ],
        [
          graph(
            'Function errors',
            functions.map(({ fn }) => fn.metricErrors({ period: MINUTES })),
          ),
          graph(
            'Function durations, p99 (ms)',
            functions.map(({ fn }) => fn.metricDuration({ period: MINUTES, statistic: 'p99' })),
          ),
        ],
        [
          graph(
            'Dead letters',
            Object.values(deadLetters).map((queue) =>
              queue.metricApproximateNumberOfMessagesVisible({ period: MINUTES }),
            ),
          ),
          graph('What somebody should know of', [
            ...FUNCTION_COUNTS.map((count) => counted(count, Stats.SUM)),
            counted(CLOSE_LAG, Stats.MAXIMUM),
          ]),
        ],
      ],
    });
  }
}

const MINUTES = Duration.minutes(5);

const firehose = (stream: CfnDeliveryStream, metricName: string, statistic: string) =>
  new Metric({
    namespace: 'AWS/Firehose',
    metricName,
    dimensionsMap: { DeliveryStreamName: stream.ref },
    period: MINUTES,
    statistic,
  });

const counted = ({ service, name }: FunctionCount, statistic: string) =>
  new Metric({ namespace: 'Tollgate', metricName: name, dimensionsMap: { service }, period: MINUTES, statistic });

const camel = (name: string) =>
  name
    .split('-')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');
