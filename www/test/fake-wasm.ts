/** Any file stands for the wasm: the stand-in does not read it. */
import url from './fake-session.ts?url';

export default url;
