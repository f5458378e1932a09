/** Measures a training step in a worker of its own, as `moge bench` does on the command line. */
import * as Comlink from 'comlink';
import { spawnWorker } from '../engine/client';
import type { Measured, Measurement, Progress } from '../engine/protocol';

export async function measure(asked: Measured, progress: Progress): Promise<Measurement> {
  let fail: (error: Error) => void = () => {};
  const end = new Promise<never>((_, reject) => (fail = reject));
  const { engine, terminate } = spawnWorker((why) => fail(new Error(why)));
  const work = async () => {
    await engine.load(
      await engine.binary(asked.engine),
      Comlink.proxy(() => {}),
      null,
    );
    return engine.bench(asked, Comlink.proxy(progress));
  };
  try {
    return await Promise.race([work(), end]);
  } finally {
    terminate();
  }
}
