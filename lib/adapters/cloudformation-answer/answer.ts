import type { CloudFormationCustomResourceEvent } from 'aws-lambda';

export type Answer =
  | { readonly status: 'SUCCESS'; readonly data: Readonly<Record<string, string>> }
  | { readonly status: 'FAILED'; readonly reason: string };

/** CloudFormation takes 4096 bytes in all; a reason is for a person to read. */
const REASON_MAX = 1_000;

/**
 * Tells CloudFormation how a custom resource went: without it the deployment waits until it times out. Throws when the
 * answer was not taken, so that Lambda runs the function again.
 *
 * @param physicalId stays the same for the life of the resource, so that no update replaces it
 */
export async function answerCloudFormation(
  event: CloudFormationCustomResourceEvent,
  physicalId: string,
  answer: Answer,
): Promise<void> {
  const { StackId, RequestId, LogicalResourceId, ResponseURL } = event;
  const outcome =
    answer.status === 'SUCCESS'
      ? { Status: answer.status, Data: answer.data }
      : { Status: answer.status, Reason: answer.reason.slice(0, REASON_MAX) };
  const body = JSON.stringify({ ...outcome, PhysicalResourceId: physicalId, StackId, RequestId, LogicalResourceId });
  // The URL is signed for an empty content type.
  const { ok, status } = await fetch(ResponseURL, { method: 'PUT', body, headers: { 'content-type': '' } });
  if (!ok) throw new Error(`CloudFormation did not take the answer: HTTP ${status}`);
}
