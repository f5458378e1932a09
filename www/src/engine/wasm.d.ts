/** What wasm-bindgen writes to `engine-wasm/`, for a checkout where it has not been built. */
declare module '*/engine-wasm/cpu/moge.js';
declare module '*/engine-wasm/full/moge.js';

/** Bytes of the wasm files, put in by Vite. */
declare const __WASM_BYTES__: Record<'cpu' | 'full', number>;

/** Whether a finished run comes with the page. */
declare const __FINISHED__: boolean;
