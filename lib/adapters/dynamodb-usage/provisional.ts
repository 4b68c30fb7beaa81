import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  paginateQuery,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { ProvisionalHour, ProvisionalUsage } from '../../app/ports/usage.ts';
import { hourOf } from '../../domain/time/time.ts';
import { hourFromKey, hourKey } from '../aws/hour-key.ts';

/** Counters are the attributes with these first characters; everything else on the item is bookkeeping. */
const COUNTER = /^[ct]:/;

/**
 * Provisional counters in the usage table: `usage#<customer>` / `<hour>`. One UpdateItem adds the counters and the
 * source together, on the condition that the source is not there yet: a redelivered object changes nothing.
 * Needs dynamodb:UpdateItem and dynamodb:Query.
 */
export function dynamodbProvisionalUsage(client: DynamoDBClient, table: string): ProvisionalUsage {
  return {
    async add({ customer, hour, counters, source }) {
      const entries = Object.entries(counters);
      const values: Record<string, AttributeValue> = { ':source': { S: source }, ':sources': { SS: [source] } };
      const names: Record<string, string> = { '#src': 'src' };
      for (const [i, [name, value]] of entries.entries()) {
        names[`#c${i}`] = name;
        values[`:v${i}`] = { N: value };
      }
      const additions = entries.map((_, i) => `#c${i} :v${i}`);
      try {
        await client.send(
          new UpdateItemCommand({
            TableName: table,
            Key: { pk: { S: `usage#${customer}` }, sk: { S: hourKey(hour) } },
            UpdateExpression: `ADD ${[...additions, '#src :sources'].join(', ')}`,
            ConditionExpression: 'NOT contains(#src, :source)',
            ExpressionAttributeNames: names,
            ExpressionAttributeValues: values,
          }),
        );
        return 'counted';
      } catch (fault) {
        if (fault instanceof ConditionalCheckFailedException) return 'duplicate';
        throw fault;
      }
    },

    async provisional(customer, period) {
      const found: ProvisionalHour[] = [];
      // DynamoDB refuses a range that ends before it begins.
      if (period.start >= period.end) return found;
      const pages = paginateQuery(
        { client },
        {
          TableName: table,
          KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :to',
          ExpressionAttributeValues: {
            ':pk': { S: `usage#${customer}` },
            ':from': { S: hourKey(hourOf(period.start)) },
            ':to': { S: hourKey(hourOf(period.end - 1)) },
          },
          ConsistentRead: true,
        },
      );
      for await (const { Items = [] } of pages) {
        for (const item of Items) {
          const counters = Object.entries(item).filter(([name]) => COUNTER.test(name));
          found.push({
            customer,
            hour: hourFromKey(item.sk?.S ?? ''),
            counters: Object.fromEntries(counters.map(([name, { N }]) => [name, N ?? '0'])),
          });
        }
      }
      return found;
    },
  };
}
