import { type AttributeValue, type DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import type { KeySnapshots } from '../../app/ports/directory.ts';
import { assert } from '../../domain/assert.ts';
import type { KeySnapshot } from '../../domain/entitlement/snapshot.ts';

/**
 * All of the directory that the authorizer needs, apart from the rest so that its bundle holds nothing else.
 * Strongly consistent: a flush of the caches after a revocation must not fill them with what was before it.
 * Needs dynamodb:GetItem.
 */
export function dynamodbKeySnapshots(client: DynamoDBClient, table: string): KeySnapshots {
  return {
    async snapshot(keyHash) {
      const { Item } = await client.send(
        new GetItemCommand({ TableName: table, Key: snapshotKey(keyHash), ConsistentRead: true }),
      );
      return Item && snapshotFrom(Item);
    },
  };
}

export const snapshotKey = (keyHash: string) => ({ pk: { S: `key#${keyHash}` }, sk: { S: 'snapshot' } });

export function snapshotItem(keyHash: string, snapshot: KeySnapshot): Record<string, AttributeValue> {
  const { customer, keyState, mode, status, reason, spend, rateCard, denied, usageKey, version, expiresAt } = snapshot;
  return {
    ...snapshotKey(keyHash),
    customer: { S: customer },
    keyState: { S: keyState },
    mode: { S: mode },
    status: { S: status },
    spend: { S: spend },
    version: { N: String(version) },
    ...(reason === null ? {} : { reason: { S: reason } }),
    ...(rateCard === null ? {} : { rateCard: { S: rateCard } }),
    ...(usageKey === null ? {} : { usageKey: { S: usageKey } }),
    ...(expiresAt === undefined ? {} : { expiresAt: { N: String(expiresAt) } }),
    ...(denied.length === 0 ? {} : { denied: { L: denied.map((route) => ({ S: route })) } }),
  };
}

function snapshotFrom(item: Record<string, AttributeValue>): KeySnapshot {
  const required = (name: string) => {
    const text = item[name]?.S;
    assert(text !== undefined, `a key snapshot has ${name}`);
    return text;
  };
  return {
    customer: required('customer'),
    keyState: required('keyState') as KeySnapshot['keyState'],
    mode: required('mode') as KeySnapshot['mode'],
    status: required('status') as KeySnapshot['status'],
    reason: item.reason?.S ?? null,
    spend: required('spend') as KeySnapshot['spend'],
    rateCard: item.rateCard?.S ?? null,
    denied: (item.denied?.L ?? []).map(({ S }) => S ?? ''),
    usageKey: item.usageKey?.S ?? null,
    ...(item.expiresAt?.N === undefined ? {} : { expiresAt: Number(item.expiresAt.N) }),
    version: Number(item.version?.N ?? 0),
  };
}
