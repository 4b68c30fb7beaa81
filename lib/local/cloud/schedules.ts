import { formatTimestamp, parseTimestamp } from '../../domain/time/time.ts';
import type { FunctionHost } from './function-host.ts';
import type { Queue } from './queues/queue.ts';
import { at, optionalText, refuse, text } from './template/read.ts';
import type { Resource } from './template/template.ts';
import { parseScheduleExpression } from './time/schedule-expression.ts';
import type { World } from './world.ts';

/**
 * EventBridge Scheduler: fires the target at each time of the expression, in UTC, between start and end date. A flexible
 * window fires at its start. A function that fails is retried as an asynchronous event.
 */
export function startSchedule(
  world: World,
  resource: Resource,
  queues: ReadonlyMap<string, Queue>,
  functions: FunctionHost,
): void {
  if (optionalText(resource, 'State') === 'DISABLED') return;
  const zone = optionalText(resource, 'ScheduleExpressionTimezone') ?? 'UTC';
  if (!/^(UTC|Etc\/UTC)$/.test(zone)) throw refuse(resource, 'ScheduleExpressionTimezone', `${zone} is not UTC`);
  const { clock, faults } = world;
  const [from, until] = ['StartDate', 'EndDate']
    .map((property) => optionalText(resource, property))
    .map((date) => (date === undefined ? undefined : parseTimestamp(date)));
  const start = Math.max(clock.now(), from ?? 0);
  const next = parseScheduleExpression(text(resource, 'ScheduleExpression'), start);
  const fire = target(resource, queues, functions);
  const wait = (after: number): void => {
    const due = next(after);
    if (due === undefined || (until !== undefined && due > until)) return;
    const run = () => {
      const copies = faults.copies?.('schedule', resource.ref) ?? 1;
      for (let copy = 0; copy < copies; copy += 1) {
        const lateMs = faults.delayMs?.('schedule', resource.ref) ?? 0;
        if (lateMs === 0) fire(due);
        else clock.after(lateMs, `late schedule ${resource.ref}`, () => fire(due));
      }
      wait(due);
    };
    clock.at(due, `schedule ${resource.ref}`, run, 'schedule');
  };
  wait(from === undefined ? start : start - 1);
}

function target(
  resource: Resource,
  queues: ReadonlyMap<string, Queue>,
  functions: FunctionHost,
): (scheduledAt: number) => void {
  const arn = text(resource, 'Target.Arn');
  const input = (scheduledAt: number): string =>
    (optionalText(resource, 'Target.Input') ?? '{}')
      .replaceAll('<aws.scheduler.scheduled-time>', formatTimestamp(scheduledAt))
      .replaceAll('<aws.scheduler.schedule-arn>', resource.attribute('Arn'))
      .replaceAll('<aws.scheduler.attempt-number>', '1');
  const queue = queues.get(arn);
  if (queue) {
    const groupId = at(resource, 'Target.SqsParameters.MessageGroupId');
    return (scheduledAt) =>
      void queue.send({ body: input(scheduledAt), groupId: groupId === undefined ? undefined : String(groupId) });
  }
  if (!arn.includes(':function:'))
    throw refuse(resource, 'Target.Arn', `${arn} is neither a function nor a queue of the template`);
  functions.check(arn);
  return (scheduledAt) => functions.invokeAsync(arn, JSON.parse(input(scheduledAt)), `schedule ${resource.ref}`);
}
