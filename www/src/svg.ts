/** Takes a drawing from the engine into the page: parsed, and only what a chart needs let through. */

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
