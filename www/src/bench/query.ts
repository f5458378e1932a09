/**
 * What the address asks to measure: `?bench&engine=flex&form=stock&steps=20&fanout=8,4`. What the
 * engine does not know it refuses by name.
 */
import { ENGINES } from '../state';
import type { Measured } from '../engine/protocol';

export function asked(search: string): Measured {
  const {
    bench: _,
    engine = 'flex',
    form = 'own',
    ...rest
  } = Object.fromEntries(new URLSearchParams(search));
  const known = ENGINES.find((name) => name === engine);
  if (!known)
    throw new Error(`There is no engine "${engine}". Choose one of ${ENGINES.join(', ')}.`);
  const sizes = Object.entries(rest).map(([name, text]): [string, number | number[]] => [
    name,
    name === 'fanout' ? text.split(',').map(Number) : Number(text),
  ]);
  return { engine: known, form, sizes: Object.fromEntries(sizes) };
}
