import type { AccessCommand, AccessQueue, EvaluationCommand, EvaluationQueue } from '../../app/ports/access-queue.ts';

/** An access queue that keeps what was sent, in order; whoever tests takes it from `sent`. */
export function memoryAccessQueue(): AccessQueue & { readonly sent: AccessCommand[] } {
  const sent: AccessCommand[] = [];
  return {
    sent,
    async send(command) {
      sent.push(command);
    },
  };
}

export function memoryEvaluationQueue(): EvaluationQueue & {
  readonly sent: { readonly command: EvaluationCommand; readonly delaySeconds: number }[];
} {
  const sent: { command: EvaluationCommand; delaySeconds: number }[] = [];
  return {
    sent,
    async send(command, delaySeconds = 0) {
      sent.push({ command, delaySeconds });
    },
  };
}
