/** Numbers as people read them. */

/** What stands where a number is not known or not defined. */
export const NONE = '–';

const grouped = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

/** 1234567 as 1,234,567. */
export function count(value: number | null | undefined): string {
  return isKnown(value) ? grouped.format(value) : NONE;
}

/** A score or weight with three decimals: 0.643. */
export function score(value: number | null | undefined, digits = 3): string {
  if (!isKnown(value)) return NONE;
  const text = value.toFixed(digits);
  return Number(text) === 0 ? text.replace('-', '') : text.replace('-', '−');
}

/** The same with its sign always: +0.120, −0.031. */
export function signed(value: number | null | undefined, digits = 3): string {
  if (!isKnown(value)) return NONE;
  const text = score(value, digits);
  return value > 0 && Number(text) !== 0 ? `+${text}` : text;
}

/** 0.0641 as 6.4 %. */
export function percent(value: number | null | undefined, digits = 1): string {
  return isKnown(value) ? `${(100 * value).toFixed(digits)} %` : NONE;
}

/** An amount of storage: 840 kB, 12.4 MB. */
export function bytes(value: number): string {
  return value < 1e6 ? `${Math.ceil(value / 1e3)} kB` : `${(value / 1e6).toFixed(1)} MB`;
}

/** A phrase as a sentence: with a capital, and a full stop where it has none. */
export function sentence(phrase: string): string {
  const words = phrase.charAt(0).toUpperCase() + phrase.slice(1);
  if (/[.!?。]$/.test(words)) return words;
  return words + (/\p{Script=Han}/u.test(words) ? '。' : '.');
}

/** The log's mmdd with a dash: 1024 as 10-24. */
export function day(mmdd: string): string {
  return mmdd.replace(/^(\d\d)(\d\d)$/, '$1-$2');
}

/** A rate with two or three figures: 8.4, 84, 840, 8,400. */
export function rate(value: number | null | undefined): string {
  if (!isKnown(value)) return NONE;
  return value < 10
    ? value.toFixed(1)
    : grouped.format(value < 1000 ? value : Number(value.toPrecision(2)));
}

/** Small and large numbers in the shortest usual form: 0.003, 1e-6. */
export function plain(value: number): string {
  return value !== 0 && Math.abs(value) < 1e-3
    ? value.toExponential().replace('e+', 'e')
    : String(value);
}

function isKnown(value: number | null | undefined): value is number {
  return value !== null && value !== undefined && Number.isFinite(value);
}
