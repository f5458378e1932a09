/** What the page of measurements says, in both languages: it is fetched with that page alone. */
import type { Language } from '../language.svelte';
import type { Measurement } from '../engine/protocol';

interface Words {
  title: string;
  about: string;
  running: string;
  failed: string;
  json: string;
  /** What is shown of a measurement, in this order. */
  figures: Partial<Record<keyof Measurement, string>>;
}

const en: Words = {
  title: 'A training step, measured',
  about:
    'This page trains MoGE on a dataset made for the purpose, in a worker, and shows what a step takes here. Leave it in front until it is done. Times are medians.',
  running: 'Measuring',
  failed: 'The measurement failed',
  json: 'All of it, as window.mogeBench',
  figures: {
    engine: 'Engine',
    form: 'Operations',
    batch: 'Pairs per step',
    step_ms: 'Step, ms',
    sampling_ms: 'of it sampling, ms',
    forward_ms: 'of it forward, ms',
    backward_ms: 'of it backward, ms',
    update_ms: 'of it update, ms',
    samples_per_s: 'Samples per second',
    gflop_per_step: 'Matrix products per step, GFLOP',
    gflops: 'Matrix products in the step, GFLOP/s',
    gemm_gflops: 'Matrix products alone, GFLOP/s',
    peak_mib: 'Memory at most, MiB',
  },
};

const zh: Words = {
  title: '训练一步的测量',
  about:
    '本页在工作线程中用专门生成的数据集训练 MoGE,并显示在这台机器上一步需要多久。完成之前请让本页保持在前台。时间为中位数。',
  running: '正在测量',
  failed: '测量失败',
  json: '全部结果(即 window.mogeBench)',
  figures: {
    engine: '引擎',
    form: '算子',
    batch: '每步样本对数',
    step_ms: '一步,毫秒',
    sampling_ms: '其中采样,毫秒',
    forward_ms: '其中前向,毫秒',
    backward_ms: '其中反向,毫秒',
    update_ms: '其中更新,毫秒',
    samples_per_s: '每秒样本数',
    gflop_per_step: '每步矩阵乘法,GFLOP',
    gflops: '步内矩阵乘法,GFLOP/s',
    gemm_gflops: '单独矩阵乘法,GFLOP/s',
    peak_mib: '最大内存,MiB',
  },
};

export const words: Record<Language, Words> = { en, zh };
