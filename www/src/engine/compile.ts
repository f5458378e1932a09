/** Compiling a binary, with messages for people. */

/** Compiles a binary while it arrives. */
export async function compile(file: Response, name: string): Promise<WebAssembly.Module> {
  if (typeof WebAssembly === 'undefined') {
    throw new Error(
      'WebAssembly is switched off in this browser, so that the engine cannot run. Switch it on (a lockdown mode or a policy forbids it), or use another browser.',
    );
  }
  const headers = { 'content-type': 'application/wasm' };
  try {
    return await WebAssembly.compileStreaming(new Response(file.body, { headers }));
  } catch (error) {
    throw new Error(why(error as Error, name), { cause: error });
  }
}

function why(error: Error, name: string): string {
  if (/CSP|content security policy|unsafe-eval/i.test(error.message)) {
    return "The server's Content-Security-Policy forbids WebAssembly, so that the engine cannot run. Serve the page with 'wasm-unsafe-eval' in script-src.";
  }
  if (!(error instanceof WebAssembly.CompileError)) {
    return `${name} could not be fetched to its end. Check the connection and try again.`;
  }
  return `${name} cannot be compiled: the file is damaged, or this browser is too old for it (${error.message}). Try again, or update the browser.`;
}
