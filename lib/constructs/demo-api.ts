import { type IResource, MockIntegration, PassthroughBehavior, RestApi } from 'aws-cdk-lib/aws-apigateway';
import { Construct } from 'constructs';
import { acknowledge } from './acknowledge.ts';

const ROUTES = [
  'GET /health',
  'GET /status',
  'GET /search',
  'GET /places/{id}',
  'GET /payments',
  'POST /payments',
  'GET /payments/{id}',
  'POST /bulk',
  'GET /exports/{id}',
] as const;

/** A small API that answers by itself, for trying Tollgate without an API of one's own. */
export class DemoApi extends Construct {
  readonly api: RestApi;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.api = new RestApi(this, 'Api', {
      restApiName: 'tollgate-demo',
      description: 'Demo API: answers by itself',
      cloudWatchRole: false,
      deployOptions: { stageName: 'v1', tracingEnabled: true, throttlingRateLimit: 2000, throttlingBurstLimit: 4000 },
    });
    for (const route of ROUTES) this.addRoute(route);
    for (const [finding, reason] of Object.entries(REASONS)) acknowledge(this, finding, reason);
  }

  private addRoute(route: (typeof ROUTES)[number]): void {
    const [method, path] = route.split(' ') as [string, string];
    const resource = path
      .split('/')
      .filter((part) => part !== '')
      .reduce<IResource>((at, part) => at.getResource(part) ?? at.addResource(part), this.api.root);
    resource.addMethod(method, answering({ route, ok: true }), {
      methodResponses: [{ statusCode: '200' }],
    });
  }
}

const answering = (body: object) =>
  new MockIntegration({
    passthroughBehavior: PassthroughBehavior.WHEN_NO_TEMPLATES,
    requestTemplates: { 'application/json': '{"statusCode":200}' },
    integrationResponses: [{ statusCode: '200', responseTemplates: { 'application/json': JSON.stringify(body) } }],
  });

const REASONS = {
  'AwsSolutions-APIG2': 'The demo answers with constants: there is no request to validate.',
  'AwsSolutions-APIG3': 'A demo needs no firewall; a real API brings its own.',
  'AwsSolutions-APIG6':
    'Execution logs would hold the callers’ keys and bodies; the access log is what metering reads.',
  'AwsSolutions-COG4': 'Callers are authenticated by Tollgate’s own authorizer, not by a user pool.',
};
