import { Annotations, type IAspect, Lazy } from 'aws-cdk-lib';
import { type CfnAuthorizer, CfnMethod, Deployment, Method, type RestApi } from 'aws-cdk-lib/aws-apigateway';
import type { IConstruct } from 'constructs';
import type { ExemptRoutes } from './exempt-routes.ts';
import type { GatewayResponses } from './gateway-responses.ts';

export interface MethodGuardProps {
  readonly api: RestApi;
  readonly authorizer: CfnAuthorizer;
  readonly responses: GatewayResponses;
  readonly exempt: ExemptRoutes;
  /** Whether methods that require a key by themselves are expected. */
  readonly keysImported: boolean;
}

/**
 * Puts the authorizer and the key on every method of the API, whenever and wherever in the app it was made: an aspect on
 * the whole app, since on the API it would miss methods of `new Resource(elsewhere, { parent })`.
 *
 * What an aspect changes is not in the hash that names a deployment, so the stage would keep serving the old methods;
 * hence all that was touched goes into that name, at the end, when it is known.
 */
export class MethodGuard implements IAspect {
  private readonly props: MethodGuardProps;
  private readonly touched: string[] = [];
  private responsesMade = false;

  constructor(props: MethodGuardProps) {
    this.props = props;
  }

  visit(node: IConstruct): void {
    if (!this.responsesMade) {
      this.responsesMade = true;
      this.touched.push(...this.props.responses.completeFor(node.node.root));
    }
    if (node instanceof Deployment && node.api.restApiId === this.props.api.restApiId) this.replace(node);
    if (node instanceof CfnMethod && node.restApiId === this.props.api.restApiId) this.guard(node);
  }

  private replace(deployment: Deployment): void {
    deployment.addToLogicalId(Lazy.any({ produce: () => ({ tollgate: [...this.touched].sort() }) }));
    deployment.node.addDependency(this.props.responses);
  }

  private guard(method: CfnMethod): void {
    const path = method.node.scope instanceof Method ? method.node.scope.resource.path : undefined;
    const name = `${method.httpMethod} ${path ?? method.node.path}`;
    if (method.httpMethod === 'OPTIONS') return;
    if (path !== undefined && this.props.exempt.takes(method.httpMethod, path)) return;
    if (method.authorizationType !== undefined && method.authorizationType !== 'NONE') {
      Annotations.of(method).addWarningV2(
        `tollgate:not-metered:${name}`,
        `${name} keeps its own authorizer (${method.authorizationType}) and is not metered. Remove its authorizer to ` +
          'meter it, or name it in "exempt" to say that this is meant.',
      );
      return;
    }
    if (method.apiKeyRequired === true && !this.props.keysImported) {
      Annotations.of(method).addError(
        `${name} already requires an API key. Tollgate issues and checks the keys itself, so the keys in use would stop ` +
          'working. Import them by hash (`tollgate customers import`) and set "keysImported: true".',
      );
      return;
    }
    method.authorizationType = 'CUSTOM';
    method.authorizerId = this.props.authorizer.ref;
    method.apiKeyRequired = true;
    this.touched.push(name);
  }
}
