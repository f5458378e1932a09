/** The lesson's words in the page's language, fetched when they are needed. */
import { language } from '../language.svelte';
import type { Language } from '../language.svelte';
import type { LessonText } from './content';

const LOAD: Record<Language, () => Promise<LessonText>> = {
  en: async () => (await import('../text/en/lesson')).lesson,
  zh: async () => (await import('../text/zh/lesson')).lesson,
};

/** The words, null until they have come; those of the language before stay meanwhile. */
export class LessonWords {
  current = $state.raw<LessonText | null>(null);

  /** Follows the page's language; to be called in an effect. */
  follow(): void {
    const wanted = language.current;
    LOAD[wanted]().then(
      (words) => {
        if (wanted === language.current) this.current = words;
      },
      // Offline, the words of the language before are better than none.
      () => {},
    );
  }
}
