/**
 * What the engine says, in another language: its English sentences come as they are, and a catalogue
 * knows each by the template that it is made from (`{count} of the {all} users`), as it stands in
 * the engine's source. A sentence that the catalogue does not know stays as it is.
 */

/** The translation of a sentence, or of several in a row. */
export type Said = (words: string) => string;

/** A template of the source, and its translation, where `$1` is what stands in the first braces. */
export type Catalogue = Readonly<Record<string, string>>;

interface Entry {
  /** The template at the start of what is said. */
  pattern: RegExp;
  translation: string;
}

/** Two words of letters side by side: language, not a number or a name. */
const LANGUAGE = /[a-z]+ [a-z]+/i;
/** What ends a sentence in the translation. */
const END = /[。！？：；，]$/;

export function translator(catalogue: Catalogue): Said {
  const entries = Object.entries(catalogue).map(([template, translation]): Entry => {
    const literal = template
      .split(/\{[^{}]*\}/)
      .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
      .join('(.*?)');
    const end = template.endsWith(' ') ? '' : '(?=$|[ ;]|[.]( |$))';
    return { pattern: new RegExp(`^${literal}${end}`, 's'), translation };
  });

  /** The whole of what is said, or null where some of it is not known. */
  function whole(words: string): string | null {
    for (const { pattern, translation } of entries) {
      const match = pattern.exec(words);
      if (!match) continue;
      const values = match.slice(1).map(whole);
      if (values.includes(null)) continue;
      const here = translation.replace(/\$(\d)/g, (_, n) => values[Number(n) - 1] ?? '');
      const left = words.slice(match[0].length);
      const after = whole(left.replace(/^[.]? ?/, ''));
      if (after === null) continue;
      const stop = left.startsWith('.') && !END.test(here) ? '。' : '';
      return here + stop + after;
    }
    if (!LANGUAGE.test(words)) return words;
    const number = /^\d+/.exec(words)?.[0];
    const after = number ? whole(words.slice(number.length)) : null;
    return after === null ? null : number + after;
  }
  return (words) => whole(words) ?? words;
}
