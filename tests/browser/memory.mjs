// The memory that the browser's processes take, by the system's own count.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/**
 * Memory of the browser's largest renderer process, MiB: the tab with its workers. `VmRSS` is what is
 * resident now, `VmHWM` the most that ever was.
 */
export function rendererMemory(field = 'VmRSS') {
  const pids = execFileSync('pgrep', ['-f', 'type=renderer']).toString().trim().split('\n');
  const resident = pids.map((pid) => {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return Number(status.match(new RegExp(`${field}:\\s+(\\d+)`))?.[1] ?? 0) / 1024;
  });
  return Math.round(Math.max(...resident));
}
