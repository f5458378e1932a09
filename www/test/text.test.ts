import { describe, expect, test } from 'vitest';
import { en } from '../src/text/en';
import { zh } from '../src/text/zh';

/** Names, formulas and code that are the same in both languages. */
const SAME = [
  /^title$/,
  /^systems\.graph$/,
  /^(setting\.\w+|race)\.short$/,
  /^setting\.(attention|cell)\.values\.\w+$/,
  /^setting\.uncertainty\.values\.kendall$/,
  /^ablations\.losses\.\w+$/,
  /^score\.label$/,
  /^engine\.(webgpu|label\.\w+)$/,
  /^serving\.fileName$/,
  /^sample\.(logit|formula)$/,
  /^charts\.gauc$/,
];

type Leaf = [path: string, value: unknown];

function leaves(table: object, above = ''): Leaf[] {
  return Object.entries(table).flatMap(([name, value]): Leaf[] =>
    typeof value === 'object' && value !== null
      ? leaves(value, `${above}${name}.`)
      : [[`${above}${name}`, value]],
  );
}

const [english, chinese] = [leaves(en), leaves(zh)];
const kind = ([path, value]: Leaf) =>
  typeof value === 'function' ? `${path}: function of ${value.length}` : `${path}: ${typeof value}`;

describe('the two languages', () => {
  test('have the same words, as texts or as functions of as many arguments', () => {
    expect(chinese.map(kind).sort()).toEqual(english.map(kind).sort());
  });

  test('say nothing in English where Chinese is spoken', () => {
    const spoken = new Map(english.map(([path, value]) => [path, String(value)]));
    const left = chinese
      .filter(([path, value]) => value !== '' && String(value) === spoken.get(path))
      .map(([path]) => path)
      .filter((path) => !SAME.some((same) => same.test(path)));
    expect(left).toEqual([]);
  });
});
