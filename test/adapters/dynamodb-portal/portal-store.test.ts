import { dynamodbPortalStore } from '../../../lib/adapters/dynamodb-portal/dynamodb-portal.ts';
import { memoryPortalStore } from '../../../lib/adapters/memory/portal.ts';
import { portalStoreContract } from '../../contracts/portal-store.ts';
import { type LocalDynamo, localDynamo } from '../../support/dynalite.ts';

let dynamo: LocalDynamo;
let tables = 0;
beforeAll(async () => {
  dynamo = await localDynamo();
});
afterAll(() => dynamo.close());

describe('the portal’s store in DynamoDB', () => {
  portalStoreContract(async () => dynamodbPortalStore(dynamo.client, await dynamo.table(`portal-${++tables}`)));
});

describe('the portal’s store in memory', () => {
  portalStoreContract(async () => memoryPortalStore());
});
