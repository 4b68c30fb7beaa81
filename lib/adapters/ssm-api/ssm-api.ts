import { GetParameterCommand, type SSMClient } from '@aws-sdk/client-ssm';
import type { ApiDescription, DescribeApi } from '../../app/ports/api-keys.ts';
import type { Clock } from '../../app/runtime.ts';
import { MINUTE_MS } from '../../domain/time/time.ts';

/**
 * The API as the deployment described it, read again after a minute: a deployment can add plans while this runs.
 * Needs ssm:GetParameter.
 *
 * @throws Error when the parameter is not what the deployment writes
 */
export function ssmApi(client: SSMClient, parameter: string, clock: Clock): DescribeApi {
  let kept: { readonly readAt: number; readonly api: ApiDescription } | undefined;
  return async () => {
    const now = clock.now();
    if (kept && now - kept.readAt < MINUTE_MS) return kept.api;
    const { Parameter } = await client.send(new GetParameterCommand({ Name: parameter }));
    kept = { readAt: now, api: parseApiDescription(Parameter?.Value ?? '', parameter) };
    return kept.api;
  };
}

function parseApiDescription(text: string, parameter: string): ApiDescription {
  const api = JSON.parse(text) as Partial<ApiDescription>;
  const { restApiId, stages, usagePlans, region } = api;
  const complete =
    typeof restApiId === 'string' &&
    Array.isArray(stages) &&
    typeof usagePlans === 'object' &&
    usagePlans !== null &&
    typeof region === 'string';
  if (!complete)
    throw new Error(`the parameter ${parameter} lacks restApiId, stages, usagePlans or region; deploy again`);
  return { restApiId, stages, usagePlans, region };
}
