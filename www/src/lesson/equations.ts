/**
 * The equations of the lesson as MathML, and what each of their symbols points to: a panel of the page
 * and parts of the model's picture. Their readings in words are in `text/`.
 */
import type { PanelName } from './links';
import type { PartName } from './parts';

/** An element of MathML; `symbol` marks what can be pointed at. */
export interface MathNode {
  tag: string;
  children: (MathNode | string)[];
  symbol?: SymbolName;
}

export interface Target {
  panel: PanelName;
  parts: readonly PartName[];
}

const CHANNELS: PartName[] = ['user_user', 'user_item', 'item_item'];
const PAIRINGS: PartName[] = ['Z1', 'Z2', 'Z3', 'Z4'];
const EXPERTS: PartName[] = ['f1', 'f2', 'f3', 'f4'];
const GATES: PartName[] = ['g_favourite', 'g_purchase'];
const MIXTURES: PartName[] = ['o_favourite', 'o_purchase'];
const LOGITS: PartName[] = ['y_favourite', 'y_purchase'];

const to = (panel: PanelName, parts: PartName[] = []): Target => ({ panel, parts });

/** Where each symbol leads. */
export const SYMBOLS = {
  histories: to('map', ['user_item']),
  similarity: to('map', ['user_user', 'item_item']),
  fields: to('sample', ['x_user', 'x_item']),
  embedding: to('parameters', ['p_u', 'q_i']),
  pair: to('sample', ['p_u', 'q_i']),
  attention: to('sample', CHANNELS),
  neighbors: to('map', CHANNELS),
  message: to('map', CHANNELS),
  state: to('map', CHANNELS),
  memory: to('parameters', CHANNELS),
  interaction: to('parameters', PAIRINGS),
  user_history: to('map', ['user_item']),
  user_similar: to('map', ['user_user']),
  item_history: to('map', ['user_item']),
  item_similar: to('map', ['item_item']),
  pairing: to('sample', PAIRINGS),
  expert: to('sample', EXPERTS),
  gate: to('gates', GATES),
  mixture: to('sample', MIXTURES),
  head: to('sample', LOGITS),
  bias: to('sample', LOGITS),
  logit: to('sample', LOGITS),
  cross_entropy: to('charts', LOGITS),
  task_weight: to('charts', LOGITS),
  beta: to('parameters', GATES),
  balance: to('gates', GATES),
  lambda: to('parameters', ['p_u', 'q_i']),
  group: to('dataset'),
  user_auc: to('gauc', LOGITS),
  gauc: to('charts', LOGITS),
  base: to('charts'),
} satisfies Record<string, Target>;
export type SymbolName = keyof typeof SYMBOLS;

type Child = MathNode | string;
const tag =
  (name: string) =>
  (...children: Child[]): MathNode => ({ tag: name, children });
const mi = tag('mi');
const mn = tag('mn');
const mo = tag('mo');
const row = tag('mrow');
const sub = tag('msub');
const sup = tag('msup');
const subsup = tag('msubsup');
const under = tag('munder');
const frac = tag('mfrac');
const sqrt = tag('msqrt');
const over = tag('mover');
/** Words and functions stand upright. */
const word = tag('mtext');
const hat = (node: MathNode) => over(node, mo('^'));
const tilde = (node: MathNode) => over(node, mo('~'));
const s = (symbol: SymbolName, ...children: Child[]): MathNode => ({
  tag: 'mrow',
  children,
  symbol,
});

const eq = mo('=');
const plus = mo('+');
const minus = mo('−');
const dot = mo('·');
const comma = mo(',');
const sum = (below: Child) => under(mo('∑'), below as MathNode);
const brackets = (...inside: Child[]) => row(mo('('), ...inside, mo(')'));
const bars = (...inside: Child[]) => row(mo('|'), ...inside, mo('|'));
const joined = (a: Child, b: Child) => row(mo('['), a, mo('‖'), b, mo(']'));

const xHat = s('pair', hat(mi('x')));
const gate = (k = true) => s('gate', k ? subsup(mi('g'), mi('n'), mi('k')) : mi('g'));
const expert = s('expert', sup(mi('f'), mi('n')));
const pairing = s('pairing', sup(mi('Z'), mi('n')));
const neighborhood = (of: string) => s('histories', mi('N'), brackets(mi(of)));
const att = s('attention', sub(mi('α'), row(mi('t'), mi('s'))));
const h = (of: string, layer: string) =>
  subsup(mi('h'), mi(of), layer === '' ? mi('l') : row(mi('l'), plus, mn('1')));
const pairingOf = (n: string, user: MathNode, item: MathNode) =>
  row(
    s('pairing', sup(mi('Z'), mn(n))),
    eq,
    s('interaction', mi('κ')),
    brackets(user, comma, item),
  );
const hUser = s('user_history', sub(mi('h'), mi('u')));
const hItem = s('item_history', sub(mi('h'), mi('i')));
const hUserSimilar = s('user_similar', sub(tilde(mi('h')), mi('u')));
const hItemSimilar = s('item_similar', sub(tilde(mi('h')), mi('i')));

