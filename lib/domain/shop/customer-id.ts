const NAME_MAX = 24;

/**
 * An id for a customer that opens an account: what its name has of a-z and 0-9, so that people recognise it in a log, and
 * `random`, so that it is nobody else's. A name without such letters gives `customer`.
 *
 * @param random lower-case hex
 */
export function customerIdFor(name: string, random: string): string {
  const plain = name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/\p{M}+/gu, '')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, NAME_MAX)
    .replace(/-+$/, '');
  return `${plain === '' ? 'customer' : plain}-${random}`;
}
