import { customersTogether } from '../../../lib/app/invoice-customer/customers-together.ts';
import { formatInvoiceMessage } from '../../../lib/app/start-invoicing/message.ts';
import { FEBRUARY, JANUARY, key } from './fixtures.ts';

const log = { info() {}, warn() {}, error() {} };
const message = (messageId: string, customer: string, period = JANUARY) => ({
  messageId,
  body: formatInvoiceMessage(key(customer, period)),
});

test('customers side by side, one customer’s periods in their order; what fails goes back alone', async () => {
  const began: string[] = [];
  let [now, most] = [0, 0];
  const work = async (body: string) => {
    const { customer = '', start = '' } = JSON.parse(body);
    began.push(`${customer} ${start.slice(0, 7)}`);
    most = Math.max(most, ++now);
    await new Promise((done) => setImmediate(done));
    now -= 1;
    if (customer === 'bad') throw new Error('no');
  };
  const messages = [message('1', 'a', FEBRUARY), message('2', 'a'), message('3', 'b'), message('4', 'bad')];
  const answer = await customersTogether([...messages, { messageId: '5', body: '{}' }], work, log);
  expect(answer.batchItemFailures).toEqual([{ itemIdentifier: '4' }]);
  expect(most).toBe(4);
  expect(began.filter((one) => one.startsWith('a'))).toEqual(['a 2026-01', 'a 2026-02']);
});

test('an empty batch is nothing to do', async () => {
  expect(await customersTogether([], async () => {}, log)).toEqual({ batchItemFailures: [] });
});
