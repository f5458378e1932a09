/**
 * Every word that the page says, in the language that is chosen. A table is read anew whenever the
 * language changes: take words where they are shown (`{text.gates.title}`, `$derived(...)`), not at
 * the top of a module.
 */
import { language } from '../language.svelte';
import { en } from './en';
import type { Text } from './en';

export type { Text };

export const text: Text = new Proxy(en, {
  get: (_, name: keyof Text & string) => language.words[name],
});
