// The memory that the browser's processes take, by the system's own count.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** Memory of the browser's largest process of a kind, MiB. */
function memoryOf(kind, field) {
  const pids = execFileSync('pgrep', ['-f', `type=${kind}`]).toString().trim().split('\n');
  const resident = pids.map((pid) => {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return Number(status.match(new RegExp(`${field}:\\s+(\\d+)`))?.[1] ?? 0) / 1024;
  });
  return Math.round(Math.max(...resident));
}

/**
 * Memory of the browser's largest renderer process, MiB: the tab with its workers. `VmRSS` is what is
 * resident now, `VmHWM` the most that ever was.
 */
export const rendererMemory = (field = 'VmRSS') => memoryOf('renderer', field);

/** Memory of the process that runs what is on the GPU, or on its software adapter, MiB. */
export const gpuMemory = () => memoryOf('gpu-process', 'VmRSS');
