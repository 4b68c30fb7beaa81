import { DeleteItemCommand, type DynamoDBClient, PutItemCommand, paginateQuery } from '@aws-sdk/client-dynamodb';
import type { DunningWatch } from '../../app/ports/dunning-watch.ts';

/**
 * Late customers in the invoices table, one item each: `dunning#watch` / `<customer>`.
 * Needs dynamodb:Query, dynamodb:PutItem and dynamodb:DeleteItem.
 */
export function dynamodbDunningWatch(client: DynamoDBClient, table: string): DunningWatch {
  const keyOf = (customer: string) => ({ pk: { S: 'dunning#watch' }, sk: { S: customer } });
  return {
    async add(customer) {
      await client.send(new PutItemCommand({ TableName: table, Item: keyOf(customer) }));
    },
    async remove(customer) {
      await client.send(new DeleteItemCommand({ TableName: table, Key: keyOf(customer) }));
    },
    async customers() {
      const found: string[] = [];
      const query = {
        TableName: table,
        ConsistentRead: true,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': { S: 'dunning#watch' } },
      };
      for await (const { Items = [] } of paginateQuery({ client }, query)) {
        for (const { sk } of Items) if (sk?.S) found.push(sk.S);
      }
      return found;
    },
  };
}
