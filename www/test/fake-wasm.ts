/** The smallest wasm there is: the stand-in has no use for it. */
export default '/data/empty.wasm';
