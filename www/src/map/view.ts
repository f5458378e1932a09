/**
 * Draws one graph channel on three stacked canvases: edges, nodes, and the marks that follow the
 * pointer. Canvas 2D only, because a map must not need a GPU.
 *
 * While the view moves, a sample of the edges and the best-connected nodes are drawn; at rest the
 * others are added, a portion per frame, so that the page answers all the time.
 */
import { select } from 'd3-selection';
import { zoom, zoomIdentity } from 'd3-zoom';
import type { D3ZoomEvent, ZoomBehavior, ZoomTransform } from 'd3-zoom';
import type { ChannelMap } from '../engine/protocol';
import { rgba } from '../theme.svelte';
import { byFallingDegree, nearest } from './nodes';

/** Edges and nodes drawn while the view moves. */
const MOVING_EDGES = 2500;
const MOVING_NODES = 2500;
/** Fewest and most edges or nodes added per frame at rest. */
const PORTION = { least: 300, first: 1200, most: 6000 };
/** A frame longer than this makes the portions smaller, one shorter than the other larger. */
const FRAME = { long: 34, short: 20 };
/** Milliseconds of rest before everything is drawn. */
const REST = 120;
/** Largest and smallest magnification. */
const ZOOM: [number, number] = [0.6, 60];
/** How near the pointer must be to a node, in pixels. */
const REACH = 14;
/** Space around the map, as a share of its half size. */
const MARGIN = 0.06;

/** Lines to be drawn over the map, and the nodes to be ringed. */
export interface Marks {
  rings: number[];
  /** Pairs of nodes with the width of their line, 0 to 1. */
  links: { from: number; to: number; width: number }[];
}

export interface Callbacks {
  /** The node under the pointer and where it is on the page, or null. */
  hover(node: number | null, x: number, y: number): void;
  pin(node: number | null): void;
}

type Layer = CanvasRenderingContext2D;

export class MapView {
  private readonly layers: { edges: Layer; nodes: Layer; marks: Layer };
  private readonly zoom: ZoomBehavior<HTMLCanvasElement, unknown>;
  private readonly observer: ResizeObserver;
  private map: ChannelMap | null = null;
  private color = '';
  /** Nodes by falling degree. */
  private order: Uint32Array = new Uint32Array();
  private transform: ZoomTransform = zoomIdentity;
  private width = 1;
  private height = 1;
  private marks: Marks = { rings: [], links: [] };
  private hovered: number | null = null;
  private pinned: number | null = null;
  private frame = 0;
  private rest: ReturnType<typeof setTimeout> | undefined;
  private portion = PORTION.first;

  constructor(
    private readonly canvases: [HTMLCanvasElement, HTMLCanvasElement, HTMLCanvasElement],
    private readonly callbacks: Callbacks,
  ) {
    const [edges, nodes, marks] = canvases.map((canvas) => canvas.getContext('2d')!);
    this.layers = { edges: edges!, nodes: nodes!, marks: marks! };
    const top = canvases[2];
    this.zoom = zoom<HTMLCanvasElement, unknown>()
      .scaleExtent(ZOOM)
      .filter((event: Event) => this.accepts(event))
      .on('zoom', (event: D3ZoomEvent<HTMLCanvasElement, unknown>) => {
        this.transform = event.transform;
        this.draw();
      });
    // One finger scrolls the page past the map; two move the map.
    select(top).call(this.zoom).style('touch-action', 'pan-x pan-y');
    top.addEventListener('pointermove', this.moved);
    top.addEventListener('pointerleave', this.left);
    top.addEventListener('click', this.clicked);
    this.observer = new ResizeObserver(() => this.resize());
    this.observer.observe(top);
  }

  destroy(): void {
    this.observer.disconnect();
    cancelAnimationFrame(this.frame);
    clearTimeout(this.rest);
  }

  /** Shows another channel; `color` is the name of a colour of the theme. */
  show(map: ChannelMap, color: string): void {
    const before = this.map;
    const partial = before?.edge_count !== undefined && before.channel === map.channel;
    this.map = map;
    this.color = color;
    this.pinned = this.hovered = null;
    this.marks = { rings: [], links: [] };
    this.order = byFallingDegree(map.degree);
    if (partial && before.kind.length === map.kind.length) {
      // What was shown of the channel stays, and the rest comes to it.
      cancelAnimationFrame(this.frame);
      clearTimeout(this.rest);
      this.drawMarks();
      this.complete(this.stride);
      return;
    }
    this.fit();
    this.draw();
  }

  mark(marks: Marks): void {
    this.marks = marks;
    this.drawMarks();
  }

