import { expect, test } from 'vitest';
import { NONE, count, day, percent, plain, rate, score, sentence, signed } from '../src/format';

test('counts are grouped', () => {
  expect(count(0)).toBe('0');
  expect(count(999)).toBe('999');
  expect(count(54925330)).toBe('54,925,330');
});

test('scores have three decimals and a real minus', () => {
  expect(score(0.64349)).toBe('0.643');
  expect(score(1)).toBe('1.000');
  expect(score(-0.0312, 2)).toBe('−0.03');
  expect(score(-0.0001)).toBe('0.000');
});

test('signed numbers have their sign unless they are zero', () => {
  expect(signed(0.12)).toBe('+0.120');
  expect(signed(-1.5)).toBe('−1.500');
  expect(signed(0)).toBe('0.000');
  expect(signed(0.00001)).toBe('0.000');
});

test('shares are percentages', () => {
  expect(percent(0.0641)).toBe('6.4 %');
  expect(percent(1, 0)).toBe('100 %');
});

test('rates have two or three figures', () => {
  expect(rate(8.44)).toBe('8.4');
  expect(rate(84.4)).toBe('84');
  expect(rate(840)).toBe('840');
  expect(rate(8437)).toBe('8,400');
});

test('plain numbers are short', () => {
  expect(plain(0.003)).toBe('0.003');
  expect(plain(1e-6)).toBe('1e-6');
  expect(plain(0)).toBe('0');
  expect(plain(2000)).toBe('2000');
});

test('phrases become sentences', () => {
  expect(sentence('four experts')).toBe('Four experts.');
  expect(sentence('One unit.')).toBe('One unit.');
});

test('days are parted', () => {
  expect(day('1024')).toBe('10-24');
  expect(day('24 October')).toBe('24 October');
});

test('what is not known is a dash', () => {
  for (const format of [count, score, signed, percent, rate]) {
    expect(format(null)).toBe(NONE);
    expect(format(undefined)).toBe(NONE);
    expect(format(Number.NaN)).toBe(NONE);
  }
});
