/** One measured number. */
export interface BenchResult {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** Against the baseline of the same run. */
  readonly ratio?: number;
  readonly goal?: string;
  readonly met?: boolean;
}
