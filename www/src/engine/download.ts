/** Fetching with progress and with messages for people. */
import type { Progress } from './protocol';

/** Fetches a file; `total` is its size where that is known beforehand. */
export async function download(url: string, progress: Progress, total?: number): Promise<Response> {
  const name = new URL(url, location.href).pathname.split('/').pop();
  let response: Response;
  try {
    response = await fetch(url);
  } catch {
    throw new Error(`${name} could not be fetched. Check the connection and try again.`);
  }
  if (!response.ok) {
    throw new Error(
      `${name} could not be fetched: the server answers ${response.status}. ` +
        'The page may be incomplete; build it again with `cargo xtask build`.',
    );
  }
  // A compressed response announces the bytes on the wire, not those that arrive here.
  const size = total || (response.headers.has('content-encoding') ? 0 : contentLength(response));
  const body = response.body?.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform: meter(size, progress),
      flush: () => progress(1),
    }),
  );
  return new Response(body, { headers: response.headers });
}

function contentLength(response: Response): number {
  return Number(response.headers.get('content-length') ?? 0);
}

function meter(size: number, progress: Progress) {
  let received = 0;
  return (chunk: Uint8Array, controller: TransformStreamDefaultController<Uint8Array>) => {
    received += chunk.byteLength;
    if (size > 0) progress(Math.min(1, received / size));
    controller.enqueue(chunk);
  };
}
