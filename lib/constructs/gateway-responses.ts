import { CfnGatewayResponse, type RestApi } from 'aws-cdk-lib/aws-apigateway';
import { Construct, type IConstruct } from 'constructs';

interface Answer {
  readonly status: string;
  readonly body: Readonly<Record<string, string>>;
  readonly retryAfterSeconds?: number;
}

/** Gateway responses are static text but for `$context`, so `Retry-After` is a constant. */
const ANSWERS: Readonly<Record<string, Answer>> = {
  UNAUTHORIZED: { status: '401', body: { message: 'Unauthorized' } },
  ACCESS_DENIED: { status: '403', body: { message: 'Forbidden', reason: '$context.authorizer.reason' } },
  INVALID_API_KEY: { status: '403', body: { message: 'Forbidden', reason: 'no-usage-plan' } },
  THROTTLED: { status: '429', body: { message: 'Too many requests', reason: 'throttle' }, retryAfterSeconds: 1 },
  QUOTA_EXCEEDED: { status: '429', body: { message: 'Too many requests', reason: 'quota' }, retryAfterSeconds: 3600 },
};

/**
 * What a refused caller reads. A response that the team set itself stays: an API has one of each type, so ours are only
 * made for the types that nobody else in the app made, which is known when the app is complete.
 */
export class GatewayResponses extends Construct {
  private readonly api: RestApi;

  constructor(scope: Construct, id: string, api: RestApi) {
    super(scope, id);
    this.api = api;
  }

  /** @param root of the whole app @returns what was made, for the deployment's hash */
  completeFor(root: IConstruct): string[] {
    const taken = new Set(
      root.node
        .findAll()
        .filter((node) => node instanceof CfnGatewayResponse)
        .filter((response) => response.restApiId === this.api.restApiId)
        .map(({ responseType }) => responseType),
    );
    const missing = Object.entries(ANSWERS).filter(([type]) => !taken.has(type));
    return missing.map(([type, answer]) => this.answer(type, answer));
  }

  private answer(responseType: string, { status, body, retryAfterSeconds }: Answer): string {
    const responseParameters =
      retryAfterSeconds === undefined
        ? {}
        : { responseParameters: { 'gatewayresponse.header.Retry-After': `'${retryAfterSeconds}'` } };
    const template = JSON.stringify(body);
    new CfnGatewayResponse(this, responseType, {
      restApiId: this.api.restApiId,
      responseType,
      statusCode: status,
      responseTemplates: { 'application/json': template },
      ...responseParameters,
    });
    return `${responseType}:${status}:${template}:${retryAfterSeconds ?? ''}`;
  }
}
