/** Records of runs for the tests. */
import type { Evaluation } from '../src/engine/protocol';
import type { RunRecord } from '../src/record';
import { config } from './scripted';

/** An evaluation whose GAUCs are those given, of both windows. */
export function evaluation(step: number, favourite: number, purchase: number): Evaluation {
  const task = (gauc: number) => ({ gauc, auc: gauc, groups: 10, share: 0.5 });
  return {
    step,
    tasks: [task(favourite), task(purchase)],
    validation: [favourite, purchase],
    gate_mean: [],
    gate_std: [],
    gate_entropy: [],
    sharing: [],
    milliseconds: 1.5,
    instances: 100,
    complete: true,
  };
}

/** A record with some fields changed, as the text of its file. */
export function file(changes: Partial<Record<keyof RunRecord | 'format', unknown>> = {}): string {
  return JSON.stringify({
    format: 1,
    dataset: { name: 'scripted', synthetic: true, fingerprint: 'scripted' },
    engine: 'flex',
    config: config(),
    parameters: { network: 1, tables: 1 },
    steps: 12,
    seconds: 3.5,
    ended: { how: 'finished', why: 'all steps are done' },
    best: null,
    evaluations: [evaluation(0, 0.5, 0.51), evaluation(5, 0.6, 0.7)],
    ...changes,
  });
}
