import { creditsOf, grantCredit, orderTopUp } from '../app/grant-credit/grant-credit.ts';
import type { OpenGrant } from '../domain/credits/balances.ts';
import { InputError } from '../domain/input-error.ts';
import { formatTimestamp, parseDate } from '../domain/time/time.ts';
import { connect } from './connect.ts';
import type { GrantFlags, ListFlags, TopUpFlags } from './credits.ts';
import { keyAnswer } from './invoice-key.ts';
import type { Open } from './invoice-run.ts';
import type { Io } from './io.ts';
import { operatingPorts, operatorOf } from './operating.ts';

const onStack: Open = async (flags, io) => operatingPorts(await connect(flags, io));

/** @throws InputError */
export async function runGrant(flags: GrantFlags, io: Io, open: Open = onStack): Promise<void> {
  const { customer, amount, currency, id } = flags;
  const expiresAt = flags.expires === undefined ? null : parseExpiry(flags.expires);
  const ports = await open(flags, io);
  const named = id === undefined ? {} : { id };
  const grant = await grantCredit({ customer, amount, currency, expiresAt, ...named, ...operatorOf(flags, io) }, ports);
  const text = `${customer} has ${grant.amount} ${grant.currency} of credit ${grant.id}\n`;
  io.stdout.write(flags.json ? `${JSON.stringify(grant)}\n` : text);
}

function parseExpiry(text: string): number {
  try {
    return parseDate(text);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new InputError({ code: error.code, path: '--expires', message: error.message });
  }
}

/** @throws InputError `unknown-customer` */
export async function runList(flags: ListFlags, io: Io, open: Open = onStack): Promise<void> {
  const found = await creditsOf(flags.customer, await open(flags, io));
  if (flags.json) {
    io.stdout.write(`${JSON.stringify(found.map(({ grant, balance }) => ({ ...grant, balance })))}\n`);
    return;
  }
  io.stdout.write(found.length === 0 ? 'no credit\n' : found.map(row).join(''));
}

function row({ grant, balance }: OpenGrant): string {
  const { id, kind, amount, currency, expiresAt, source } = grant;
  const until = expiresAt === null ? 'never expires' : `until ${formatTimestamp(expiresAt)}`;
  return `${balance.padStart(14)} of ${amount} ${currency}  ${id}, ${kind}, ${until}: ${source.reason} (${source.by})\n`;
}

/** @throws InputError */
export async function runTopUp(flags: TopUpFlags, io: Io, open: Open = onStack): Promise<void> {
  const { customer, amount } = flags;
  const { key, state, invoice } = await orderTopUp(
    { customer, amount, ...operatorOf(flags, io) },
    await open(flags, io),
  );
  const text = `${customer}: invoice of ${invoice?.total} ${invoice?.currency}, ${state}; credit once it is paid\n`;
  const answer = { ...keyAnswer(key), state, total: invoice?.total, currency: invoice?.currency };
  io.stdout.write(flags.json ? `${JSON.stringify(answer)}\n` : text);
}
