/** The record of a run as it stands in a file: `run.json` of `moge train`, or an export of the page. */
import type { Config, Ended, Evaluation, RunInfo } from './engine/protocol';
import { SETTINGS, SETTING_NAMES, formatSetting, parseSetting } from './state';
import { text } from './text';

const FORMAT = 1;

export interface RunRecord {
  dataset: { name: string; fingerprint: string };
  engine: RunInfo['engine'];
  config: Config;
  steps: number;
  ended: Ended | null;
  evaluations: Evaluation[];
}

/** The name of a dataset with what tells it from others of that name. */
export function nameOf({ name, fingerprint }: RunRecord['dataset']): string {
  return `${name} (${fingerprint.slice(0, 8)})`;
}

type Fields = Record<string, unknown>;

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isStep = (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 0;
const isShare = (value: unknown) =>
  value === null || (typeof value === 'number' && value >= 0 && value <= 1);

/** Reads a record; what is wrong with it is said in the error, for people. */
export function parseRecord(json: string): RunRecord {
  const words = text.share.files;
  let record: unknown;
  try {
    record = JSON.parse(json);
  } catch {
    throw new Error(words.notJson);
  }
  if (!isObject(record)) throw new Error(words.notRun('format'));
  if (typeof record.format === 'number' && record.format !== FORMAT)
    throw new Error(words.format(String(record.format)));
  const { config, evaluations } = record;
  const checks: [field: string, good: boolean][] = [
    ['format', record.format === FORMAT],
    ['dataset', isObject(record.dataset) && typeof record.dataset.fingerprint === 'string'],
    ['engine', ['flex', 'ndarray', 'webgpu'].includes(record.engine as string)],
    ['config', isObject(config) && 'system' in config && 'seed' in config],
    ['steps', isStep(record.steps)],
    ['ended', !record.ended || (isObject(record.ended) && typeof record.ended.why === 'string')],
    ['evaluations', Array.isArray(evaluations) && evaluations.every(isEvaluation)],
  ];
  const wrong = checks.find(([, good]) => !good);
  if (wrong) throw new Error(words.notRun(wrong[0]));
  checkSettings(config as Fields);
  if ((evaluations as unknown[]).length === 0) throw new Error(words.unscored);
  return record as unknown as RunRecord;
}

function isEvaluation(value: unknown): boolean {
  if (!isObject(value) || !isStep(value.step)) return false;
  const { tasks, validation } = value;
  const scored = (task: unknown) => isObject(task) && isShare(task.gauc) && isShare(task.auc);
  return (
    Array.isArray(tasks) &&
    tasks.length === 2 &&
    tasks.every(scored) &&
    Array.isArray(validation) &&
    validation.every(isShare)
  );
}

function checkSettings(config: Fields): void {
  for (const name of SETTING_NAMES.filter((each) => each in config)) {
    const kind = SETTINGS[name];
    const value = config[name];
    const listed = kind.kind === 'integers' || kind.kind === 'switches';
    const good = Array.isArray(value) === listed;
    if (!good || parseSetting(kind, formatSetting(kind, value)) === undefined)
      throw new Error(text.share.files.setting(name, JSON.stringify(value)));
  }
}
