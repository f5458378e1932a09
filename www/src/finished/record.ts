/** Trains the finished run with the engine of the page, when the page is built (`xtask/finished.mjs`). */
import { CHANNELS } from '../engine/protocol';
import type { Evaluation, SessionModule, StepReport } from '../engine/protocol';
import { interesting } from '../gates';
import { pack } from './pack';
import { shrink } from './small';
import type { FinishedRun } from './small';

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
