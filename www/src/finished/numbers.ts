/** Numbers in few bytes: levels between two ends, and whole numbers of as many bytes as they need. */

/** Numbers as levels from `low` to `high`. */
export interface Levels {
  low: number;
  high: number;
  at: Uint8Array | Uint16Array;
}

/** Rounds to 256 or to 65,536 levels; what is not finite is not let in. */
export function toLevels(values: ArrayLike<number>, bytes: 1 | 2): Levels {
  const numbers = Array.from(values);
  const low = numbers.reduce((least, value) => Math.min(least, value), Infinity);
  const high = numbers.reduce((most, value) => Math.max(most, value), -Infinity);
  if (!Number.isFinite(high - low)) throw new Error('Only finite numbers have levels.');
  const most = 256 ** bytes - 1;
  const unit = high > low ? most / (high - low) : 0;
  const levels = numbers.map((value) => Math.round((value - low) * unit));
  return { low, high, at: bytes === 1 ? Uint8Array.from(levels) : Uint16Array.from(levels) };
}

export function fromLevels({ low, high, at }: Levels): Float32Array {
  const most = 256 ** at.BYTES_PER_ELEMENT - 1;
  return Float32Array.from(at, (level) => low + (level * (high - low)) / most);
}

/** Whole numbers by their differences, seven bits a byte, the last byte below 128. */
export function toDeltas(values: ArrayLike<number>): Uint8Array {
  const bytes: number[] = [];
  let before = 0;
  for (let i = 0; i < values.length; i++) {
    const delta = values[i]! - before;
    before = values[i]!;
    let rest = delta < 0 ? -2 * delta - 1 : 2 * delta;
    for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push(128 + (rest % 128));
    bytes.push(rest);
  }
  return Uint8Array.from(bytes);
}

export function fromDeltas(bytes: Uint8Array): Uint32Array {
  const values: number[] = [];
  let before = 0;
  for (let i = 0; i < bytes.length; i++) {
    let rest = 0;
    let unit = 1;
    for (; bytes[i]! > 127; i++, unit *= 128) rest += (bytes[i]! - 128) * unit;
    rest += bytes[i]! * unit;
    before += rest % 2 === 1 ? -(rest + 1) / 2 : rest / 2;
    values.push(before);
  }
  return Uint32Array.from(values);
}
