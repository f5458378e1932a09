/** What a browser keeps of this page from visit to visit: a few named things, in IndexedDB. */
import { del, get, set } from 'idb-keyval';

/** A place for named things; every method may reject, for instance where storage is forbidden. */
export interface Shelf {
  get(name: string): Promise<unknown>;
  set(name: string, thing: unknown): Promise<void>;
  remove(name: string): Promise<void>;
}

export const browserShelf: Shelf = {
  get: async (name) => get<unknown>(name),
  set: async (name, thing) => set(name, thing),
  remove: async (name) => del(name),
};

/** Whether something could not be kept because there is no room for it. */
export function isFull(error: unknown): boolean {
  return (error as Error | null)?.name === 'QuotaExceededError';
}
