import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { CreditGrants } from '../../app/ports/credits.ts';
import type { CreditGrant } from '../../domain/credits/credit-grant.ts';
import { appendOnly } from '../aws/append-only.ts';

/** Credit grants in the invoices table, one item each: `credits#<customer>` / `<grant id>`. Needs dynamodb:PutItem and dynamodb:Query. */
export function dynamodbCredits(client: DynamoDBClient, table: string): CreditGrants {
  const grants = appendOnly<CreditGrant>(client, table, 'credits#');
  return {
    async grant(grant) {
      return (await grants.append(grant.customer, grant.id, grant)) === 'written' ? 'granted' : 'exists';
    },
    async ofCustomer(customer) {
      return (await grants.ofOwner(customer)).sort((a, b) => a.grantedAt - b.grantedAt || (a.id < b.id ? -1 : 1));
    },
  };
}
