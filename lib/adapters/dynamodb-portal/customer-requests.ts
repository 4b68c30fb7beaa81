import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { CustomerRequests } from '../../app/ports/customer-requests.ts';
import { type CustomerRequest, needsPerson } from '../../domain/portal/request.ts';
import { documentOf, follows, type Item, itemKey, itemsIn, versioned } from '../aws/dynamodb-items.ts';

const requestIn = (item: Item): CustomerRequest => documentOf(item) as CustomerRequest;
/** Where operators find it, until it is settled. */
const WAITING = 'requests';
const waitingName = ({ customer, id }: CustomerRequest): string => `${customer}#${id}`;

/**
 * Customers' requests in the portal table. One that waits for a person stands under `requests` as well: written before the
 * request and removed after it is settled, so that none is ever missing there; whoever reads looks at the request itself.
 * Needs dynamodb:GetItem, PutItem, DeleteItem, Query.
 */
export function dynamodbCustomerRequests(client: DynamoDBClient, table: string): CustomerRequests {
  const items = itemsIn(client, table);
  const one = async (customer: string, id: string): Promise<CustomerRequest | undefined> => {
    const item = await items.get(`customer#${customer}`, `request#${id}`);
    return item && requestIn(item);
  };
  return {
    one,
    async put(request) {
      const { customer, id } = request;
      if (needsPerson(request)) {
        await items.put({ ...itemKey(WAITING, waitingName(request)), customer: { S: customer }, id: { S: id } });
      }
      const item = versioned(`customer#${customer}`, `request#${id}`, request);
      if (!(await items.put(item, follows(request.version)))) return 'conflict';
      if (!needsPerson(request)) await items.remove(WAITING, waitingName(request));
      return 'put';
    },
    async ofCustomer(customer) {
      const found = (await items.query(`customer#${customer}`, 'request#')).map(requestIn);
      return found.sort((a, b) => b.askedAt - a.askedAt);
    },
    async waiting() {
      const found: CustomerRequest[] = [];
      for (const { customer, id } of await items.query(WAITING)) {
        const request = await one(customer?.S ?? '', id?.S ?? '');
        if (request && needsPerson(request)) found.push(request);
      }
      return found.sort((a, b) => a.askedAt - b.askedAt);
    },
  };
}
