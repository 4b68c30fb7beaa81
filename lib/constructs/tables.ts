import { RemovalPolicy } from 'aws-cdk-lib';
import { AttributeType, BillingMode, Table } from 'aws-cdk-lib/aws-dynamodb';
import { Construct } from 'constructs';
import { FIXED_DAYS } from './kept-days.ts';

export interface TablesProps {
  readonly removalPolicy: RemovalPolicy;
}

/** The six tables, all with string `pk` and `sk`; what stands in them is written down in docs/architecture.md. */
export class Tables extends Construct {
  readonly directory: Table;
  readonly usage: Table;
  readonly identities: Table;
  readonly rulesets: Table;
  readonly decisions: Table;
  readonly invoices: Table;

  constructor(scope: Construct, id: string, props: TablesProps) {
    super(scope, id);
    const table = (name: string, timeToLiveAttribute?: string) =>
      keyedTable(this, name, props.removalPolicy, timeToLiveAttribute);
    this.directory = table('Directory');
    this.usage = table('Usage');
    this.identities = table('Identities', 'expiresAt');
    this.rulesets = table('Rulesets');
    this.decisions = table('Decisions');
    this.invoices = table('Invoices');
  }
}

/** On demand, with string `pk` and `sk`, point-in-time recovery, and protected from deletion unless it goes with its stack. */
export function keyedTable(
  scope: Construct,
  id: string,
  removalPolicy: RemovalPolicy,
  timeToLiveAttribute?: string,
): Table {
  return new Table(scope, id, {
    partitionKey: { name: 'pk', type: AttributeType.STRING },
    sortKey: { name: 'sk', type: AttributeType.STRING },
    billingMode: BillingMode.PAY_PER_REQUEST,
    pointInTimeRecoverySpecification: {
      pointInTimeRecoveryEnabled: true,
      recoveryPeriodInDays: FIXED_DAYS.backups,
    },
    deletionProtection: removalPolicy !== RemovalPolicy.DESTROY,
    removalPolicy,
    ...(timeToLiveAttribute === undefined ? {} : { timeToLiveAttribute }),
  });
}
