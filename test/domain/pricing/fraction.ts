/** Exact fractions for the oracle: numerator over a positive denominator, never reduced, since nothing here is in a hurry. */
export class Fraction {
  readonly n: bigint;
  readonly d: bigint;

  constructor(n: bigint, d = 1n) {
    this.n = n;
    this.d = d;
  }

  /** A decimal string or a JSON integer. */
  static of(value: string | number): Fraction {
    const [whole = '0', fraction = ''] = String(value).split('.');
    return new Fraction(BigInt(whole + fraction), 10n ** BigInt(fraction.length));
  }

  plus(b: Fraction): Fraction {
    return new Fraction(this.n * b.d + b.n * this.d, this.d * b.d);
  }
  minus(b: Fraction): Fraction {
    return new Fraction(this.n * b.d - b.n * this.d, this.d * b.d);
  }
  times(b: Fraction): Fraction {
    return new Fraction(this.n * b.n, this.d * b.d);
  }
  over(b: Fraction): Fraction {
    return new Fraction(this.n * b.d, this.d * b.n);
  }
  isAbove(b: Fraction): boolean {
    return this.n * b.d > b.n * this.d;
  }
  isZero(): boolean {
    return this.n === 0n;
  }
  min(b: Fraction): Fraction {
    return this.isAbove(b) ? b : this;
  }
  max(b: Fraction): Fraction {
    return b.isAbove(this) ? b : this;
  }
  /** Not negative. */
  floor(): bigint {
    return this.n / this.d;
  }
  ceil(): bigint {
    return (this.n + this.d - 1n) / this.d;
  }

  /** To the nearest multiple of 10 ** -decimals; of two equally near the one whose last digit is even. */
  round(decimals: number): Fraction {
    const step = 10n ** BigInt(decimals);
    const below = (this.n * step) / this.d;
    const rest = new Fraction(this.n * step - below * this.d, this.d);
    const half = new Fraction(1n, 2n);
    const up = rest.isAbove(half) || (!half.isAbove(rest) && below % 2n === 1n);
    return new Fraction(up ? below + 1n : below, step);
  }

  /** With exactly so many decimals; the value must have no more. */
  text(decimals: number): string {
    const step = 10n ** BigInt(decimals);
    if ((this.n * step) % this.d !== 0n) throw new Error('not a multiple of the smallest unit');
    const units = (this.n * step) / this.d;
    const digits = String(units < 0n ? -units : units).padStart(decimals + 1, '0');
    const sign = units < 0n ? '-' : '';
    return decimals === 0 ? sign + digits : `${sign}${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
  }

  /** As short as a finite decimal can be. */
  short(): string {
    let decimals = 0;
    while ((this.n * 10n ** BigInt(decimals)) % this.d !== 0n) decimals++;
    return this.text(decimals);
  }
}

export const ZERO = new Fraction(0n);
export const sum = (values: Iterable<Fraction>): Fraction => [...values].reduce((a, b) => a.plus(b), ZERO);
