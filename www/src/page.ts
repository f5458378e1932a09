/** What the panels need of the page: tasks of their own, what is in sight, the size of text. */

/** Does something in a later task; gives back what calls it off. */
export function later(work: () => void): () => void {
  const timer = setTimeout(work);
  return () => clearTimeout(timer);
}

/** Milliseconds between two changes of the address; browsers refuse more than about 100 in 30 s. */
const ADDRESS = 400;
let kept: ReturnType<typeof setTimeout> | undefined;

/** Puts a link into the page's address, soon. */
export function keepAddress(hash: string): void {
  clearTimeout(kept);
  kept = setTimeout(
    () => history.replaceState(null, '', hash || location.pathname + location.search),
    ADDRESS,
  );
}

/** Milliseconds of a slice of long work. */
const SLICE = 8;

/** Does long work in slices, each in a task of its own; gives back what calls it off. */
export function inSlices<T>(work: Generator<void, T>, done: (result: T) => void): () => void {
  let cancel = later(next);
  function next() {
    const end = performance.now() + SLICE;
    while (performance.now() < end) {
      const step = work.next();
      if (step.done) return done(step.value);
    }
    cancel = later(next);
  }
  return () => cancel();
}

/** Tells whether an element is in sight or nearly so, now and whenever that changes. */
export function watchSight(element: Element, tell: (near: boolean) => void): () => void {
  const observer = new IntersectionObserver(
    (entries) => tell(entries.some(({ isIntersecting }) => isIntersecting)),
    { rootMargin: '25%' },
  );
  observer.observe(element);
  return () => observer.disconnect();
}

let root = 0;
addEventListener('resize', () => (root = 0));

/** Size of the page's text in pixels; measured only when it may have changed. */
export function rootSize(): number {
  root ||= parseFloat(getComputedStyle(document.documentElement).fontSize);
  return root;
}

/** Where a key takes a selection among so many places: by one, by a twentieth, to an end; or null. */
export function placeAfter(key: string, at: number, places: number): number | null {
  const page = Math.ceil(places / 20);
  const moves: Record<string, number> = {
    ArrowLeft: at - 1,
    ArrowRight: at + 1,
    PageDown: at + page,
    PageUp: at - page,
    Home: 0,
    End: places - 1,
  };
  const to = moves[key];
  return to === undefined ? null : Math.max(0, Math.min(places - 1, to));
}
