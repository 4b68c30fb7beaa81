import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  PutItemCommand,
  paginateQuery,
} from '@aws-sdk/client-dynamodb';

/** Things that are written once under `<prefix><owner>` / `<id>` and never changed, as JSON in `document`. */
export interface AppendOnly<Thing> {
  /** One conditional item write; `exists` leaves what is there. */
  append(owner: string, id: string, thing: Thing): Promise<'written' | 'exists'>;
  /** In the order of their ids. Strongly consistent. */
  ofOwner(owner: string): Promise<Thing[]>;
}

/** Needs dynamodb:PutItem and dynamodb:Query. @param prefix ends in `#`, which no customer's id has */
export function appendOnly<Thing>(client: DynamoDBClient, table: string, prefix: string): AppendOnly<Thing> {
  return {
    async append(owner, id, thing) {
      const Item: Record<string, AttributeValue> = {
        pk: { S: `${prefix}${owner}` },
        sk: { S: id },
        document: { S: JSON.stringify(thing) },
      };
      const condition = 'attribute_not_exists(pk)';
      try {
        await client.send(new PutItemCommand({ TableName: table, Item, ConditionExpression: condition }));
        return 'written';
      } catch (error) {
        if (error instanceof ConditionalCheckFailedException) return 'exists';
        throw error;
      }
    },
    async ofOwner(owner) {
      const query = {
        TableName: table,
        ConsistentRead: true,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': { S: `${prefix}${owner}` } },
      };
      const found: Thing[] = [];
      for await (const { Items = [] } of paginateQuery({ client }, query)) {
        found.push(...Items.map(({ document }) => JSON.parse(document?.S ?? '') as Thing));
      }
      return found;
    },
  };
}