/** Each equation is one or more lines. */
export const EQUATIONS = {
  similarity: [
    row(
      s('similarity', word('sim'), brackets(mi('u'), comma, mi('v'))),
      eq,
      frac(
        bars(neighborhood('u'), mo('∩'), neighborhood('v')),
        sqrt(bars(neighborhood('u')), bars(neighborhood('v'))),
      ),
    ),
  ],
  embedding: [
    row(
      s('embedding', sub(mi('p'), mi('u'))),
      eq,
      sum(word('fields')),
      s('embedding', mi('P')),
      mo('['),
      s('fields', sub(mi('x'), mi('u'))),
      mo(']'),
      comma,
      xHat,
      eq,
      joined(s('embedding', sub(mi('p'), mi('u'))), s('embedding', sub(mi('q'), mi('i')))),
    ),
  ],
  attention: [
    row(
      att,
      eq,
      under(word('softmax'), s('neighbors', mi('s'))),
      brackets(
        frac(
          row(
            mo('⟨'),
            h('t', ''),
            sub(mi('W'), mi('q')),
            comma,
            h('s', ''),
            sub(mi('W'), mi('k')),
            mo('⟩'),
          ),
          sqrt(mi('d')),
        ),
      ),
    ),
  ],
  cell: [
    row(
      s('message', sub(mi('m'), mi('t'))),
      eq,
      word('lrelu'),
      brackets(sum(mi('s')), att, h('s', ''), mi('W')),
    ),
    row(
      s('state', h('t', '+')),
      comma,
      s('memory', subsup(mi('c'), mi('t'), row(mi('l'), plus, mn('1')))),
      eq,
      word('LSTM'),
      brackets(
        s('message', sub(mi('m'), mi('t'))),
        comma,
        s('state', h('t', '')),
        comma,
        s('memory', subsup(mi('c'), mi('t'), mi('l'))),
      ),
    ),
  ],
  pairings: [
    pairingOf('1', hUser, hItem),
    pairingOf('2', hUser, hItemSimilar),
    pairingOf('3', hUserSimilar, hItem),
    pairingOf('4', hUserSimilar, hItemSimilar),
  ],
  gate: [
    row(
      s('gate', sup(mi('g'), mi('k'))),
      eq,
      word('softmax'),
      brackets(sup(word('MLP'), mi('k')), brackets(xHat)),
    ),
    row(s('mixture', sup(mi('o'), mi('k'))), eq, sum(mi('n')), gate(), joined(expert, pairing)),
  ],
  split: [
    row(
      s('logit', sub(word('logit'), mi('k'))),
      eq,
      s('bias', sub(mi('b'), mi('k'))),
      plus,
      sum(mi('n')),
      gate(),
      brackets(
        row(mo('⟨'), s('head', subsup(mi('v'), mi('k'), mi('f'))), comma, expert, mo('⟩')),
        plus,
        row(mo('⟨'), s('head', subsup(mi('v'), mi('k'), mi('Z'))), comma, pairing, mo('⟩')),
      ),
    ),
  ],
  loss: [
    row(
      mi('L'),
      eq,
      sum(mi('k')),
      brackets(
        s('task_weight', sup(mi('e'), row(minus, sub(mi('s'), mi('k'))))),
        s('cross_entropy', sub(mi('C'), mi('k'))),
        plus,
        s('task_weight', sub(mi('s'), mi('k'))),
      ),
      plus,
      s('beta', mi('β')),
      s('balance', sub(mi('L'), word('co'))),
      plus,
      frac(s('lambda', mi('λ')), mi('B')),
      sup(row(mo('‖'), mi('Θ'), mo('‖')), mn('2')),
    ),
  ],
  balance: [
    row(
      s('balance', sub(mi('L'), word('co'))),
      eq,
      minus,
      sum(mi('k')),
      sum(row(mi('n'), mo('<'), mi('m'))),
      gate(),
      s('gate', subsup(mi('g'), mi('m'), mi('k'))),
      eq,
      minus,
      frac(mn('1'), mn('2')),
      sum(mi('k')),
      brackets(mn('1'), minus, sum(mi('n')), sup(brackets(gate()), mn('2'))),
    ),
  ],
  gauc: [
    row(
      s('gauc', word('GAUC')),
      eq,
      frac(
        row(
          sum(mi('u')),
          s('group', sub(mi('n'), mi('u'))),
          dot,
          s('user_auc', sub(word('AUC'), mi('u'))),
        ),
        row(sum(mi('u')), s('group', sub(mi('n'), mi('u')))),
      ),
    ),
  ],
  improvement: [
    row(
      word('RelaImpr'),
      eq,
      frac(
        row(s('gauc', word('GAUC')), minus, mn('0.5')),
        row(s('base', sub(word('GAUC'), word('base'))), minus, mn('0.5')),
      ),
      minus,
      mn('1'),
    ),
  ],
} satisfies Record<string, MathNode[]>;
export type EquationName = keyof typeof EQUATIONS;

/** The symbols of an equation in the order in which they first occur. */
export function symbolsOf(name: EquationName): SymbolName[] {
  const found = new Set<SymbolName>();
  const walk = (node: MathNode) => {
    if (node.symbol) found.add(node.symbol);
    for (const child of node.children) if (typeof child !== 'string') walk(child);
  };
  EQUATIONS[name].forEach(walk);
  return [...found];
}

/** Where an equation leads as a whole: to all that its symbols speak of, and the first one's panel. */
export function targetOf(name: EquationName): Target {
  const targets = symbolsOf(name).map((symbol) => SYMBOLS[symbol]);
  return { panel: targets[0]!.panel, parts: targets.flatMap(({ parts }) => parts) };
}

/** How a symbol is written, for the list below its equation. */
export function glyphOf(name: EquationName, symbol: SymbolName): MathNode {
  const find = (node: MathNode): MathNode | null => {
    if (node.symbol === symbol) return node;
    for (const child of node.children) {
      const found = typeof child === 'string' ? null : find(child);
      if (found) return found;
    }
    return null;
  };
  return EQUATIONS[name].map(find).find((node) => node !== null)!;
}
