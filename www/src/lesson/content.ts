/**
 * What the lesson is made of: sections of paragraphs, equations and questions, as plain data, so that
 * a test can walk through it. The words of each language are in `text/en/lesson and text/zh/lesson`.
 */
import type { EquationName, SymbolName } from './equations';
import type { LinkName, PanelName } from './links';
import type { PartKind } from './parts';

/** A piece of a sentence: words, a link that sets the page's state, a way to a panel, or a term. */
export type Inline =
  | string
  | { kind: 'link'; link: LinkName; words: string }
  | { kind: 'see'; panel: PanelName; words: string }
  | { kind: 'term'; term: TermName; words: string };

export interface Paragraph {
  kind: 'paragraph';
  parts: Inline[];
}

/** A prediction to make before the experiment that answers it. */
export interface Question {
  kind: 'question';
  ask: string;
  options: string[];
  experiment: Inline[];
  /** What to look at, and why it comes out so. */
  answer: Inline[];
}

export type Block = Paragraph | Question | { kind: 'equation'; equation: EquationName };

export interface Section {
  title: string;
  blocks: Block[];
}

/** Terms that the lesson explains where they first occur. */
export const TERMS = [
  'sparsity',
  'long_tail',
  'multi_task',
  'channel',
  'cold',
  'gnn',
  'attention',
  'interaction',
  'mixture',
  'gate',
  'entropy',
  'uncertainty',
  'gauc',
  'ablation',
] as const;
export type TermName = (typeof TERMS)[number];

/** Every word of the lesson in one language. */
export interface LessonText {
  title: string;
  lead: string;
  /** Buttons and notes of the lesson itself. */
  ui: {
    symbols: string;
    predict: string;
    first: string;
    experiment: string;
    show: string;
    back: string;
    play: string;
    close: string;
    glossary: string;
    glossaryNote: string;
    /** Language of the terms' other names, for HTML. */
    otherLang: string;
    contents: string;
    /** Said when a link has been followed: what holds now, and what comes next. */
    waits: string;
    trains: string;
    ended: string;
    /** No pair has been scored, or the engine is not there yet. */
    noPair: string;
    early: string;
  };
  /** What holds after a link was followed. */
  done: Record<LinkName, string>;
  terms: Record<TermName, { name: string; other: string; meaning: string }>;
  symbols: Record<SymbolName, string>;
  equations: Record<EquationName, { name: string; reading: string }>;
  figure: {
    title: string;
    alt: string;
    hint: string;
    /** The run trains another system. */
    notMoge: (system: string) => string;
    off: string;
    sample: (instance: string) => string;
    noSample: string;
    noTensors: string;
    /** The run came with the page, without its parameters. */
    recorded: string;
    tensor: (name: string, size: number) => string;
    value: (at: number, size: number, value: string) => string;
    range: (low: string, high: string) => string;
    table: string;
    hideTable: string;
    index: string;
    number: string;
    equation: string;
    to: string;
    embedding: string;
    network: string;
    parts: Record<PartKind, { name: string; meaning: string }>;
  };
  sections: Section[];
}

/** A paragraph: `p`words ${link('demo', 'more words')} words``. */
export function p(words: TemplateStringsArray, ...parts: Inline[]): Paragraph {
  return { kind: 'paragraph', parts: inline(words, ...parts) };
}

export function inline(words: TemplateStringsArray, ...parts: Inline[]): Inline[] {
  return words.flatMap((text, i) => [text, ...parts.slice(i, i + 1)]).filter((part) => part !== '');
}

export const link = (name: LinkName, words: string): Inline => ({
  kind: 'link',
  link: name,
  words,
});
export const see = (panel: PanelName, words: string): Inline => ({ kind: 'see', panel, words });
export const term = (name: TermName, words: string): Inline => ({
  kind: 'term',
  term: name,
  words,
});
export const equation = (name: EquationName): Block => ({ kind: 'equation', equation: name });

/** All pieces of a block's sentences. */
export function inlines(block: Block): Inline[] {
  switch (block.kind) {
    case 'paragraph':
      return block.parts;
    case 'question':
      return [...block.experiment, ...block.answer];
    case 'equation':
      return [];
  }
}
