import { FirehoseClient } from '@aws-sdk/client-firehose';
import { firehoseLedger } from '../../../lib/adapters/firehose-ledger/firehose-ledger.ts';
import { localStream } from '../../support/local-aws.ts';

const lines = (count: number, width = 1) =>
  Array.from({ length: count }, (_, i) => `${String(i).padStart(width, 'x')}\n`);

function ledgerOf(stream: { config: object }) {
  const pauses: number[] = [];
  const ledger = firehoseLedger(new FirehoseClient(stream.config), 'events', async (ms) => void pauses.push(ms));
  return { ledger, pauses };
}

describe('ledger through Firehose', () => {
  test('every line is delivered, more than one batch of them too', async () => {
    const stream = localStream('events');
    const { ledger, pauses } = ledgerOf(stream);
    await ledger.append(lines(1_203));
    expect(await stream.delivered()).toBe(lines(1_203).join(''));
    expect(pauses).toEqual([]);
  });

  test('a batch stays under 4 MiB', async () => {
    const stream = localStream('events');
    const { ledger } = ledgerOf(stream);
    const large = lines(12, 900_000);
    await ledger.append(large);
    expect((await stream.delivered()).length).toBe(large.join('').length);
  });

  test('refused records alone are sent again, after growing pauses', async () => {
    const stream = localStream('events', (record) => record === 2 || record === 5 || record === 6);
    const { ledger, pauses } = ledgerOf(stream);
    await ledger.append(lines(5));
    expect((await stream.delivered()).split('\n').sort()).toEqual(['', '0', '1', '2', '3', '4']);
    expect(pauses).toEqual([50, 100]);
  });

  test('what stays refused is an error, so that nobody answers 202', async () => {
    const stream = localStream('events', (record) => record % 2 === 0 || record > 4);
    const { ledger, pauses } = ledgerOf(stream);
    await expect(ledger.append(lines(3))).rejects.toThrow(
      /records were refused 6 times \(ServiceUnavailableException\)/,
    );
    expect(pauses).toEqual([50, 100, 200, 400, 800]);
  });

  test('no lines, no call', async () => {
    const stream = localStream('events');
    await ledgerOf(stream).ledger.append([]);
    expect(await stream.delivered()).toBe('');
  });
});
