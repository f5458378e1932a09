/** Light or dark: the system's choice until the person makes another. */

const KEY = 'moge-theme';
/** Colours read from the theme in force. */
const known = new Map<string, [number, number, number]>();
const system = matchMedia('(prefers-color-scheme: dark)');

class Theme {
  /** Counts the changes, for what is drawn on a canvas and has to be drawn anew. */
  version = $state(0);
  private chosen = $state<'light' | 'dark' | null>(null);
  private systemDark = $state(system.matches);
  dark = $derived(this.chosen === null ? this.systemDark : this.chosen === 'dark');

  constructor() {
    const stored = read();
    if (stored === 'light' || stored === 'dark') this.choose(stored);
    system.addEventListener('change', () => {
      this.systemDark = system.matches;
      this.changed();
    });
  }

  toggle(): void {
    this.choose(this.dark ? 'light' : 'dark');
    try {
      localStorage.setItem(KEY, this.chosen!);
    } catch {
      // Without storage the choice holds until the page is closed.
    }
  }

  private choose(theme: 'light' | 'dark'): void {
    this.chosen = theme;
    document.documentElement.dataset.theme = theme;
    this.changed();
  }

  private changed(): void {
    known.clear();
    this.version += 1;
  }
}

function read(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}

export const theme = new Theme();

/** A colour of the theme as a canvas takes it: red, green, blue, 0 to 255. */
export function rgb(variable: string): [number, number, number] {
  let color = known.get(variable);
  if (!color) {
    const probe = document.body.appendChild(document.createElement('i'));
    probe.style.color = `var(${variable})`;
    // Where the system forces its colours on text, pictures keep theirs.
    probe.style.setProperty('forced-color-adjust', 'none');
    const [r = 0, g = 0, b = 0] =
      getComputedStyle(probe)
        .color.match(/[\d.]+/g)
        ?.map(Number) ?? [];
    probe.remove();
    color = [r, g, b];
    known.set(variable, color);
  }
  return color;
}

/** The same as CSS text, with an opacity. */
export function rgba(variable: string, opacity = 1): string {
  return `rgb(${rgb(variable).join(' ')} / ${opacity})`;
}
