/**
 * Takes a drawing from the engine into the page: parsed, only what a chart needs let through, and in
 * the colours of the theme.
 */
import { themed } from './palette';

/** The engine's colour of grid lines. */
const GRID = '#d8d8d9';

const ELEMENTS = new Set([
  'svg',
  'g',
  'line',
  'polyline',
  'polygon',
  'path',
  'rect',
  'circle',
  'ellipse',
  'text',
  'tspan',
]);

const ATTRIBUTES = new Set([
  'viewbox',
  'width',
  'height',
  'x',
  'y',
  'x1',
  'y1',
  'x2',
  'y2',
  'cx',
  'cy',
  'r',
  'rx',
  'ry',
  'dx',
  'dy',
  'd',
  'points',
  'fill',
  'fill-opacity',
  'stroke',
  'stroke-width',
  'stroke-opacity',
  'stroke-dasharray',
  'stroke-linecap',
  'stroke-linejoin',
  'opacity',
  'transform',
  'text-anchor',
  'dominant-baseline',
  'font-family',
  'font-size',
  'font-weight',
]);

/** The drawing as an element that fills its place; throws when the text is no SVG. */
export function parseDrawing(text: string): SVGElement {
  const root = new DOMParser().parseFromString(text, 'image/svg+xml').documentElement;
  if (root.localName !== 'svg' || root.querySelector('parsererror')) {
    throw new Error('The engine drew something that is not an SVG picture.');
  }
  for (const element of [root, ...root.querySelectorAll('*')]) {
    if (!ELEMENTS.has(element.localName)) element.remove();
    for (const { name } of [...element.attributes]) {
      if (!ATTRIBUTES.has(name.toLowerCase())) element.removeAttribute(name);
    }
    for (const name of ['stroke', 'fill']) {
      const color = element.getAttribute(name);
      if (color?.startsWith('#')) element.setAttribute(name, themed(color));
    }
  }
  if (!root.hasAttribute('viewBox')) {
    root.setAttribute(
      'viewBox',
      `0 0 ${root.getAttribute('width')} ${root.getAttribute('height')}`,
    );
  }
  root.removeAttribute('width');
  root.removeAttribute('height');
  root.setAttribute('aria-hidden', 'true');
  return document.importNode(root, true) as unknown as SVGElement;
}

/** Where the curves lie in a drawing, as shares of its width and height. */
export interface Frame {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

/** The part of a chart that its grid covers: from the first x to the last; null without a grid. */
export function frameOf(drawing: SVGElement): Frame | null {
  const [, , width = 0, height = 0] = (drawing.getAttribute('viewBox') ?? '')
    .split(/[\s,]+/)
    .map(Number);
  const grid = themed(GRID);
  const xs: number[] = [];
  const ys: number[] = [];
  for (const element of drawing.querySelectorAll('line, polyline')) {
    if (element.getAttribute('stroke') !== grid) continue;
    const ends =
      element
        .getAttribute('points')
        ?.trim()
        .split(/[\s,]+/) ??
      ['x1', 'y1', 'x2', 'y2'].map((name) => element.getAttribute(name) ?? '');
    ends.forEach((value, i) => (i % 2 === 0 ? xs : ys).push(Number(value)));
  }
  if (xs.length === 0 || !width || !height) return null;
  return {
    left: Math.min(...xs) / width,
    right: Math.max(...xs) / width,
    top: Math.min(...ys) / height,
    bottom: Math.max(...ys) / height,
  };
}
