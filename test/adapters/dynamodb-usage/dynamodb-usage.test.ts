import { dynamodbClosedUsage } from '../../../lib/adapters/dynamodb-usage/closed.ts';
import { dynamodbProvisionalUsage } from '../../../lib/adapters/dynamodb-usage/provisional.ts';
import { closedUsageContract, provisionalUsageContract } from '../../contracts/usage.ts';
import { type LocalDynamo, localDynamo } from '../../support/dynalite.ts';

let dynamo: LocalDynamo;
let tables = 0;
beforeAll(async () => {
  dynamo = await localDynamo();
});
afterAll(() => dynamo.close());
const freshTable = () => dynamo.table(`usage-${++tables}`);

describe('provisional usage in DynamoDB', () => {
  provisionalUsageContract(async () => dynamodbProvisionalUsage(dynamo.client, await freshTable()));
});

describe('closed usage in DynamoDB', () => {
  closedUsageContract(async () => dynamodbClosedUsage(dynamo.client, await freshTable()));
});
