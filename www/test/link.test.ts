import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { linkOf, parseLink, toLink } from '../src/link';
import { DEFAULT } from '../src/state';
import { DEFAULT_VIEW } from '../src/view.svelte';
import { states, views } from './arbitrary';

describe('the address', () => {
  test('gives every state back', () => {
    fc.assert(
      fc.property(states, views, (state, view) => {
        expect(parseLink(toLink(state, view))).toEqual({ state, view, problems: [] });
      }),
      { numRuns: 500 },
    );
  });

  test('is empty for the default', () => {
    expect(toLink(DEFAULT, { ...DEFAULT_VIEW })).toBe('');
    expect(parseLink('')).toEqual({ state: DEFAULT, view: DEFAULT_VIEW, problems: [] });
  });

  test('reads as written in the documents', () => {
    const { state, view, problems } = parseLink(
      '#v=1&engine=flex&d=8&batch=8&fan_out=2,2&steps=20&evaluate_every=5&channels=1,1,0',
    );
    expect(problems).toEqual([]);
    expect(state).toEqual({
      preset: 'demo',
      engine: 'flex',
      changed: {
        d: 8,
        batch: 8,
        fan_out: [2, 2],
        steps: 20,
        evaluate_every: 5,
        channels: [true, true, false],
      },
    });
    expect(view).toEqual(DEFAULT_VIEW);
    expect(parseLink('#v=1&fan_out=2%2C2').state.changed.fan_out).toEqual([2, 2]);
  });

  test.each([
    ['d', 'many'],
    ['d', '8.5'],
    ['d', '0'],
    ['d', '-3'],
    ['d', ''],
    ['seed', '1e3'],
    ['learning_rate', 'Infinity'],
    ['learning_rate', '0'],
    ['lambda', '-1'],
    ['fan_out', '2,,2'],
    ['fan_out', '1,2,3,4,5'],
    ['channels', '1,1'],
    ['channels', '1,2,1'],
    ['collaboration', 'true'],
    ['kappa', 'toString'],
    ['engine', 'gpu'],
    ['preset', 'large'],
    ['v', '2'],
    ['embedding', '8'],
    ['channel', 'user'],
    ['selected', '-1'],
    ['step', 'last'],
    ['lang', 'de'],
    ['hide', 'charts,button'],
    ['lock', 'yes'],
    ['ask', ''],
    ['answers', 'a%0A%0Ab'],
    ['answers', 'a%0Ab%0Ac%0Ad%0Ae'],
    ['__proto__', '1'],
  ])('leaves out and names %s=%s', (name, value) => {
    const { state, view, problems } = parseLink(
      `#v=1&batch=32&${name}=${value}`.replace('v=1&', name === 'v' ? '' : 'v=1&'),
    );
    expect(state).toEqual({ ...DEFAULT, changed: { batch: 32 } });
    expect(view).toEqual(DEFAULT_VIEW);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatchObject({ name, value: decodeURIComponent(value) });
    expect(problems[0]!.expected).not.toBe('');
  });

  test('bears any text', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const { state, view } = parseLink(text);
        expect(parseLink(toLink(state, view))).toEqual({ state, view, problems: [] });
      }),
    );
  });

  test('of an old version of the page still opens', () => {
    const { state, view, problems } = parseLink('#v=1&d=8&fan_out=2,2');
    expect(problems).toEqual([]);
    expect(state).toEqual({ preset: 'demo', engine: 'auto', changed: { d: 8, fan_out: [2, 2] } });
    expect(view).toEqual(DEFAULT_VIEW);
  });

  test('carries a lesson in any language', () => {
    const ask = '会怎样? 50% & more = less #1';
    const link = linkOf({
      d: 8,
      hide: ['charts', 'gauc'],
      lock: true,
      ask,
      answers: ['升, +', '降'],
    });
    expect(link).toMatch(/^#v=1&d=8&hide=charts,gauc&lock=1&ask=[^ #&]+&answers=[^ #&]+$/);
    const { view } = parseLink(new URL(link, 'http://localhost/').hash);
    expect(view).toMatchObject({ lock: true, ask, answers: ['升, +', '降'] });
  });

  test('that names a place in the page says nothing of the state', () => {
    expect(parseLink('#panel-gates')).toEqual(parseLink(''));
  });
});
