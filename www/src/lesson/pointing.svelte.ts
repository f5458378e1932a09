/** What the lesson points at: a panel of the page and parts of the model's picture. */
import type { Target } from './equations';
import type { PanelName } from './links';
import type { PartName } from './parts';

/** Milliseconds for which a panel that was gone to stays marked. */
const MARKED = 4000;

class Pointing {
  /** The parts of the picture that are spoken of. */
  parts = $state.raw<readonly PartName[]>([]);
  /** The place in the text that a panel was gone to from. */
  origin = $state.raw<HTMLElement | null>(null);
  private marked: Element | null = null;
  private fading: ReturnType<typeof setTimeout> | undefined;

  /** Marks what a symbol or an equation speaks of. */
  at(target: Target): void {
    this.parts = target.parts;
    this.mark(panelOf(target.panel));
  }

  away(): void {
    this.parts = [];
    this.mark(null);
  }

  /** Brings a panel into sight and marks it for a while. */
  visit(panel: PanelName, from: HTMLElement | null): void {
    const element = panelOf(panel);
    if (!element) return;
    this.origin = from;
    element.scrollIntoView({ block: 'start' });
    this.mark(element);
    this.fading = setTimeout(() => this.mark(null), MARKED);
  }

  /** Back to where the panel was gone to from. */
  back(): void {
    const { origin } = this;
    this.origin = null;
    this.mark(null);
    origin?.scrollIntoView({ block: 'center' });
    origin?.focus({ preventScroll: true });
  }

  private mark(element: Element | null): void {
    clearTimeout(this.fading);
    this.marked?.classList.remove('pointed');
    this.marked = element;
    element?.classList.add('pointed');
  }
}

function panelOf(name: PanelName): Element | null {
  return document.getElementById(`panel-${name}`);
}

export const pointing = new Pointing();
