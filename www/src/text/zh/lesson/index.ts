/** 中文教程；内容与 `../../en/lesson` 相同。 */
import type { LessonText } from '../../../lesson/content';
import { experts } from './experts';
import { figure } from './figure';
import { graph } from './graph';
import { results } from './results';
import { done, equations, symbols, terms, ui } from './words';

export const lesson: LessonText = {
  title: 'MoGE 如何推荐，又怎样检验它是否有效',
  lead: '按论文的顺序讲论文的思想，每一点都配有检验它的实验。带三角的链接会在阅读时改变上方的页面；先预测，再观察。',
  ui,
  done,
  terms,
  symbols,
  equations,
  figure,
  sections: [...graph, ...experts, ...results],
};
