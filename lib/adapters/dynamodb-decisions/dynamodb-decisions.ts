import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  PutItemCommand,
  paginateQuery,
  QueryCommand,
} from '@aws-sdk/client-dynamodb';
import type { Decisions } from '../../app/ports/decisions.ts';
import { assert } from '../../domain/assert.ts';
import type { Decision } from '../../domain/segmentation/decision.ts';
import type { Hour } from '../../domain/time/time.ts';
import { hourKey } from '../aws/hour-key.ts';

type Item = Record<string, AttributeValue>;
/** Of a period's decisions: rarely is there more than one. */
const PAGE_ITEMS = 8;

/** Decisions, one item each: `<customer>` / effective hour. Needs dynamodb:Query, dynamodb:PutItem. */
export function dynamodbDecisions(client: DynamoDBClient, table: string): Decisions {
  const newest = async (customer: string, upTo?: Hour): Promise<Decision | undefined> => {
    const { Items = [] } = await client.send(
      new QueryCommand({
        TableName: table,
        ConsistentRead: true,
        ScanIndexForward: false,
        Limit: 1,
        KeyConditionExpression: upTo === undefined ? 'pk = :pk' : 'pk = :pk AND sk <= :hour',
        ExpressionAttributeValues: {
          ':pk': { S: customer },
          ...(upTo === undefined ? {} : { ':hour': { S: hourKey(upTo) } }),
        },
      }),
    );
    return Items[0] && decisionFrom(Items[0]);
  };

  return {
    inForceAt: newest,
    latest: (customer) => newest(customer),
    async during(customer, from, to) {
      // Newest first, up to the one that was in force at `from`: of most customers that is one query of one or two items.
      const found: Decision[] = [];
      const pages = paginateQuery(
        { client, pageSize: PAGE_ITEMS },
        {
          TableName: table,
          ConsistentRead: true,
          ScanIndexForward: false,
          KeyConditionExpression: 'pk = :pk AND sk < :to',
          ExpressionAttributeValues: { ':pk': { S: customer }, ':to': { S: hourKey(to) } },
        },
      );
      for await (const { Items = [] } of pages) {
        for (const item of Items) {
          const decision = decisionFrom(item);
          found.unshift(decision);
          if (decision.effectiveFrom <= from) return found;
        }
      }
      return found;
    },
    async record(decision) {
      const Item = {
        pk: { S: decision.customer },
        sk: { S: hourKey(decision.effectiveFrom) },
        rateCard: { S: decision.rateCard ?? '-' },
        document: { S: JSON.stringify(decision) },
      };
      try {
        await client.send(
          new PutItemCommand({ TableName: table, Item, ConditionExpression: 'attribute_not_exists(pk)' }),
        );
        return 'recorded';
      } catch (error) {
        if (error instanceof ConditionalCheckFailedException) return 'exists';
        throw error;
      }
    },
  };
}

function decisionFrom(item: Item): Decision {
  const text = item.document?.S;
  assert(text !== undefined, 'a decision item holds its document');
  return JSON.parse(text) as Decision;
}
