/** Has the engine draw the charts of the finished run, when the page is built (`xtask/finished.mjs`). */
import { gateChart, gaucChart, lossChart, shownOf, weightChart } from '../curves';
import type { Content } from '../curves';
import { TASKS } from '../engine/protocol';
import type { ChartSpec } from '../engine/drawings';
import type { SessionModule } from '../engine/protocol';
import { LANGUAGES, language } from '../language.svelte';
import { WIDTHS, keyOf } from './drawings';
import type { Drawing } from './drawings';
import type { FinishedFile } from './load';
import { pack, unpack } from './pack';
import { restore } from './small';
import type { FinishedRun, SmallRun } from './small';

/** Adds the charts in every language, just as the page will ask for them. */
export async function draw({ Session }: SessionModule, trained: Uint8Array): Promise<Uint8Array> {
  const small = (await unpack(trained)) as SmallRun;
  const run = restore(small)!;
  const specs: ChartSpec[] = [];
  for (const each of LANGUAGES) {
    await language.choose(each);
    specs.push(...chartsOf(run).map((content) => shownOf(content, content.off ?? [], 0)));
  }
  // The languages of a chart stand together, where they cost the compressor next to nothing.
  const count = specs.length / LANGUAGES.length;
  const drawings = Array.from({ length: count }, (_, chart) =>
    WIDTHS.flatMap((width_em) =>
      LANGUAGES.map<Drawing>((__, each) => {
        const spec = { ...specs[each * count + chart]!, width_em };
        return { key: keyOf(spec), width_em, svg: Session.chart(spec) };
      }),
    ),
  ).flat();
  const file: FinishedFile = { run: small, drawings };
  return pack(file);
}

/** The charts that the page shows at first. */
function chartsOf({ info, evaluations, reports }: FinishedRun): Content[] {
  return [
    ...TASKS.map((_, k) => gaucChart([], [], k, 'range', evaluations)),
    lossChart(reports),
    weightChart(reports),
    ...TASKS.map((_, k) => gateChart(evaluations, info.experts, k)),
  ];
}
