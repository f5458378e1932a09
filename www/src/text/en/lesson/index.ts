/** The lesson in English; `../../zh/lesson` has the same in Chinese. */
import type { LessonText } from '../../../lesson/content';
import { figure } from './figure';
import { done, equations, symbols, terms, ui } from './words';
import { graph } from './graph';
import { experts } from './experts';
import { results } from './results';

export const lesson: LessonText = {
  title: 'How MoGE recommends, and how to find out whether it does',
  lead:
    'The paper’s ideas in the paper’s order, each with the experiment that tests it. A link with a ' +
    'triangle changes the page above while you read; predict first, then look.',
  ui,
  done,
  terms,
  symbols,
  equations,
  figure,
  sections: [...graph, ...experts, ...results],
};
