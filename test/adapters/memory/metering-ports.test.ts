import { memoryIdentities } from '../../../lib/adapters/memory/identities.ts';
import { memoryObjects } from '../../../lib/adapters/memory/object-store.ts';
import { memoryClosedUsage, memoryProvisionalUsage } from '../../../lib/adapters/memory/usage.ts';
import { identityIndexContract } from '../../contracts/identities.ts';
import { objectStoreContract } from '../../contracts/object-store.ts';
import { closedUsageContract, provisionalUsageContract } from '../../contracts/usage.ts';

describe('object store in memory', () => objectStoreContract(async () => memoryObjects()));
describe('identity index in memory', () => identityIndexContract(async () => memoryIdentities()));
describe('provisional usage in memory', () => provisionalUsageContract(async () => memoryProvisionalUsage()));
describe('closed usage in memory', () => closedUsageContract(async () => memoryClosedUsage()));
