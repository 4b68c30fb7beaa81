import { dynamodbIdentities } from '../../../lib/adapters/dynamodb-identities/dynamodb-identities.ts';
import { identityIndexContract } from '../../contracts/identities.ts';
import { type LocalDynamo, localDynamo } from '../../support/dynalite.ts';

let dynamo: LocalDynamo;
let tables = 0;
beforeAll(async () => {
  dynamo = await localDynamo();
});
afterAll(() => dynamo.close());

describe('identity index in DynamoDB', () => {
  identityIndexContract(async () => dynamodbIdentities(dynamo.client, await dynamo.table(`identities-${++tables}`)));
});
