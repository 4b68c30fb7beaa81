import { alertStores } from '../../../lib/adapters/dynamodb-notices/alert-stores.ts';
import {
  memoryAlertSettings,
  memoryBounces,
  memoryDeliveries,
  memoryNotices,
  memoryWatches,
} from '../../../lib/adapters/memory/notices.ts';
import { hourOf } from '../../../lib/domain/time/time.ts';
import { alertStoresContract } from '../../contracts/notices.ts';
import { type LocalDynamo, localDynamo } from '../../support/dynalite.ts';

let dynamo: LocalDynamo;
let tables = 0;
beforeAll(async () => {
  dynamo = await localDynamo();
});
afterAll(() => dynamo.close());

const stored = async () => alertStores(dynamo.client, await dynamo.table(`notices-${++tables}`));

describe('in DynamoDB', () => {
  alertStoresContract(stored);

  test('an archive that no item can hold is refused, and the look reads closed hours instead', async () => {
    const { watches } = await stored();
    // Random digits do not compress.
    let seed = 1;
    const digits = () => {
      seed = (seed * 48_271) % 2_147_483_647;
      return String(seed);
    };
    const usage = Array.from({ length: 60_000 }, () => ({ meter: digits(), group: null, quantity: digits() }));
    const rows = [{ hour: hourOf(0), usage, ruleset: 'r' }];
    expect(await watches.saveArchive({ customer: 'acme', period: 0, until: hourOf(0), rows, before: [] })).toBe(
      'too-large',
    );
    expect(await watches.archive('acme')).toBeUndefined();
  });
});

describe('in memory', () => {
  alertStoresContract(async () => ({
    ...{ watches: memoryWatches(), notices: memoryNotices(), settings: memoryAlertSettings() },
    ...{ deliveries: memoryDeliveries(), bounces: memoryBounces() },
  }));
});
