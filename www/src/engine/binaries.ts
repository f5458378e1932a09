/** One download and one compilation of each binary for all workers of the page. */
import type { BinaryName } from './protocol';

type Compiled = WebAssembly.Module | null;

export class Binaries {
  private readonly known = new Map<BinaryName, Promise<Compiled>>();

  /** Starts a binary with what another worker has compiled, waiting for one that is at it. */
  async start(name: BinaryName, load: (compiled: Compiled) => Promise<Compiled>): Promise<void> {
    const before = this.known.get(name);
    if (before) {
      await load(await before.catch(() => null));
      return;
    }
    const first = load(null);
    this.known.set(name, first);
    try {
      await first;
    } catch (error) {
      this.known.delete(name);
      throw error;
    }
  }
}
