/**
 * The module worker: the only file that touches the engine's wasm. It knows where the two binaries
 * are and whether WebGPU can be used; `Driver` does the rest.
 */
import * as Comlink from 'comlink';
import cpuWasm from '../../engine-wasm/cpu/moge_bg.wasm?url';
import fullWasm from '../../engine-wasm/full/moge_bg.wasm?url';
import { compile } from './compile';
import { download } from './download';
import { Driver } from './driver';
import type { BinaryName, Progress, SessionModule } from './protocol';

/** What the WebGPU engine cannot do without: its device creation panics otherwise. */
const NEEDED_FEATURE = 'timestamp-query';

const BINARIES: Record<BinaryName, { module: () => Promise<SessionModule>; wasm: string }> = {
  cpu: { module: () => import('../../engine-wasm/cpu/moge.js'), wasm: cpuWasm },
  full: { module: () => import('../../engine-wasm/full/moge.js'), wasm: fullWasm },
};

/** Why WebGPU is out of the question here, or null. `software` accepts an emulated adapter. */
async function gpuObstacle(software: boolean): Promise<string | null> {
  const gpu = (navigator as { gpu?: GPU }).gpu;
  if (!gpu) return 'this browser has no WebGPU';
  const adapter = await gpu.requestAdapter().catch(() => null);
  if (!adapter) return 'no WebGPU adapter answers on this machine';
  const emulated =
    adapter.info?.isFallbackAdapter ||
    (adapter as { isFallbackAdapter?: boolean }).isFallbackAdapter;
  if (emulated && !software) return 'it is only emulated in software on this machine';
  if (!adapter.features.has(NEEDED_FEATURE)) {
    return `this machine's adapter lacks the feature ${NEEDED_FEATURE}`;
  }
  return null;
}

async function fetched(binary: BinaryName, progress: Progress): Promise<WebAssembly.Module> {
  const url = BINARIES[binary].wasm;
  const file = await download(url, progress, __WASM_BYTES__[binary]);
  return compile(file, url.split('/').pop()!);
}

async function load(
  binary: BinaryName,
  progress: Progress,
  given: WebAssembly.Module | null,
): Promise<{ module: SessionModule; compiled: WebAssembly.Module }> {
  const [module, compiled] = await Promise.all([
    BINARIES[binary].module(),
    given ?? fetched(binary, progress),
  ]);
  await module.default({ module_or_path: compiled });
  return { module, compiled };
}

// A panic inside an asynchronous call rejects a promise that nobody holds; make it an error of the
// worker, which the page hears.
addEventListener('unhandledrejection', (event) => {
  event.preventDefault();
  setTimeout(() => {
    throw event.reason;
  });
});

Comlink.expose(new Driver({ load, gpuObstacle }));
