/** The way into the ledger for usage that we receive ourselves. */
export interface LedgerStream {
  /**
   * Returns once every line is durable. Each line ends in a newline. Lines may land more than once and in any order.
   * @throws Error when some line could not be made durable after retries; others may have landed: repeat the whole
   */
  append(lines: readonly string[]): Promise<void>;
}