  /** Names a node and links it to its neighbours; null for none. */
  pin(node: number | null): void {
    this.pinned = node;
    this.drawMarks();
    this.callbacks.pin(node);
  }

  /** Draws everything again, after a change of theme. */
  redraw(): void {
    this.draw();
  }

  fit(): void {
    this.zoom.transform(select(this.canvases[2]), zoomIdentity);
  }

  scale(factor: number): void {
    this.zoom.scaleBy(select(this.canvases[2]), factor);
  }

  move(x: number, y: number): void {
    this.zoom.translateBy(
      select(this.canvases[2]),
      (x * this.width) / this.transform.k,
      (y * this.height) / this.transform.k,
    );
  }

  /** The wheel zooms once the map was clicked or with Ctrl; otherwise it scrolls the page. */
  private accepts(event: Event): boolean {
    if (event instanceof WheelEvent) {
      return (
        event.ctrlKey || event.metaKey || document.activeElement === this.canvases[2].parentElement
      );
    }
    if (event instanceof TouchEvent) return event.touches.length > 1;
    return !(event instanceof MouseEvent) || (event.button === 0 && !event.ctrlKey);
  }

  private resize(): void {
    const box = this.canvases[2].getBoundingClientRect();
    const ratio = Math.min(2, devicePixelRatio);
    [this.width, this.height] = [Math.max(1, box.width), Math.max(1, box.height)];
    for (const canvas of this.canvases) {
      canvas.width = Math.round(this.width * ratio);
      canvas.height = Math.round(this.height * ratio);
      canvas.getContext('2d')!.setTransform(ratio, 0, 0, ratio, 0, 0);
    }
    this.draw();
  }

  private get radius(): number {
    return (Math.min(this.width, this.height) / 2) * (1 - MARGIN);
  }

  private x(node: number): number {
    return this.transform.applyX(this.width / 2 + this.map!.positions[2 * node]! * this.radius);
  }

  private y(node: number): number {
    return this.transform.applyY(
      this.height / 2 + this.map!.positions[2 * node + 1]! * this.radius,
    );
  }

  /** The sample at once, in the next frame; the rest when nothing moves any more. */
  private draw(): void {
    cancelAnimationFrame(this.frame);
    clearTimeout(this.rest);
    this.frame = requestAnimationFrame(() => {
      if (!this.map) return;
      this.layers.edges.clearRect(0, 0, this.width, this.height);
      this.layers.nodes.clearRect(0, 0, this.width, this.height);
      const stride = this.stride;
      this.drawEdges(0, this.edgeCount, stride, 0);
      this.drawNodes(0, Math.min(MOVING_NODES, this.order.length));
      this.drawMarks();
      this.rest = setTimeout(() => this.complete(stride), REST);
    });
  }

  private get edgeCount(): number {
    return this.map!.edges.length / 2;
  }

  private get stride(): number {
    return Math.max(1, Math.ceil(this.edgeCount / MOVING_EDGES));
  }

  /** Adds what the sample left out, a portion per frame. */
  private complete(stride: number): void {
    const portions = this.portions(stride);
    let before = performance.now();
    const next = (now: number) => {
      if (now - before > FRAME.long) this.portion = Math.max(PORTION.least, this.portion / 2);
      else if (now - before < FRAME.short) {
        this.portion = Math.min(PORTION.most, this.portion * 1.25);
      }
      before = now;
      if (!portions.next().done) this.frame = requestAnimationFrame(next);
    };
    this.frame = requestAnimationFrame(next);
  }

  private *portions(stride: number): Generator<void> {
    for (let from = MOVING_NODES; from < this.order.length;) {
      const to = Math.min(this.order.length, from + Math.floor(this.portion));
      this.drawNodes(from, to);
      from = to;
      yield;
    }
    for (let offset = 1; offset < stride; offset++) {
      for (let from = 0; from < this.edgeCount;) {
        const to = Math.min(this.edgeCount, from + Math.floor(this.portion) * stride);
        this.drawEdges(from, to, stride, offset);
        from = Math.ceil(to / stride) * stride;
        yield;
      }
    }
  }

  private drawEdges(from: number, to: number, stride: number, offset: number): void {
    const { edges } = this.map!;
    const layer = this.layers.edges;
    const { width, height } = this;
    layer.beginPath();
    for (let edge = from + offset; edge < to; edge += stride) {
      const a = edges[2 * edge]!;
      const b = edges[2 * edge + 1]!;
      const [ax, ay, bx, by] = [this.x(a), this.y(a), this.x(b), this.y(b)];
      const outside =
        (ax < 0 && bx < 0) ||
        (ay < 0 && by < 0) ||
        (ax > width && bx > width) ||
        (ay > height && by > height);
      if (outside) continue;
      layer.moveTo(ax, ay);
      layer.lineTo(bx, by);
    }
    const crowd = this.edgeCount / this.transform.k ** 0.8;
    layer.strokeStyle = rgba(this.color, Math.max(0.02, Math.min(0.6, 8 / Math.sqrt(crowd + 1))));
    layer.lineWidth = 0.75;
    layer.stroke();
  }

