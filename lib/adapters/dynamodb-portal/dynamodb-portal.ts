import { createHash } from 'node:crypto';
import {
  type AttributeValue,
  ConditionalCheckFailedException,
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { PortalStore } from '../../app/ports/portal-store.ts';
import type { AuditEntry } from '../../domain/portal/audit.ts';
import type { Invitation, Member } from '../../domain/portal/member.ts';
import { type EpochMs, formatTimestamp, SECOND_MS } from '../../domain/time/time.ts';

type Item = Record<string, AttributeValue>;

const key = (pk: string, sk: string): Item => ({ pk: { S: pk }, sk: { S: sk } });
const hashed = (text: string): string => createHash('sha256').update(text).digest('hex');
const personOf = ({ issuer, subject }: Pick<Member, 'issuer' | 'subject'>): string => hashed(`${issuer}\0${subject}`);
/** TTL wants whole seconds; DynamoDB deletes within days, so whoever reads looks at the time as well. */
const seconds = (at: EpochMs): AttributeValue => ({ N: String(Math.ceil(at / SECOND_MS)) });
const auditKey = ({ customer, at, id }: AuditEntry): Item =>
  key(`customer#${customer}`, `audit#${formatTimestamp(at)}#${id}`);
const documentOf = (item: Item): unknown => JSON.parse(item.document?.S ?? '');

/**
 * The portal table. A member stands under the person (what opens the door, written last and deleted first) and under the
 * customer (the list); an invitation under its address and under its customer, likewise.
 * Needs dynamodb:GetItem, PutItem, UpdateItem, DeleteItem, Query.
 */
export function dynamodbPortalStore(client: DynamoDBClient, table: string): PortalStore {
  const items = itemsOf(client, table);
  const documents = async (pk: string, prefix: string) => (await items.query(pk, prefix)).map(documentOf);
  const open = async (pk: string, prefix: string, now: EpochMs) =>
    ((await documents(pk, prefix)) as Invitation[]).filter(({ expiresAt }) => expiresAt > now);

  return {
    async member(person) {
      const item = await items.get(key(`person#${personOf(person)}`, 'member'));
      return item && (documentOf(item) as Member);
    },
    members: async (customer) => (await documents(`customer#${customer}`, 'member#')) as Member[],
    async addMember(member) {
      const document = { document: { S: JSON.stringify(member) } };
      const person = key(`person#${personOf(member)}`, 'member');
      if (await items.get(person)) return 'exists';
      await items.put({ ...key(`customer#${member.customer}`, `member#${personOf(member)}`), ...document });
      return (await items.put({ ...person, ...document }, 'attribute_not_exists(pk)')) ? 'added' : 'exists';
    },
    async removeMember(member) {
      await items.remove(key(`person#${personOf(member)}`, 'member'));
      await items.remove(key(`customer#${member.customer}`, `member#${personOf(member)}`));
    },
    invitations: (customer, now) => open(`customer#${customer}`, 'invitation#', now),
    invitationsFor: (email, now) => open(`email#${email}`, 'customer#', now),
    async putInvitation(invitation) {
      const { customer, email, expiresAt } = invitation;
      const rest = { document: { S: JSON.stringify(invitation) }, expiresAt: seconds(expiresAt) };
      await items.put({ ...key(`customer#${customer}`, `invitation#${email}`), ...rest });
      await items.put({ ...key(`email#${email}`, `customer#${customer}`), ...rest });
    },
    async removeInvitation(customer, email) {
      await items.remove(key(`email#${email}`, `customer#${customer}`));
      await items.remove(key(`customer#${customer}`, `invitation#${email}`));
    },
    async appendAudit(entry) {
      await items.put({ ...auditKey(entry), document: { S: JSON.stringify(entry) } });
    },
    async rewriteAudit(entry) {
      await items.put({ ...auditKey(entry), document: { S: JSON.stringify(entry) } }, 'attribute_exists(pk)');
    },
    audit: async (customer, limit) =>
      (await items.query(`customer#${customer}`, 'audit#', limit)).map((item) => documentOf(item) as AuditEntry),
    claim: (name, now, expiresAt) =>
      items.put(
        { ...key(`once#${hashed(name)}`, 'once'), expiresAt: seconds(expiresAt) },
        'attribute_not_exists(pk) OR expiresAt <= :now',
        { ':now': { N: String(Math.floor(now / SECOND_MS)) } },
      ),
    async claimed(name, now) {
      const item = await items.get(key(`once#${hashed(name)}`, 'once'));
      return Number(item?.expiresAt?.N ?? 0) * SECOND_MS > now;
    },
    count: (name, expiresAt) => items.increment(key(`count#${hashed(name)}`, 'count'), expiresAt),
  };
}

/** The five item operations, each on one item or one partition. */
function itemsOf(client: DynamoDBClient, table: string) {
  return {
    async get(Key: Item): Promise<Item | undefined> {
      return (await client.send(new GetItemCommand({ TableName: table, Key, ConsistentRead: true }))).Item;
    },
    /** @returns false when the condition did not hold */
    async put(Item: Item, condition?: string, values?: Item): Promise<boolean> {
      const conditional = condition === undefined ? {} : { ConditionExpression: condition };
      const given = values === undefined ? {} : { ExpressionAttributeValues: values };
      try {
        await client.send(new PutItemCommand({ TableName: table, Item, ...conditional, ...given }));
        return true;
      } catch (error) {
        if (error instanceof ConditionalCheckFailedException) return false;
        throw error;
      }
    },
    async remove(Key: Item): Promise<void> {
      await client.send(new DeleteItemCommand({ TableName: table, Key }));
    },
    async increment(Key: Item, expiresAt: EpochMs): Promise<number> {
      const { Attributes } = await client.send(
        new UpdateItemCommand({
          TableName: table,
          Key,
          UpdateExpression: 'ADD attempts :one SET expiresAt = :until',
          ExpressionAttributeValues: { ':one': { N: '1' }, ':until': seconds(expiresAt) },
          ReturnValues: 'UPDATED_NEW',
        }),
      );
      return Number(Attributes?.attempts?.N ?? 0);
    },
    /** All pages in order, or with a limit the last of them, newest first. */
    async query(pk: string, prefix: string, newest?: number): Promise<Item[]> {
      const found: Item[] = [];
      let from: Item | undefined;
      do {
        const answer = await client.send(
          new QueryCommand({
            TableName: table,
            ConsistentRead: true,
            KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
            ExpressionAttributeValues: { ':pk': { S: pk }, ':prefix': { S: prefix } },
            ...(newest === undefined ? {} : { Limit: newest, ScanIndexForward: false }),
            ...(from === undefined ? {} : { ExclusiveStartKey: from }),
          }),
        );
        found.push(...(answer.Items ?? []));
        from = answer.LastEvaluatedKey;
      } while (from !== undefined && (newest === undefined || found.length < newest));
      return found;
    },
  };
}
