import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Approvals, Corrections } from '../../app/ports/invoices.ts';
import type { OperatorAct, PriceCorrection } from '../../domain/invoicing/correction.ts';
import { appendOnly } from '../aws/append-only.ts';

/** Price corrections in the invoices table: `corrections#<customer>` / `<correction id>`. Needs dynamodb:PutItem and dynamodb:Query. */
export function dynamodbCorrections(client: DynamoDBClient, table: string): Corrections {
  const corrections = appendOnly<PriceCorrection>(client, table, 'corrections#');
  return {
    async record(correction) {
      const written = await corrections.append(correction.customer, correction.id, correction);
      return written === 'written' ? 'recorded' : 'exists';
    },
    async ofCustomer(customer) {
      return (await corrections.ofOwner(customer)).sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1));
    },
  };
}

/** The team's approvals in the invoices table: `approvals#invoicing` / `first-run`. Needs dynamodb:PutItem and dynamodb:Query. */
export function dynamodbApprovals(client: DynamoDBClient, table: string): Approvals {
  const approvals = appendOnly<OperatorAct>(client, table, 'approvals#');
  // Never taken back: once read it need not be read again.
  let approved: OperatorAct | undefined;
  return {
    async firstRun() {
      approved ??= (await approvals.ofOwner('invoicing'))[0];
      return approved;
    },
    async approveFirstRun(act) {
      return (await approvals.append('invoicing', 'first-run', act)) === 'written' ? 'approved' : 'exists';
    },
  };
}
