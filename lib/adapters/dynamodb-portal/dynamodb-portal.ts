import { createHash } from 'node:crypto';
import { type DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import type { PortalStore } from '../../app/ports/portal-store.ts';
import type { AuditEntry } from '../../domain/portal/audit.ts';
import type { Invitation, Member } from '../../domain/portal/member.ts';
import { type EpochMs, formatTimestamp, SECOND_MS } from '../../domain/time/time.ts';
import {
  type Condition,
  documentIn,
  documentOf,
  expiring,
  follows,
  type Item,
  itemKey,
  itemsIn,
} from '../aws/dynamodb-items.ts';

const hashed = (text: string): string => createHash('sha256').update(text).digest('hex');
const personOf = ({ issuer, subject }: Pick<Member, 'issuer' | 'subject'>): string => hashed(`${issuer}\0${subject}`);
const auditKey = ({ customer, at, id }: AuditEntry): Item =>
  itemKey(`customer#${customer}`, `audit#${formatTimestamp(at)}#${id}`);

/**
 * The portal table. A member stands under the person (what opens the door, written last and deleted first) and under the
 * customer (the list); an invitation under its address and under its customer, likewise.
 * Needs dynamodb:GetItem, PutItem, UpdateItem, DeleteItem, Query.
 */
export function dynamodbPortalStore(client: DynamoDBClient, table: string): PortalStore {
  const items = itemsIn(client, table);
  const documents = async (pk: string, prefix: string) => (await items.query(pk, prefix)).map(documentOf);
  const open = async (pk: string, prefix: string, now: EpochMs) =>
    ((await documents(pk, prefix)) as Invitation[]).filter(({ expiresAt }) => expiresAt > now);

  return {
    async member(person) {
      const item = await items.get(`person#${personOf(person)}`, 'member');
      return item && (documentOf(item) as Member);
    },
    members: async (customer) => (await documents(`customer#${customer}`, 'member#')) as Member[],
    async addMember(member) {
      const document = documentIn(member);
      const person = `person#${personOf(member)}`;
      if (await items.get(person, 'member')) return 'exists';
      await items.put({ ...itemKey(`customer#${member.customer}`, `member#${personOf(member)}`), ...document });
      return (await items.put({ ...itemKey(person, 'member'), ...document }, follows(1))) ? 'added' : 'exists';
    },
    async removeMember(member) {
      const door = await items.get(`person#${personOf(member)}`, 'member');
      // A removal that broke off left this customer's row; the person may have joined another since, and stays there.
      const isHere = door !== undefined && (documentOf(door) as Member).customer === member.customer;
      if (isHere) await items.remove(`person#${personOf(member)}`, 'member');
      await items.remove(`customer#${member.customer}`, `member#${personOf(member)}`);
    },
    invitations: (customer, now) => open(`customer#${customer}`, 'invitation#', now),
    invitationsFor: (email, now) => open(`email#${email}`, 'customer#', now),
    async putInvitation(invitation) {
      const { customer, email, expiresAt } = invitation;
      const rest = { ...documentIn(invitation), ...expiring(expiresAt) };
      await items.put({ ...itemKey(`customer#${customer}`, `invitation#${email}`), ...rest });
      await items.put({ ...itemKey(`email#${email}`, `customer#${customer}`), ...rest });
    },
    async removeInvitation(customer, email) {
      await items.remove(`email#${email}`, `customer#${customer}`);
      await items.remove(`customer#${customer}`, `invitation#${email}`);
    },
    async appendAudit(entry) {
      await items.put({ ...auditKey(entry), ...documentIn(entry) });
    },
    async rewriteAudit(entry) {
      await items.put({ ...auditKey(entry), ...documentIn(entry) }, { expression: 'attribute_exists(pk)' });
    },
    audit: async (customer, limit) =>
      (await items.newest(`customer#${customer}`, 'audit#', limit)).map((item) => documentOf(item) as AuditEntry),
    claim: (name, now, expiresAt) =>
      items.put({ ...itemKey(`once#${hashed(name)}`, 'once'), ...expiring(expiresAt) }, isFree(now)),
    async claimed(name, now) {
      const item = await items.get(`once#${hashed(name)}`, 'once');
      return Number(item?.expiresAt?.N ?? 0) * SECOND_MS > now;
    },
    count: (name, expiresAt) => increment(client, table, itemKey(`count#${hashed(name)}`, 'count'), expiresAt),
  };
}

/** A claim that is over is none, though DynamoDB has not deleted it yet. */
const isFree = (now: EpochMs): Condition => ({
  expression: 'attribute_not_exists(pk) OR expiresAt <= :now',
  values: { ':now': { N: String(Math.floor(now / SECOND_MS)) } },
});

/** @returns the sum */
async function increment(client: DynamoDBClient, table: string, Key: Item, until: EpochMs): Promise<number> {
  const { expiresAt = { N: '0' } } = expiring(until);
  const { Attributes } = await client.send(
    new UpdateItemCommand({
      ...{ TableName: table, Key, ReturnValues: 'UPDATED_NEW' },
      UpdateExpression: 'ADD attempts :one SET expiresAt = :until',
      ExpressionAttributeValues: { ':one': { N: '1' }, ':until': expiresAt },
    }),
  );
  return Number(Attributes?.attempts?.N ?? 0);
}
