import {
  type AttributeValue,
  ConditionalCheckFailedException,
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
} from '@aws-sdk/client-dynamodb';
import type { CustomerRequests } from '../../app/ports/customer-requests.ts';
import { type CustomerRequest, needsPerson } from '../../domain/portal/request.ts';

type Item = Record<string, AttributeValue>;

const names = ({ customer, id }: Pick<CustomerRequest, 'customer' | 'id'>): Item => ({
  pk: { S: `customer#${customer}` },
  sk: { S: `request#${id}` },
});
/** Where operators find it, until it is settled. */
const waitingNames = ({ customer, id }: CustomerRequest): Item => ({
  pk: { S: 'requests' },
  sk: { S: `${customer}#${id}` },
});
const requestIn = (item: Item): CustomerRequest => JSON.parse(item.document?.S ?? '') as CustomerRequest;

/**
 * Customers' requests in the portal table. One that waits for a person stands under `requests` as well: written before the
 * request and removed after it is settled, so that none is ever missing there; whoever reads looks at the request itself.
 * Needs dynamodb:GetItem, PutItem, DeleteItem, Query.
 */
export function dynamodbCustomerRequests(client: DynamoDBClient, table: string): CustomerRequests {
  const one = async (customer: string, id: string): Promise<CustomerRequest | undefined> => {
    const Key = names({ customer, id });
    const { Item } = await client.send(new GetItemCommand({ TableName: table, Key, ConsistentRead: true }));
    return Item && requestIn(Item);
  };
  return {
    one,
    async put(request) {
      if (needsPerson(request)) {
        const pointer = { customer: { S: request.customer }, id: { S: request.id } };
        await client.send(new PutItemCommand({ TableName: table, Item: { ...waitingNames(request), ...pointer } }));
      }
      if (!(await putVersion(client, table, request))) return 'conflict';
      if (!needsPerson(request)) {
        await client.send(new DeleteItemCommand({ TableName: table, Key: waitingNames(request) }));
      }
      return 'put';
    },
    async ofCustomer(customer) {
      const found = (await query(client, table, `customer#${customer}`, 'request#')).map(requestIn);
      return found.sort((a, b) => b.askedAt - a.askedAt);
    },
    async waiting() {
      const found: CustomerRequest[] = [];
      for (const { customer, id } of await query(client, table, 'requests', '')) {
        const request = await one(customer?.S ?? '', id?.S ?? '');
        if (request && needsPerson(request)) found.push(request);
      }
      return found.sort((a, b) => a.askedAt - b.askedAt);
    },
  };
}

async function putVersion(client: DynamoDBClient, table: string, request: CustomerRequest): Promise<boolean> {
  const { version } = request;
  const Item = { ...names(request), version: { N: String(version) }, document: { S: JSON.stringify(request) } };
  const condition =
    version === 1
      ? { ConditionExpression: 'attribute_not_exists(pk)' }
      : {
          ConditionExpression: 'version = :before',
          ExpressionAttributeValues: { ':before': { N: String(version - 1) } },
        };
  try {
    await client.send(new PutItemCommand({ TableName: table, Item, ...condition }));
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}

async function query(client: DynamoDBClient, table: string, pk: string, prefix: string): Promise<Item[]> {
  const found: Item[] = [];
  let from: Item | undefined;
  do {
    const answer = await client.send(
      new QueryCommand({
        TableName: table,
        ConsistentRead: true,
        KeyConditionExpression: prefix === '' ? 'pk = :pk' : 'pk = :pk AND begins_with(sk, :prefix)',
        ExpressionAttributeValues: { ':pk': { S: pk }, ...(prefix === '' ? {} : { ':prefix': { S: prefix } }) },
        ...(from === undefined ? {} : { ExclusiveStartKey: from }),
      }),
    );
    found.push(...(answer.Items ?? []));
    from = answer.LastEvaluatedKey;
  } while (from !== undefined);
  return found;
}
