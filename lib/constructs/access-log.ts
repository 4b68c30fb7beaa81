/**
 * What the stage writes for each call: one line of JSON, every value a quoted string (API Gateway prints `-` for what is
 * unset), and the one newline it allows, so that Firehose needs no delimiter. Nothing in it is chosen by the client but the
 * method and the status it caused: a forged request id, path or user agent cannot reach the ledger.
 */
export const ACCESS_LOG_FIELDS: ReadonlyArray<readonly [name: string, variable: string]> = [
  ['id', '$context.extendedRequestId'],
  ['epochMs', '$context.requestTimeEpoch'],
  ['customerId', '$context.authorizer.customerId'],
  ['rateCard', '$context.authorizer.rateCard'],
  ['client', '$context.authorizer.client'],
  ['method', '$context.httpMethod'],
  ['resourcePath', '$context.resourcePath'],
  ['status', '$context.status'],
  ['responseBytes', '$context.responseLength'],
  ['latencyMs', '$context.responseLatency'],
];

export const ACCESS_LOG_FORMAT = `{${ACCESS_LOG_FIELDS.map(([name, variable]) => `"${name}":"${variable}"`).join(',')}}\n`;
