/** The page without a connection: has it stored for the next visit, and tells of a new version. */

/** Files by their addresses within the page, and what names this set of them. */
export interface OfflineFiles {
  version: string;
  /** Stored at the first visit. */
  always: string[];
  /** Stored when they are fetched. */
  onDemand: string[];
}

class Offline {
  /** A newer version is stored and waits to be taken. */
  waiting = $state.raw<ServiceWorker | null>(null);

  /** Stores the page; where that is not possible (some private windows, no https) it goes without. */
  async begin(): Promise<void> {
    const { serviceWorker } = navigator;
    if (!serviceWorker) return;
    try {
      const registration = await serviceWorker.register('service-worker.js');
      this.watch(registration);
    } catch (error) {
      console.debug(error);
    }
  }

  /** Opens the new version, in this page and in every other that is open. */
  take(): void {
    navigator.serviceWorker.addEventListener('controllerchange', () => location.reload());
    this.waiting?.postMessage('take over');
    this.waiting = null;
  }

  private watch(registration: ServiceWorkerRegistration): void {
    // The first version has nobody to take over from.
    const tell = () => {
      if (registration.waiting && registration.active) this.waiting = registration.waiting;
    };
    tell();
    registration.addEventListener('updatefound', () => {
      registration.installing?.addEventListener('statechange', tell);
    });
  }
}

export const offline = new Offline();
