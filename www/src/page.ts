/** What the panels need of the page: tasks of their own, what is in sight, the size of text. */

/** Does something in a later task; gives back what calls it off. */
export function later(work: () => void): () => void {
  const timer = setTimeout(work);
  return () => clearTimeout(timer);
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
