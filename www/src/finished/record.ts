/**
 * Makes `finished.moge` when the page is built (`xtask/finished.mjs`): trains a run to its end with
 * the engine of the page, and has the engine draw its charts.
 */
import { gaucChart, lossChart, shownOf, weightChart } from '../curves';
import type { Content } from '../curves';
import { CHANNELS, TASKS } from '../engine/protocol';
import type { Evaluation, SessionModule, StepReport } from '../engine/protocol';
import { interesting } from '../gates';
import { LANGUAGES, language } from '../language.svelte';
import { WIDTHS, keyOf } from './drawings';
import type { Drawing } from './drawings';
import type { FinishedFile } from './load';
import { pack, unpack } from './pack';
import { restore, shrink } from './small';
import type { FinishedRun, SmallRun } from './small';

/** The page's first run: the preset it opens with, on the engine that runs everywhere. */
export async function train(
  { Session }: SessionModule,
  dataset: Uint8Array,
  layout: Uint8Array,
  tell: (step: number) => void,
): Promise<Uint8Array> {
  const session = new Session();
  const card = session.open(dataset, layout);
  const presets = Session.presets();
  const info = await session.start(presets.demo, 'flex');
  const evaluations: Evaluation[] = [await session.evaluate()];
  const reports: StepReport[] = [];
  while (!(reports.at(-1)?.ended ?? evaluations.at(-1)?.ended)) {
    const report = await session.step();
    reports.push(report);
    if (report.ended || report.step % info.config.evaluate_every === 0) {
      evaluations.push(await session.evaluate());
      tell(report.step);
    }
  }
  const gates = session.gates();
  const chosen = interesting(gates);
  if (chosen === null) throw new Error('No test pair was scored.');
  const run: FinishedRun = {
    card,
    presets,
    models: Session.models(),
    info,
    evaluations,
    reports,
    gates,
    explanation: await session.explain(chosen, []),
    maps: Object.fromEntries(
      CHANNELS.map((channel) => [channel, session.channel(channel)]),
    ) as FinishedRun['maps'],
  };
  return pack(shrink(run));
}

/** Adds the charts in every language, just as the page will ask for them. */
export async function draw({ Session }: SessionModule, trained: Uint8Array): Promise<Uint8Array> {
  const small = (await unpack(trained)) as SmallRun;
  const run = restore(small)!;
  const drawings: Drawing[] = [];
  for (const each of LANGUAGES) {
    await language.choose(each);
    for (const content of chartsOf(run)) {
      const spec = shownOf(content, content.off ?? [], 0);
      const key = keyOf(spec);
      if (drawings.some((drawing) => drawing.key === key)) continue;
      const svgs = WIDTHS.map((width_em) => Session.chart({ ...spec, width_em }));
      drawings.push({ key, svgs });
    }
  }
  const file: FinishedFile = { run: small, drawings };
  return pack(file);
}

/** The charts that the page shows at first. */
function chartsOf({ evaluations, reports }: FinishedRun): Content[] {
  return [
    ...TASKS.map((_, k) => gaucChart([], [], k, 'range', evaluations)),
    lossChart(reports),
    weightChart(reports),
  ];
}
