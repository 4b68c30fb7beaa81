import {
  type APIGatewayClient,
  ConflictException,
  CreateApiKeyCommand,
  CreateUsagePlanKeyCommand,
  DeleteApiKeyCommand,
  DeleteUsagePlanKeyCommand,
  FlushStageAuthorizersCacheCommand,
  GetUsagePlanKeyCommand,
  NotFoundException,
  paginateGetApiKeys,
  paginateGetUsage,
  UpdateUsageCommand,
} from '@aws-sdk/client-api-gateway';
import type { ApiKeys } from '../../app/ports/api-keys.ts';
import { assert } from '../../domain/assert.ts';
import { formatDate } from '../../domain/time/time.ts';

/**
 * API keys and usage-plan membership in API Gateway.
 * Needs apigateway:POST and GET on /apikeys; DELETE on /apikeys/*; POST on /usageplans/{id}/keys; GET and DELETE on
 * /usageplans/{id}/keys/*; GET on /usageplans/{id}/usage; PATCH on /usageplans/{id}/keys/{id}/usage; DELETE on
 * /restapis/{id}/stages/{stage}/cache/authorizers.
 *
 * @param pace waits for the next turn: the whole account shares a handful of control-plane calls a second
 */
export function apiGatewayKeys(client: APIGatewayClient, pace: () => Promise<void>): ApiKeys {
  const findByName = async (name: string): Promise<string | undefined> => {
    for await (const { items = [] } of paginateGetApiKeys({ client }, { nameQuery: name, includeValues: false })) {
      // The query is a prefix.
      const found = items.find((item) => item.name === name);
      if (found?.id !== undefined) return found.id;
    }
    return undefined;
  };

  return {
    async create(name, value) {
      await pace();
      try {
        const { id } = await client.send(new CreateApiKeyCommand({ name, value, enabled: true }));
        assert(id !== undefined, 'API Gateway answers with the id of the key it made');
        return id;
      } catch (error) {
        if (!(error instanceof ConflictException)) throw error;
        await pace();
        const id = await findByName(name);
        assert(id !== undefined, `the value of API key ${name} is taken by the key of that name`);
        return id;
      }
    },
    async join(usagePlanId, keyId) {
      await pace();
      try {
        await client.send(new CreateUsagePlanKeyCommand({ usagePlanId, keyId, keyType: 'API_KEY' }));
      } catch (error) {
        if (!(error instanceof ConflictException)) throw error;
        // In this plan already, or in another one that serves the same stage: only the former is as it should be.
        await pace();
        await client.send(new GetUsagePlanKeyCommand({ usagePlanId, keyId }));
      }
    },
    async dailyUse(usagePlanId, keyId, from, to) {
      const days: number[] = [];
      const input = { usagePlanId, keyId, startDate: formatDate(from), endDate: formatDate(to) };
      await pace();
      for await (const { items } of paginateGetUsage({ client }, input)) {
        for (const [used] of items?.[keyId] ?? []) days.push(used ?? 0);
      }
      return days;
    },
    async setRemaining(usagePlanId, keyId, calls) {
      await pace();
      const patchOperations = [{ op: 'replace' as const, path: '/remaining', value: String(calls) }];
      await client.send(new UpdateUsageCommand({ usagePlanId, keyId, patchOperations }));
    },
    async remove(usagePlanId, keyId) {
      await pace();
      await ifThere(client.send(new DeleteUsagePlanKeyCommand({ usagePlanId, keyId })));
      await pace();
      await ifThere(client.send(new DeleteApiKeyCommand({ apiKey: keyId })));
    },
    async flush(restApiId, stageName) {
      await pace();
      await client.send(new FlushStageAuthorizersCacheCommand({ restApiId, stageName }));
    },
  };
}

async function ifThere(removal: Promise<unknown>): Promise<void> {
  try {
    await removal;
  } catch (error) {
    if (!(error instanceof NotFoundException)) throw error;
  }
}
