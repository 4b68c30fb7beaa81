/**
 * The customers whom time alone may suspend: those who are late. Each write is one item write, and repeating it changes
 * nothing. Who is listed and no longer late does no harm: each look derives everything anew.
 */
export interface DunningWatch {
  add(customer: string): Promise<void>;
  remove(customer: string): Promise<void>;
  /** In code-unit order. */
  customers(): Promise<string[]>;
}