  private drawNodes(from: number, to: number): void {
    const layer = this.layers.nodes;
    for (const kind of [1, 0]) {
      layer.beginPath();
      for (let i = from; i < to; i++) {
        const node = this.order[i]!;
        if (this.map!.kind[node] !== kind) continue;
        const [x, y, r] = [this.x(node), this.y(node), this.size(node)];
        if (x < -r || y < -r || x > this.width + r || y > this.height + r) continue;
        layer.moveTo(x + r, y);
        layer.arc(x, y, r, 0, 2 * Math.PI);
      }
      layer.fillStyle = rgba(kind === 0 ? '--node-user' : '--node-item', 0.9);
      layer.fill();
    }
  }

  /** Radius of a node in pixels. */
  private size(node: number): number {
    const { degree } = this.map!;
    const growth =
      Math.min(3, this.transform.k ** 0.5) * Math.min(1, 60 / Math.sqrt(degree.length));
    return growth * Math.min(5, 0.9 + 0.35 * Math.sqrt(degree[node]!));
  }

  private drawMarks(): void {
    const layer = this.layers.marks;
    layer.clearRect(0, 0, this.width, this.height);
    if (!this.map) return;
    for (const { from, to, width } of this.marks.links) this.line(from, to, 1 + 7 * width, 0.95);
    for (const node of [this.pinned, this.hovered]) {
      if (node === null) continue;
      for (const other of this.neighbors(node)) this.line(node, other, 1, 0.8);
      this.ring(node, 2);
    }
    for (const node of this.marks.rings) this.ring(node, 2.5);
  }

  private line(from: number, to: number, width: number, opacity: number): void {
    const layer = this.layers.marks;
    layer.beginPath();
    layer.moveTo(this.x(from), this.y(from));
    layer.lineTo(this.x(to), this.y(to));
    // A pale border sets the line off from the edges below it.
    layer.strokeStyle = rgba('--surface', 0.75);
    layer.lineWidth = width + 2.5;
    layer.stroke();
    layer.strokeStyle = rgba(this.color, opacity);
    layer.lineWidth = width;
    layer.stroke();
    layer.beginPath();
    layer.arc(this.x(to), this.y(to), this.size(to) + 0.5, 0, 2 * Math.PI);
    layer.fillStyle = rgba(this.map!.kind[to] === 0 ? '--node-user' : '--node-item');
    layer.fill();
  }

  private ring(node: number, width: number): void {
    const layer = this.layers.marks;
    layer.beginPath();
    layer.arc(this.x(node), this.y(node), this.size(node) + 3, 0, 2 * Math.PI);
    layer.fillStyle = rgba('--surface', 0.85);
    layer.fill();
    layer.strokeStyle = rgba('--ink');
    layer.lineWidth = width;
    layer.stroke();
    layer.beginPath();
    layer.arc(this.x(node), this.y(node), this.size(node), 0, 2 * Math.PI);
    layer.fillStyle = rgba(this.map!.kind[node] === 0 ? '--node-user' : '--node-item');
    layer.fill();
  }

  private *neighbors(node: number): Generator<number> {
    const { edges } = this.map!;
    for (let i = 0; i < edges.length; i += 2) {
      if (edges[i] === node) yield edges[i + 1]!;
      else if (edges[i + 1] === node) yield edges[i]!;
    }
  }

  private at(event: MouseEvent): number | null {
    if (!this.map) return null;
    const box = this.canvases[2].getBoundingClientRect();
    const [x, y] = this.transform.invert([event.clientX - box.left, event.clientY - box.top]);
    return nearest(
      this.map.positions,
      (x - this.width / 2) / this.radius,
      (y - this.height / 2) / this.radius,
      REACH / (this.radius * this.transform.k),
    );
  }

  private hover(node: number | null): void {
    if (node === this.hovered) return;
    this.hovered = node;
    this.drawMarks();
    this.callbacks.hover(node, node === null ? 0 : this.x(node), node === null ? 0 : this.y(node));
  }

  private readonly moved = (event: PointerEvent) =>
    this.hover(event.buttons ? null : this.at(event));
  private readonly left = () => this.hover(null);
  private readonly clicked = (event: MouseEvent) => {
    if (event.defaultPrevented) return;
    const node = this.at(event);
    this.pin(node === this.pinned ? null : node);
  };
}
