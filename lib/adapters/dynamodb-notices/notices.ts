import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { AlertSettingsStore, Deliveries, DeliveryAttempt, Notices } from '../../app/ports/notices.ts';
import { DELIVERY_KEPT_DAYS, type Delivery } from '../../domain/alerts/delivery.ts';
import { NOTICE_KEPT_DAYS, type Notice } from '../../domain/alerts/notice.ts';
import type { AlertSettings } from '../../domain/alerts/settings.ts';
import { DAY_MS } from '../../domain/time/time.ts';
import {
  documentIn,
  documentOf,
  expiring,
  follows,
  type Item,
  itemKey,
  itemsIn,
  versioned,
} from '../aws/dynamodb-items.ts';

const NOTICE_MS = NOTICE_KEPT_DAYS * DAY_MS;

/** `notice#<customer>` / its id. Needs dynamodb:GetItem, PutItem, Query. */
export function dynamodbNotices(client: DynamoDBClient, table: string): Notices {
  const items = itemsIn(client, table);
  const pk = (customer: string) => `notice#${customer}`;
  return {
    async put(notice) {
      const item = { ...versioned(pk(notice.customer), notice.id, { ...notice, version: 1 }) };
      return (await items.put({ ...item, ...expiring(notice.at + NOTICE_MS) }, follows(1))) ? 'put' : 'exists';
    },
    async get(customer, id) {
      const item = await items.get(pk(customer), id);
      return item && noticeOf(item);
    },
    newest: async (customer, limit) => (await items.newest(pk(customer), '', limit)).map(noticeOf),
  };
}

function noticeOf(item: Item): Notice {
  const { id, customer, kind, at, data } = documentOf(item) as Notice;
  return { id, customer, kind, at, data };
}

/** `settings#<customer>` / `settings`. Needs dynamodb:GetItem, PutItem, DeleteItem. */
export function dynamodbAlertSettings(client: DynamoDBClient, table: string): AlertSettingsStore {
  const items = itemsIn(client, table);
  return {
    async settings(customer) {
      const item = await items.get(`settings#${customer}`, 'settings');
      return item && (documentOf(item) as AlertSettings);
    },
    async saveSettings(settings) {
      const item = versioned(`settings#${settings.customer}`, 'settings', settings);
      return (await items.put(item, follows(settings.version))) ? 'saved' : 'conflict';
    },
    removeSettings: (customer) => items.remove(`settings#${customer}`, 'settings'),
  };
}

const DELIVERY_MS = DELIVERY_KEPT_DAYS * DAY_MS;

/**
 * `delivery#<customer>` / `<notice> <channel>`. An attempt is taken by one conditional write: where there is none, where the
 * one before failed, or where this very attempt broke off so long ago that its function cannot live any more.
 * Needs dynamodb:GetItem, PutItem, Query, DeleteItem.
 */
export function dynamodbDeliveries(client: DynamoDBClient, table: string): Deliveries {
  const items = itemsIn(client, table);
  const pk = (customer: string) => `delivery#${customer}`;
  const sk = ({ notice, channel }: Pick<Delivery, 'notice' | 'channel'>) => `${notice}|${channel}`;
  const itemOf = (delivery: Delivery): Item => ({
    ...{ ...itemKey(pk(delivery.customer), sk(delivery)), ...documentIn(delivery) },
    ...{ state: { S: delivery.state }, attempt: { N: String(delivery.attempt) }, at: { N: String(delivery.at) } },
    ...expiring(delivery.at + DELIVERY_MS),
  });
  return {
    async claim(attempt, now, leaseMs) {
      const taken = await items.put(itemOf({ ...attempt, state: 'sending', at: now, answer: null }), {
        expression:
          'attribute_not_exists(pk) OR (#state = :retrying AND #attempt < :attempt) OR ' +
          '(#state = :sending AND #attempt <= :attempt AND #at <= :over)',
        names: { '#state': 'state', '#attempt': 'attempt', '#at': 'at' },
        values: {
          ...{ ':retrying': { S: 'retrying' }, ':sending': { S: 'sending' } },
          ...{ ':attempt': { N: String(attempt.attempt) }, ':over': { N: String(now - leaseMs) } },
        },
      });
      if (taken) return 'claimed';
      const item = await items.get(pk(attempt.customer), sk(attempt));
      return refusedClaim(item && (documentOf(item) as Delivery), attempt);
    },
    async finish(attempt, state, answer, at) {
      const names = { '#state': 'state', '#attempt': 'attempt' };
      const values = { ':sending': { S: 'sending' }, ':attempt': { N: String(attempt.attempt) } };
      const item = itemOf({ ...attempt, state, answer, at });
      await items.put(item, { expression: '#state = :sending AND #attempt = :attempt', names, values });
    },
    ofCustomer: async (customer) => (await items.newest(pk(customer))).map((item) => documentOf(item) as Delivery),
    async removeDeliveries(customer) {
      for (const { sk: name } of await items.newest(pk(customer))) await items.remove(pk(customer), name?.S ?? '');
    },
  };
}

/** What an attempt that could not be taken is: undefined stands for one that ran out in between. */
export function refusedClaim(found: Delivery | undefined, { attempt }: DeliveryAttempt): 'done' | 'again' | 'busy' {
  if (found === undefined || found.state === 'sending') return found && found.attempt > attempt ? 'done' : 'busy';
  return found.state === 'retrying' && found.attempt === attempt ? 'again' : 'done';
}
