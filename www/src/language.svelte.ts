/** The page's language: what a link or the person says, else the browser's. */
import { en } from './text/en';
import type { Text } from './text/en';

export const LANGUAGES = ['en', 'zh'] as const;
export type Language = (typeof LANGUAGES)[number];

/** What each language calls itself, and what HTML calls it. */
export const LANGUAGE: Record<Language, { name: string; tag: string }> = {
  en: { name: 'English', tag: 'en' },
  zh: { name: '中文', tag: 'zh-Hans' },
};

const KEY = 'moge-language';

class ChosenLanguage {
  current = $state.raw<Language>('en');
  /** Every word of the page in that language. */
  words = $state.raw<Text>(en);

  /** Switches to a language; its words are fetched the first time. */
  async choose(to: Language): Promise<void> {
    this.words = to === 'zh' ? (await import('./text/zh')).zh : en;
    this.current = to;
    document.documentElement.lang = LANGUAGE[to].tag;
  }

  /** The same, and it holds on the next visit. */
  async keep(to: Language): Promise<void> {
    await this.choose(to);
    try {
      localStorage.setItem(KEY, to);
    } catch {
      // Without storage the choice holds until the page is closed.
    }
  }
}

/** What the person chose on an earlier visit, else the first language of the browser that we speak. */
export function preferred(): Language {
  let stored: string | null = null;
  try {
    stored = localStorage.getItem(KEY);
  } catch {
    // Storage may be forbidden; the browser's languages tell then.
  }
  const wishes = [stored ?? '', ...navigator.languages];
  const found = wishes.map((wish) => LANGUAGES.find((each) => wish.toLowerCase().startsWith(each)));
  return found.find((each) => each !== undefined) ?? 'en';
}

export const language = new ChosenLanguage();
