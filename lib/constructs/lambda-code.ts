import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Code } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';

/** CDK context key: the folder that holds the bundled functions, when it is not the package's own `dist/lambdas`. */
export const LAMBDAS_CONTEXT = 'tollgate:lambdas';

/**
 * The bundle of one function, made by `npm run build` (in the npm package it is already there). Nothing is bundled at
 * synth, so an app that uses this package needs neither esbuild nor Docker.
 *
 * @throws Error when the bundle is missing, saying what to run
 */
export function lambdaCode(scope: Construct, name: string): Code {
  return Code.fromAsset(lambdaFolder(scope, name));
}

/** @throws Error when the bundle is missing, saying what to run */
export function lambdaFolder(scope: Construct, name: string): string {
  const configured: unknown = scope.node.tryGetContext(LAMBDAS_CONTEXT);
  const folders = typeof configured === 'string' ? [configured] : bundleFolders();
  const folder = folders.map((each) => join(each, name)).find((each) => existsSync(join(each, 'index.mjs')));
  if (folder === undefined) {
    throw new Error(
      `The function "${name}" is not bundled: there is no ${join(folders[0] ?? '', name, 'index.mjs')}. Run: npm run build`,
    );
  }
  return folder;
}

/** `dist/lambdas`, seen from where this file may run: `lib/constructs`, `dist/lib/constructs` (import) or `dist/lib` (require). */
function bundleFolders(): string[] {
  const here = import.meta.dirname;
  return [join(here, '../../dist/lambdas'), join(here, '../../lambdas'), join(here, '../lambdas')];
}
