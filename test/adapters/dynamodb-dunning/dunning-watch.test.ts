import { dynamodbDunningWatch } from '../../../lib/adapters/dynamodb-dunning/dynamodb-dunning.ts';
import { memoryDunningWatch } from '../../../lib/adapters/memory/dunning-watch.ts';
import type { DunningWatch } from '../../../lib/app/ports/dunning-watch.ts';
import { type LocalDynamo, localDynamo } from '../../support/dynalite.ts';

let dynamo: LocalDynamo;
beforeAll(async () => {
  dynamo = await localDynamo();
});
afterAll(() => dynamo.close());

describe.each<[string, () => Promise<DunningWatch>]>([
  ['memory', async () => memoryDunningWatch()],
  ['DynamoDB', async () => dynamodbDunningWatch(dynamo.client, await dynamo.table('invoices'))],
])('the watch in %s', (_, make) => {
  test('lists each late customer once, in order, until it is removed; both can be repeated', async () => {
    const watch = await make();
    expect(await watch.customers()).toEqual([]);
    for (const id of ['b', 'a', 'b']) await watch.add(id);
    expect(await watch.customers()).toEqual(['a', 'b']);
    for (const id of ['a', 'a', 'c']) await watch.remove(id);
    expect(await watch.customers()).toEqual(['b']);
  });
});
