import { describe, expect, test } from 'vitest';
import { unused, unusedChannel, variantOf } from '../src/systems';
import { Session } from './fake-session';
import { config } from './scripted';

const models = Session.models();
const card = (name: string) => models.find((model) => model.name === name)!;

describe('a setting', () => {
  test.each([
    ['moge', 'kappa', null],
    ['moge', 'channels', null],
    ['mmoe', 'kappa', /Belongs to MoGE/],
    ['mmoe', 'attention', /reads no graph/],
    ['mmoe_graph', 'attention', null],
    ['mmoe_graph', 'uncertainty', /Belongs to MoGE/],
    ['ngcf', 'attention', /own way/],
    ['ngcf', 'fan_out', null],
    ['mlp', 'layers', /reads no graph/],
    ['mlp', 'd', null],
  ] as const)('of %s, %s, is disabled only where it is of no use', (system, name, why) => {
    const words = unused(name, card(system), config());
    if (why === null) expect(words).toBeNull();
    else expect(words).toMatch(why);
  });

  test('beta needs the balancing', () => {
    expect(unused('beta', card('moge'), config({ collaboration: true }))).toBeNull();
    expect(unused('beta', card('moge'), config({ collaboration: false }))).not.toBeNull();
  });
});

test('NGCF reads the user-item channel alone', () => {
  expect([0, 1, 2].map((i) => unusedChannel(i, card('ngcf')) === null)).toEqual([
    true,
    false,
    false,
  ]);
  expect(unusedChannel(0, card('mlp'))).not.toBeNull();
});

test('the graph toggle leads to the variant and back', () => {
  expect(variantOf(models, 'mmoe', true)).toBe('mmoe_graph');
  expect(variantOf(models, 'mmoe', false)).toBe('mmoe');
  expect(variantOf(models, 'moge', true)).toBe('moge');
  expect(variantOf(models, 'mlp', true)).toBe('mlp');
});
