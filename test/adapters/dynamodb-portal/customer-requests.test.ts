import { dynamodbCustomerRequests } from '../../../lib/adapters/dynamodb-portal/customer-requests.ts';
import { memoryCustomerRequests } from '../../../lib/adapters/memory/customer-requests.ts';
import { customerRequestsContract } from '../../contracts/customer-requests.ts';
import { type LocalDynamo, localDynamo } from '../../support/dynalite.ts';

let dynamo: LocalDynamo;
let tables = 0;
beforeAll(async () => {
  dynamo = await localDynamo();
});
afterAll(() => dynamo.close());

describe('customers’ requests in DynamoDB', () => {
  customerRequestsContract(async () =>
    dynamodbCustomerRequests(dynamo.client, await dynamo.table(`requests-${++tables}`)),
  );
});

describe('customers’ requests in memory', () => {
  customerRequestsContract(async () => memoryCustomerRequests());
});
